"""Cases on their way between wards: those of an area, newest first, and those of a case."""

from collections.abc import Collection
from datetime import UTC
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from access.actor import Actor
from access.policy import Action
from access.visible import visible_transfers
from models.state import TransferState
from models.transfer import Transfer
from services.batch import MOST_A_CASE, padded
from services.cursor import page_cursor, read_page_cursor
from services.page import Page, page_size
from services.place import resolve_area
from services.problem import InvalidCursor


async def list_transfers(
    actor: Actor,
    connection: AsyncpgDBClient,
    area_id: str | None = None,
    states: Collection[TransferState] | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Page[Transfer]:
    """A page of what goes to an area or has left it, newest first; None as states means all.

    Raises NotFound (unknown area, outside, or a role that sees no cases), InvalidInput (`first` out of bounds),
    InvalidCursor.
    """
    size = page_size(first)
    _, where = await resolve_area(actor, Action.SEE_CASES, connection, area_id)
    to = Q(area_no__gte=where.lo, area_no__lte=where.hi)
    found = visible_transfers(actor, connection).filter(to | Q(from_no__gte=where.lo, from_no__lte=where.hi))
    if states is not None:
        found = found.filter(state__in=list(states))
    if after is not None:
        _, at, id = read_page_cursor("transfers", after)
        try:
            moment = at.astimezone(UTC)
        except OverflowError as error:
            raise InvalidCursor from error
        found = found.filter(Q(asked_at__lt=moment) | Q(asked_at=moment, id__lt=id))
    rows = await found.order_by("-asked_at", "-id").limit(size + 1)
    shown = rows[:size]
    cursors = [page_cursor("transfers", 0, row.asked_at, row.id) for row in shown]
    return Page(items=shown, cursors=cursors, has_next=len(rows) > size)


async def transfers_of_cases(
    actor: Actor, connection: AsyncpgDBClient, case_ids: Collection[UUID]
) -> dict[UUID, list[Transfer]]:
    """Where each case went that the actor sees or was granted, newest first, 50 of a case at the most."""
    found: dict[UUID, list[Transfer]] = {case_id: [] for case_id in case_ids}
    rows = visible_transfers(actor, connection, granted=True).filter(case_id__in=padded(case_ids))
    for row in await rows.order_by("-asked_at", "-id"):
        if len(found[row.case_id]) < MOST_A_CASE:
            found[row.case_id].append(row)
    return found
