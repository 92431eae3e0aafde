"""A newer token for a socket that is open, so that what runs on it goes on."""

from datetime import datetime

from access.actor import Actor
from access.authenticate import ticket_of
from access.tokens import BadToken
from services.problem import InvalidCredentials, SocketOnly
from services.runtime import Runtime


async def renew_session(runtime: Runtime, actor: Actor, token: str, *, on_socket: bool) -> datetime:
    """Moves the end of the socket's ticket to the token's, never back; until when the socket may stay open now.

    Raises SocketOnly where nothing would be renewed, InvalidCredentials for a token that is not good or that is of
    another session: whoever has changed opens a socket of their own.
    """
    if not on_socket:
        raise SocketOnly
    try:
        claims = await runtime.tokens.check(token)
    except BadToken:
        raise InvalidCredentials("SESSION_OVER") from None
    # That the session stands was asked before this operation, as before every other.
    if actor.ticket is None or claims.session_id != actor.session_id:
        raise InvalidCredentials("SESSION_OVER")
    newer = ticket_of(claims)
    if newer.expires_at > actor.ticket.expires_at:
        actor.ticket.expires_at, actor.ticket.grace = newer.expires_at, newer.grace
    return actor.ticket.expires_at
