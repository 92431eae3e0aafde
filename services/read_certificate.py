"""Fetching a certificate's PDF: by a ticket of a few minutes, while the session that asked for it stands, on record."""

from dataclasses import dataclass, replace
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
from access.visible import visible
from models.certificate import Certificate
from models.database import service_connection, service_transaction, snapshot
from models.state import CertificateState
from services.own_case import own_case, own_cases
from services.print_certificates import key_place, print_certificate
from services.problem import NotFound
from services.runtime import Runtime
from services.stored_object import get
from storage.object_store import ObjectMissing

LASTS = timedelta(minutes=5)
"""As long as a photo's: whoever looks at a page fetches what is on it at once."""

_PURPOSE = "certificate"

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed PDF and the name that its file has."""

    name: str
    data: bytes


def certificate_ticket(
    runtime: Runtime, actor: Actor, certificate: Certificate, declaration_id: UUID | None = None
) -> str | None:
    """A ticket to fetch this paper with; None while there is none, and for whoever may not.

    It is good for the actor's own session alone; a resident's names the declaration by which the case is theirs.
    """
    if certificate.state != CertificateState.SIGNED or actor.session_id is None or not certificate.content:
        return None
    if not may(actor, Action.FETCH_CERTIFICATE if declaration_id else Action.SEE_PERSON):
        return None
    said = {
        "id": str(certificate.id),
        "session": str(actor.session_id),
        "declaration": str(declaration_id) if declaration_id else None,
    }
    return make_ticket(runtime.sealer, _PURPOSE, said, runtime.clock.now() + LASTS)


async def read_certificate(runtime: Runtime, ticket: str, origin: str | None, request_id: str) -> Paper:
    """The signed PDF; the look is on record before it is given out. One that was just signed is made here.

    Whoever the ticket was made for is looked up anew. Raises NotFound, NoTrail, StoreUnavailable.
    """
    try:
        said = read_ticket(runtime.sealer, _PURPOSE, ticket, runtime.clock.now())
    except BadTicket:
        raise NotFound from None
    session, id = UUID(said["session"]), UUID(said["id"])
    actor = (await standing([session], service_connection())).get(session)
    if actor is None:
        raise NotFound
    declaration = UUID(said["declaration"]) if said["declaration"] else None
    row = await _row(actor, id, declaration)
    if row.object_key is None:
        # Whether it is made here or has just been made elsewhere, it is in the row now.
        await print_certificate(runtime, id)
        row = await _row(actor, id, declaration)
    if row.object_key is None or row.data_key is None:
        raise NotFound
    now = runtime.clock.now()
    viewer = replace(actor, origin=origin, request_id=request_id)
    await runtime.trail.write([Line(viewer, "read_certificate", now, [str(row.id), str(row.case_id)])])
    try:
        return Paper(f"{row.code}.pdf", await get(runtime, key_place(id), row.object_key, row.data_key))
    except (ObjectMissing, UnsealError):
        # A store that was not restored with its database, or that somebody has written to.
        logger.error("certificate_unreadable", certificate=str(row.id))
        raise NotFound from None


async def _row(actor: Actor, id: UUID, declaration: UUID | None) -> Certificate:
    """The certificate, where the actor may fetch it. Raises NotFound; a revoked one is given to nobody."""
    if declaration is not None:
        if not may(actor, Action.FETCH_CERTIFICATE):
            raise NotFound
        # The service's login: no resident has bounds of cases. `own_case` narrows it to what this phone has declared.
        async with service_transaction() as connection:
            case = await own_case(connection, actor, declaration)
            of = (await own_cases(connection, actor, [case.id])).items()
            cases = {id for pair in of for id in pair}
            row = await Certificate.filter(id=id, case_id__in=cases).using_db(connection).first()
    elif may(actor, Action.SEE_PERSON):
        async with snapshot(bounds_of(actor)) as connection:
            row = await visible(actor, Certificate, connection).filter(id=id).first()
    else:
        raise NotFound
    if row is None or row.state != CertificateState.SIGNED:
        raise NotFound
    return row
