"""Who is on duty, for those who keep the rosters."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from access.actor import Actor
from access.policy import Action
from access.rosters import visible_duties
from access.sealing import Sealer, UnsealError
from models.duty import Duty
from services.cursor import number_cursor
from services.number_order import read_number
from services.page import Page, page_size
from services.place import resolve_area
from services.problem import InvalidCursor
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class KeptDuty:
    """A duty and who has it; both are None where the row does not open with any key that is known here."""

    row: Duty
    name: str | None
    phone: str | None


async def list_duties(
    runtime: Runtime,
    actor: Actor,
    connection: AsyncpgDBClient,
    area_id: str | None,
    first: int | None = None,
    after: str | None = None,
) -> Page[KeptDuty]:
    """A page of the duties that go on, in the order of the tree.

    Raises NotFound (unknown area, outside, or a role that keeps no roster), InvalidInput (`first` out of bounds),
    InvalidCursor.
    """
    size = page_size(first)
    _, where = await resolve_area(actor, Action.KEEP_ROSTER, connection, area_id)
    duties = visible_duties(actor, connection).filter(area_no__gte=where.lo, area_no__lte=where.hi)
    if after is not None:
        number, id = read_number("duties", after)
        duties = duties.filter(Q(area_no__gt=number) | Q(area_no=number, id__gt=_uuid(id)))
    rows = await duties.order_by("area_no", "id").limit(size + 1)
    shown = rows[:size]
    cursors = [number_cursor("duties", row.area_no, str(row.id)) for row in shown]
    return Page([kept(runtime.sealer, row) for row in shown], cursors, len(rows) > size)


async def duties_by_id(
    runtime: Runtime, actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]
) -> dict[UUID, KeptDuty]:
    """The duties of these identifiers that the actor keeps and that go on."""
    return {
        row.id: kept(runtime.sealer, row) for row in await visible_duties(actor, connection).filter(id__in=list(ids))
    }


def kept(sealer: Sealer, row: Duty) -> KeptDuty:
    """The duty with who has it; for whoever keeps it."""
    try:
        opened = sealer.open(place_of(row.id), row.sealed)
    except UnsealError:
        return KeptDuty(row, None, None)
    return KeptDuty(row, str(opened["name"]), str(opened["phone"]))


def place_of(id: UUID) -> str:
    """Where a duty's name and phone are sealed."""
    return f"duty:{id}"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidCursor from error
