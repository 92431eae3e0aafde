"""Looking at a photo: by a ticket of a few minutes, while the session that asked for it stands, and on record."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog

from access.actor import Actor
from access.authenticate import standing
from access.bounds import bounds_of
from access.object_ticket import BadTicket, make_ticket, read_ticket
from access.policy import Action, may
from access.sealing import UnsealError
from access.trail import Line
from access.visible import reachable
from models.database import service_connection, snapshot
from models.evidence import Evidence
from services.problem import NotFound
from services.runtime import Runtime
from services.stored_object import get
from services.upload_evidence import place_of
from storage.object_store import ObjectMissing

LASTS = timedelta(minutes=5)
"""A browser fetches a page's pictures at once; what is looked at later is asked for anew."""

_PURPOSE = "evidence"

logger = structlog.get_logger(__name__)


def evidence_ticket(runtime: Runtime, actor: Actor, id: UUID) -> str | None:
    """A ticket to look at this photo with; None for whoever may not. It is good for the actor's own session alone."""
    if actor.session_id is None or not may(actor, Action.SEE_EVIDENCE):
        return None
    said = {"id": str(id), "session": str(actor.session_id)}
    return make_ticket(runtime.sealer, _PURPOSE, said, runtime.clock.now() + LASTS)


async def read_evidence(runtime: Runtime, ticket: str, origin: str | None, request_id: str) -> bytes:
    """The photo as a JPEG; the look is on record before it is given out.

    Whoever the ticket was made for is looked up anew: who has lost the role, the area or the session sees nothing any
    more. Raises NotFound, NoTrail, StoreUnavailable.
    """
    try:
        said = read_ticket(runtime.sealer, _PURPOSE, ticket, runtime.clock.now())
    except BadTicket:
        raise NotFound from None
    session, id = UUID(said["session"]), UUID(said["id"])
    actor = (await standing([session], service_connection())).get(session)
    if actor is None or not may(actor, Action.SEE_EVIDENCE):
        raise NotFound
    async with snapshot(bounds_of(actor)) as connection:
        row = await reachable(actor, Evidence, connection).filter(id=id, removed_at__isnull=True).first()
    if row is None or row.object_key is None or row.data_key is None:
        raise NotFound
    now = runtime.clock.now()
    viewer = replace(actor, origin=origin, request_id=request_id)
    await runtime.trail.write([Line(viewer, "read_evidence", now, [str(row.id), str(row.case_id)])])
    try:
        return await get(runtime, place_of(row.id), row.object_key, row.data_key)
    except (ObjectMissing, UnsealError):
        # A store that was not restored with its database, or that somebody has written to.
        logger.error("evidence_unreadable", evidence=str(row.id))
        raise NotFound from None
