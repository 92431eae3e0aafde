"""The case that a resident's own declaration belongs to, for what a resident may do with it."""

from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import visible
from models.case import Case
from models.declaration import Declaration
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
