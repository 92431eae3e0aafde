"""Signing out."""

from access.actor import Actor
from access.trail import record
from models.database import service_transaction
from services.end_sessions import end_sessions
from services.runtime import Runtime


async def sign_out(runtime: Runtime, actor: Actor) -> None:
    """Ends the actor's session, and at once what it has subscribed to. Without a session it does nothing."""
    if actor.session_id is None:
        return
    # Sessions are out of the application's reach; this one is the actor's own.
    async with service_transaction() as connection:
        await record(connection, actor, "sign_out", runtime.clock.now(), [str(actor.session_id)])
        await end_sessions(connection, session_id=actor.session_id, reason="sign_out")
    runtime.hub.wake()
