"""What has happened to a case, newest first: what was done to it, what happened to its alerts, what was declared.

For many cases at once, each with its own page: a list of cases and their timelines costs the same for one as for many.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action
from access.visible import names, reachable, scope
from models.case import Case
from models.state import CaseState, Role
from services.batch import padded
from services.cursor import page_cursor, read_page_cursor
from services.merged_cases import shown_with
from services.page import Page, page_size
from services.runtime import Runtime
from services.seen import Seen

_OF_ANOTHER = ("case", "kept", "duplicate_of")
"""What a line keeps of another case or report. Of a merge `merges` tells the cases that may be seen."""

_LAST = (2, datetime.max, UUID(int=2**128 - 1))

# Lines of one moment are of one transaction: first the report, then what was done, then what came of it for alerts.
# A number of the log stands as an identifier, so that every line has a place of one kind.
_LINES = """
WITH part AS (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS p (shown, id))
SELECT w.shown, t.* FROM unnest($3::uuid[]) AS w (shown) CROSS JOIN LATERAL (
  (SELECT e.at, 1 AS source, e.id AS key, p.id AS case_id, e.kind::text AS kind, e.actor, e.account_id, e.state,
     e.version, e.subject_id AS subject, e.detail
   FROM part p JOIN case_event e ON e.case_id = p.id
   WHERE p.shown = w.shown AND ($4::timestamptz IS NULL OR (e.at, 1, e.id) < ($4, $5, $6))
   ORDER BY e.at DESC, e.id DESC LIMIT $7)
  UNION ALL
  (SELECT v.at, 2, lpad(to_hex(v.seq), 32, '0')::uuid, p.id, 'ALERT_' || v.change,
     CASE WHEN v.account_id IS NULL THEN 'SYSTEM' ELSE 'ACCOUNT' END, v.account_id, NULL, NULL, v.alert_id, NULL
   FROM part p JOIN alert a ON a.case_id = p.id JOIN alert_event v ON v.alert_id = a.id
   WHERE p.shown = w.shown AND v.area_no BETWEEN $8 AND $9
     AND ($4::timestamptz IS NULL OR (v.at, 2, lpad(to_hex(v.seq), 32, '0')::uuid) < ($4, $5, $6))
   ORDER BY v.at DESC, v.seq DESC LIMIT $7)
  UNION ALL
  (SELECT d.submitted_at, 0, d.id, p.id, 'DECLARED', CASE WHEN d.verified THEN 'RESIDENT' ELSE 'ANONYMOUS' END,
     NULL, NULL, NULL, d.id, NULL
   FROM part p JOIN declaration d ON d.case_id = p.id
   WHERE p.shown = w.shown AND ($4::timestamptz IS NULL OR (d.submitted_at, 0, d.id) < ($4, $5, $6))
   ORDER BY d.submitted_at DESC, d.id DESC LIMIT $7)
  ORDER BY at DESC, source DESC, key DESC LIMIT $7
) AS t ORDER BY w.shown, t.at DESC, t.source DESC, t.key DESC
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of the timeline of one case."""

    case_id: UUID
    first: int | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `subject` is the declaration, the alert or whatever else it is about; `sealed` is what is told of it.

    `state` and `version` are the case's after it; None of an alert and of a report.
    """

    key: UUID
    source: int
    case_id: UUID
    at: datetime
    kind: str
    actor: str
    account_id: UUID | None
    state: CaseState | None
    version: int | None
    subject: UUID | None
    sealed: bytes | None


def told(runtime: Runtime, actor: Actor, case: Case, line: Line, seen: Seen) -> Mapping[str, object]:
    """What is told of a line besides: why, and what. Nothing to whoever may not see who the case is.

    It may name somebody: so whoever is told is noted in `seen`. Which other case or report a line is about is not told
    here, for it may lie beyond the actor's areas, and a hospital is not told which other hospitals were asked. Raises
    UnsealError for a line that was changed.
    """
    if line.sealed is None or not names(actor, case):
        return {}
    detail = runtime.sealer.open(f"case_event:{line.key}", line.sealed)
    seen.person(line.case_id)
    hidden = set(_OF_ANOTHER)
    if actor.role is Role.HOSPITAL and detail.get("hospital") != actor.station_id:
        hidden.add("hospital")
    return {name: value for name, value in detail.items() if name not in hidden}


async def timelines(actor: Actor, connection: AsyncpgDBClient, wanted: Collection[Wanted]) -> dict[Wanted, Page[Line]]:
    """The page of each case that the actor may see; the others are not in the answer.

    With a case are shown those that were merged into it. Raises InvalidInput (`first`), InvalidCursor.
    """
    found: dict[Wanted, Page[Line]] = {}
    for first, after in dict.fromkeys((one.first, one.after) for one in wanted):
        ids = [one.case_id for one in wanted if (one.first, one.after) == (first, after)]
        pages = await _pages(actor, connection, ids, page_size(first), after)
        found.update({Wanted(id, first, after): page for id, page in pages.items()})
    return found


async def _pages(
    actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID], size: int, after: str | None
) -> dict[UUID, Page[Line]]:
    source, at, key = read_page_cursor("timeline", after) if after else _LAST
    # The statement below asks by case alone: so these are the cases that were found through the first wall, and no
    # others. Alerts of a case that is seen by a grant are not: whoever hears alerts hears those of their areas.
    cases = reachable(actor, Case, connection).filter(id__in=padded(ids))
    seen: list[UUID] = [id for (id,) in await cases.values_list("id")]
    parts = await shown_with(actor, connection, seen)
    where = scope(actor, Action.SEE_ALERTS)
    _, rows = await connection.execute_query(
        _LINES,
        [
            [shown for shown, _ in parts],
            [id for _, id in parts],
            seen,
            at if after else None,
            source,
            key,
            size + 1,
            where.lo,
            where.hi,
        ],
    )
    lines: dict[UUID, list[Line]] = {id: [] for id in seen}
    for row in rows:
        lines[row["shown"]].append(_line(row))
    return {id: _page(some, size) for id, some in lines.items()}


def _page(lines: list[Line], size: int) -> Page[Line]:
    shown = lines[:size]
    cursors = [page_cursor("timeline", line.source, line.at, line.key) for line in shown]
    return Page(shown, cursors, len(lines) > size)


def _line(row: Any) -> Line:
    return Line(
        key=row["key"],
        source=row["source"],
        case_id=row["case_id"],
        at=row["at"],
        kind=row["kind"],
        actor=row["actor"],
        account_id=row["account_id"],
        state=CaseState(row["state"]) if row["state"] else None,
        version=row["version"],
        subject=row["subject"],
        sealed=bytes(row["detail"]) if row["detail"] is not None else None,
    )
