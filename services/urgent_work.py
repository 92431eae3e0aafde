"""The head of a worklist, where open alerts call: read in an index's order, at the same cost whatever has piled up.

Items of one place in the list are alerts of one rank in the order in which they were raised, where their case has that
rank too and nothing more urgent. So a page is a walk that stops when it is full, and nobody's facts are gathered. Of a
place where alert and case differ in rank no index knows the order; such a page is gathered as any other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.visible import by_grant, narrowed
from models.alert import Alert
from models.alone import TOLD, Alone, rows
from models.case import Case
from models.loaded import loaded
from models.state import Danger
from services.breadth import Breadth, breadth_of
from services.work_kind import IN_ORDER, PLACE, WorkKind

# The rank of a SEVERE alert follows from its danger, and HIGH_RISK has one of its own: so each is a stretch of the
# alerts' index. One probe for each state, and for each area where these are few.
_ALERTS = {
    PLACE[WorkKind.RED_ALERT]: (0, "a.kind = 'SEVERE' AND a.danger = 'RED'"),
    PLACE[WorkKind.AMBER_ALERT]: (1, "a.kind = 'SEVERE' AND a.danger IS DISTINCT FROM 'RED'"),
    PLACE[WorkKind.HIGH_RISK_ALERT]: (2, "a.kind = 'HIGH_RISK'"),
}

# As services.work_facts gathers them: what is left of a merged case `o` counts for the one that goes on, where that one
# lies within as well. `f` are the case and those that were merged into it, of which `g` may itself be in another.
#
# Said so that there is one way to go about it, whatever range is asked for and also where the plan is made before: each
# case is looked up by itself (joined, the city's cases were read whole to find fifty), and no index is taken for a wide
# range. The other places are left out, for what must be proved to be missing has no index to stop at.
_WALK = """
SELECT {shown} FROM unnest(ARRAY['RAISED', 'ESCALATED']) AS s (state) {areas} CROSS JOIN LATERAL (
  SELECT {columns} FROM alert a
  CROSS JOIN LATERAL (SELECT c.* FROM illness_case c WHERE c.id = a.case_id LIMIT 1) AS o
  CROSS JOIN LATERAL (
    SELECT k.* FROM illness_case k WHERE k.id = o.merged_into AND k.area_no BETWEEN $1::int AND $2::int
    UNION ALL SELECT o.* WHERE o.merged_into IS NULL OR NOT EXISTS (
      SELECT FROM illness_case k WHERE k.id = o.merged_into AND k.area_no BETWEEN $1::int AND $2::int)) AS i
  WHERE a.state = s.state AND a.rank = {rank} AND {kind} AND {within}
    AND a.raised_at >= $3::timestamptz AND (a.raised_at, i.id) > ($3::timestamptz, $4::uuid)
    AND i.rank = {rank} AND ($6::text[] IS NULL OR i.danger = ANY($6::text[]))
    AND NOT EXISTS (
      SELECT FROM (SELECT i.id UNION ALL SELECT m.id FROM illness_case m WHERE m.merged_into = i.id) AS f (id)
      JOIN alert b ON b.case_id = f.id JOIN illness_case g ON g.id = f.id
      LEFT JOIN illness_case h ON h.id = g.merged_into AND h.area_no BETWEEN $1::int AND $2::int
      WHERE b.state IN ('RAISED', 'ESCALATED') AND b.kind IN ('SEVERE', 'HIGH_RISK')
        AND b.area_no BETWEEN $1::int AND $2::int AND coalesce(h.id, g.id) = i.id
        AND (b.rank, b.raised_at, b.due_at, b.id) < (a.rank, a.raised_at, a.due_at, a.id))
  ORDER BY a.raised_at, i.id LIMIT $5::int) AS p
WHERE {told} ORDER BY p.alert_raised_at, p.case_id LIMIT $5::int
"""
_WITHIN = "CASE WHEN a.area_no BETWEEN $1::int AND $2::int THEN true ELSE false END"
_AREAS = "CROSS JOIN (SELECT lo FROM area WHERE lo BETWEEN $1::int AND $2::int) AS r (area_no)"
_IN_AREA = "a.area_no = r.area_no"


# Whose columns these are in the statement.
_TABLES = {"alert": "a", "case": "i"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """At most so many items of one place (of a kind) that come after a moment and a case."""

    place: int
    after: tuple[datetime, UUID]
    limit: int
    dangers: frozenset[Danger] | None


def walked_place(start: tuple[int, int], kinds: Collection[WorkKind] | None) -> int | None:
    """The place (of a kind) whose items a page that begins at a place and rank shows first, where these can be walked.

    `kinds` are those that are asked for, None for all.
    """
    place, rank = start
    found = max(place, 0)
    if found not in _ALERTS or max(rank, 0) != _ALERTS[found][0]:
        return None
    return found if kinds is None or IN_ORDER[found] in kinds else None


def sees_all(actor: Actor, where: Jurisdiction) -> bool:
    """Whether the actor may see every one of a range's alerts and cases by its areas: only these are walked."""
    return narrowed(actor, Alert, where) == where == narrowed(actor, Case, where)


async def walk(
    actor: Actor, reader: AsyncpgDBClient | Alone, where: Jurisdiction, stretch: Stretch
) -> list[tuple[Case, Alert]]:
    """The items of a stretch: the case, and the alert by which it stands there.

    Fewer than its limit say that the list goes on elsewhere. None at all where the actor may not see all of them.
    """
    alert, case = sorted(Alert._meta.db_fields), sorted(Case._meta.db_fields)
    columns = [*(f"alert.{name}" for name in alert), *(f"case.{name}" for name in case)]
    found = await walk_columns(actor, reader, where, stretch, columns)
    cases = loaded(Case, found, case, len(alert))
    return list(zip(by_grant(actor, cases), loaded(Alert, found, alert), strict=True))


async def walk_columns(
    actor: Actor, reader: AsyncpgDBClient | Alone, where: Jurisdiction, stretch: Stretch, columns: Sequence[str]
) -> Sequence[Any]:
    """The same as values of these columns, such as `alert.due_at` or `case.state`, each named once; `case.area_no` has
    to be among them."""
    if not sees_all(actor, where):
        return []
    few = await breadth_of(where) is Breadth.FEW
    wanted = None if stretch.dangers is None else [danger.value for danger in stretch.dangers]
    values = [where.lo, where.hi, *stretch.after, stretch.limit, wanted]
    found = await rows(reader, _statement(stretch.place, tuple(columns), few=few), values)
    area_no = columns.index("case.area_no")
    numbers = {row[area_no] for row in found}
    return found if not numbers or all(map(actor.jurisdiction.covers, (min(numbers), max(numbers)))) else []


@lru_cache(maxsize=500)
def _statement(place: int, columns: tuple[str, ...], *, few: bool) -> str:
    rank, kind = _ALERTS[place]
    # What the page is ordered by is there whether it is shown or not.
    named = [name.split(".") for name in dict.fromkeys((*columns, "alert.raised_at", "case.id"))]
    return _WALK.format(
        shown=", ".join("p." + name.replace(".", "_") for name in columns),
        columns=", ".join(f"{_TABLES[table]}.{name} AS {table}_{name}" for table, name in named),
        areas=_AREAS if few else "",
        within=_IN_AREA if few else _WITHIN,
        rank=rank,
        kind=kind,
        told=TOLD,
    )
