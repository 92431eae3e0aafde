"""The case that a resident's own declaration belongs to, for what a resident may do with it."""

from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.bounds import grantee
from models.case import Case
from models.case_grant import CaseGrant
from services.problem import NotFound


async def own_case(connection: AsyncpgDBClient, actor: Actor, declaration_id: UUID, *, locked: bool = False) -> Case:
    """The case, where the resident's phone has declared this and the case was opened from that phone.

    Both, because whoever types a neighbour's national id gets a declaration of their own that joins the neighbour's
    case: they must neither act on it nor learn how it stands. For the service's login, whose transactions pass the
    second wall: this is what narrows them. `locked` until the transaction ends. Raises NotFound.
    """
    phone, name = actor.phone_hash, grantee(actor)
    if actor.kind != "RESIDENT" or not phone or name is None:
        raise NotFound
    grants = CaseGrant.filter(grantee=name, declaration_id=declaration_id, ended_at__isnull=True)
    grant = await grants.using_db(connection).first()
    if grant is None:
        raise NotFound
    cases = Case.filter(id=grant.case_id, phone_hash=phone, anonymised_at__isnull=True).using_db(connection)
    case = await (cases.select_for_update() if locked else cases).first()
    if case is None:
        raise NotFound
    return case
