"""What a resident's phone has declared, newest first."""

from datetime import UTC

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from access.actor import Actor
from access.policy import Action, may
from access.visible import by_grant, visible
from models.declaration import Declaration
from services.cursor import page_cursor, read_page_cursor
from services.page import Page, page_size
from services.problem import InvalidCursor, NotFound


async def list_own(
    actor: Actor, connection: AsyncpgDBClient, first: int | None = None, after: str | None = None
) -> Page[Declaration]:
    """A page of the declarations that were granted to the actor's phone.

    Raises NotFound for whoever is no resident, InvalidInput (`first` out of bounds), InvalidCursor.
    """
    if not may(actor, Action.SEE_OWN):
        raise NotFound
    size = page_size(first)
    found = visible(actor, Declaration, connection)
    if after is not None:
        found = found.filter(_later(after))
    rows = by_grant(actor, await found.order_by("-submitted_at", "-id").limit(size + 1))
    shown = list(rows[:size])
    return Page(
        items=shown,
        cursors=[page_cursor("own", 0, row.submitted_at, row.id) for row in shown],
        has_next=len(rows) > size,
    )


def _later(after: str) -> Q:
    _, at, id = read_page_cursor("own", after)
    try:
        moment = at.astimezone(UTC)
    except OverflowError as error:
        raise InvalidCursor from error
    return Q(submitted_at__lt=moment) | Q(submitted_at=moment, id__lt=id)
