"""The case that a resident's own declaration belongs to, for what a resident may do with it."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import visible
from models.case import Case
from models.declaration import Declaration
from models.state import CaseState
from services.batch import padded
from services.merged_cases import families
from services.problem import NotFound


async def own_case(connection: AsyncpgDBClient, actor: Actor, declaration_id: UUID, *, locked: bool = False) -> Case:
    """The case, where the resident's phone has declared this and the case was opened from that phone.

    Both, because whoever types a neighbour's national id gets a declaration of their own that joins the neighbour's
    case: they must neither act on it nor learn how it stands. For the service's login, whose transactions pass the
    second wall: this is what narrows them. `locked` until the transaction ends. Raises NotFound.
    """
    if actor.kind != "RESIDENT" or not actor.phone_hash:
        raise NotFound
    declaration = await visible(actor, Declaration, connection).filter(id=declaration_id).first()
    if declaration is None:
        raise NotFound
    own = Case.filter(id=declaration.case_id, phone_hash=actor.phone_hash, anonymised_at__isnull=True)
    cases = own.using_db(connection)
    case = await (cases.select_for_update() if locked else cases).first()
    if case is None:
        raise NotFound
    return case


async def goes_on_for(connection: AsyncpgDBClient, own: Case) -> Case:
    """The case that a resident's acts are acts on, locked: that into which their own was merged, which is the same
    person's. What they send stays with their own, so that nobody else who has reported the person is shown it.
    """
    case = own
    while case.state == CaseState.MERGED and case.merged_into is not None:
        kept = await Case.filter(id=case.merged_into).select_for_update().using_db(connection).first()
        if kept is None:
            break
        case = kept
    return case


async def own_cases(connection: AsyncpgDBClient, actor: Actor, case_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Those of these cases that were opened from the resident's phone, each with the case that goes on for it.

    A merge says that both are one person: the certificate of the case that goes on is of whoever has opened the other.
    The caller has found the cases by what this phone has declared; for the service's login, as `own_case` is.
    """
    if actor.kind != "RESIDENT" or not actor.phone_hash:
        return {}
    return await opened_from(connection, actor.phone_hash, case_ids)


async def opened_from(connection: AsyncpgDBClient, phone_hash: str, case_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The same for a phone that has sent the reports of these cases, as the caller knows by a receipt's code."""
    if not case_ids:
        return {}
    own = Case.filter(id__in=padded(case_ids), phone_hash=phone_hash, anonymised_at__isnull=True)
    ids = [case.id for case in await own.using_db(connection).only("id")]
    goes_on = await families(connection, ids) if ids else {}
    return {id: goes_on[id] for id in ids}
