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
from services.merged_cases import shown_with
from services.page import Page, page_size
from services.problem import InvalidCursor

# The newest of each case, one more than its page has; which of them the reader may see is asked of what is found.
_PAGES = """
SELECT k.id FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::uuid[]) AS w (case_id, size, at, id)
JOIN LATERAL (
  SELECT c.id FROM check_in c WHERE c.case_id = w.case_id AND (c.at, c.id) < (w.at, w.id)
    AND (c.account_id IS NULL OR $5)
  ORDER BY c.at DESC, c.id DESC LIMIT w.size + 1
) k ON true
"""

_NEWEST = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))
"""What a first page comes after: later than everything."""


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
    # With those of the cases that rest in it, for whoever sees them; a resident's own stand for themselves.
    members = {case_id: [case_id] for case_id in cases}
    for shown, member in [] if resident else await shown_with(actor, connection, list(members)):
        members[shown] = list(dict.fromkeys((*members[shown], member)))
    asked = zip(cases, sizes, starts, strict=True)
    pages_of = [(member, size, *start) for case_id, size, start in asked for member in members[case_id]]
    _, found = await connection.execute_query(_PAGES, [*map(list, zip(*pages_of, strict=True)), not resident])
    ids = padded(row["id"] for row in found)
    seen = await own_check_ins(actor, connection, cases) if resident else reachable(actor, CheckIn, connection)
    rows: list[CheckIn] = await seen.filter(id__in=ids).order_by("-at", "-id") if ids else []
    return {
        one: _page([row for row in rows if row.case_id in members[one.case_id]], size, start)
        for one, size, start in zip(wanted, sizes, starts, strict=True)
    }


def _page(rows: list[CheckIn], size: int, start: tuple[datetime, UUID]) -> Page[CheckIn]:
    following = [row for row in rows if (row.at, row.id) < start]
    shown = following[:size]
    return Page(shown, [page_cursor("check_ins", 0, row.at, row.id) for row in shown], len(following) > size)


def _start(after: str | None) -> tuple[datetime, UUID]:
    if after is None:
        return _NEWEST
    _, at, id = read_page_cursor("check_ins", after)
    try:
        return at.astimezone(UTC), id
    except OverflowError as error:
        raise InvalidCursor from error
