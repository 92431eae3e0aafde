"""The declaration that a resident's own phone has sent, for what they may do with it."""

from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import visible
from models.case import Case
from models.declaration import Declaration
from services.problem import NotFound


async def locked_own_declaration(
    connection: AsyncpgDBClient, actor: Actor, declaration_id: UUID
) -> tuple[Declaration, Case]:
    """The declaration and its case, both locked until the transaction ends, the case first. Raises NotFound.

    The case may be another's whom the report has joined: it is locked and settled, and nothing of it is shown.
    """
    if actor.kind != "RESIDENT":
        raise NotFound
    own = visible(actor, Declaration, connection).filter(id=declaration_id)
    found = await own.first()
    if found is None:
        raise NotFound
    case = await Case.filter(id=found.case_id).using_db(connection).select_for_update().first()
    declaration = await own.select_for_update().first()
    if case is None or declaration is None:
        raise NotFound
    declaration.granted = True
    return declaration, case
