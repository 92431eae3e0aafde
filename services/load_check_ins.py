"""What was reported of cases from day to day, for many cases at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.visible import own_check_ins, reachable
from models.check_in import CheckIn
from services.batch import padded
from services.cursor import page_cursor, read_page_cursor
from services.page import Page, page_size
from services.problem import InvalidCursor

# The newest of each case, one more than its page has; which of them the reader may see is asked of what is found.
_PAGES = """
SELECT k.id FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::uuid[]) AS w (case_id, size, at, id)
JOIN LATERAL (
  SELECT c.id FROM check_in c WHERE c.case_id = w.case_id AND (w.at IS NULL OR (c.at, c.id) < (w.at, w.id))
    AND (c.account_id IS NULL OR $5)
  ORDER BY c.at DESC, c.id DESC LIMIT w.size + 1
) k ON true
"""


@dataclass(frozen=True, slots=True)
class CheckInsWanted:
    """A page of one case's check-ins."""

    case_id: UUID
    first: int | None = None
    after: str | None = None


async def check_ins_of_cases(
    actor: Actor, connection: AsyncpgDBClient, wanted: Collection[CheckInsWanted]
) -> dict[CheckInsWanted, Page[CheckIn]]:
    """The check-ins of each case that the actor may see, newest first; of a resident what the own phone has reported.

    Raises InvalidInput (`first` out of bounds) and InvalidCursor.
    """
    sizes = [page_size(one.first) for one in wanted]
    starts = [_start(one.after) for one in wanted]
    cases = [one.case_id for one in wanted]
    resident = actor.kind == "RESIDENT"
    columns = [cases, sizes, [at for at, _ in starts], [id for _, id in starts], not resident]
    _, found = await connection.execute_query(_PAGES, columns)
    ids = padded(row["id"] for row in found)
    seen = await own_check_ins(actor, connection, cases) if resident else reachable(actor, CheckIn, connection)
    rows = await seen.filter(id__in=ids).order_by("-at", "-id") if ids else []
    pages: dict[CheckInsWanted, Page[CheckIn]] = {}
    for one, size, (at, id) in zip(wanted, sizes, starts, strict=True):
        mine = [row for row in rows if row.case_id == one.case_id and (at is None or (row.at, row.id) < (at, id))]
        shown = mine[:size]
        cursors = [page_cursor("check_ins", 0, row.at, row.id) for row in shown]
        pages[one] = Page(shown, cursors, len(mine) > size)
    return pages


def _start(after: str | None) -> tuple[datetime | None, UUID | None]:
    if after is None:
        return None, None
    _, at, id = read_page_cursor("check_ins", after)
    try:
        return at.astimezone(UTC), id
    except OverflowError as error:
        raise InvalidCursor from error
