"""An area and the areas right below it in figures of all days: one statement, and so of one moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeAlias

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.jurisdiction import Jurisdiction
from models.alone import TOLD, Alone, rows
from models.area_count import ALL_DAYS
from services.summary_totals import FLOWS, LEVELS

Figures: TypeAlias = Mapping[str, Any]
"""The columns of an area, and the sums that were asked for; None where nothing was counted."""

COUNTERS = FLOWS + LEVELS
WAITING = "waiting"
"""Of an area's open alerts those that are not due yet."""

_AREA = ("id", "national_code", "type", "level", "name", "name_en", "valid_from", "valid_to")

# One plan for every range, which costs three times what the statement does: what is read of an area's counters are few
# rows in any case. A part's own range is taken from its row here and now, for areas are numbered anew at times. What is
# counted finds its part among their first numbers, which lie in order and have no gaps that count anything: to hold
# each ward against the range of each part took most of the statement. What is before the first part is the area's own.
_FAMILY = """
WITH family AS MATERIALIZED (
  SELECT {area}, lo FROM area WHERE id = $1 {or_part}
), parts AS MATERIALIZED (
  SELECT array_agg(lo ORDER BY lo) AS starts FROM family
), counted AS (
  SELECT p.starts[width_bucket(c.area_no, p.starts)] AS lo, count(*) AS counted {sums}
  FROM area_count c, parts p
  WHERE c.day = $3::date AND c.disease = $2 AND c.area_no BETWEEN $4::int AND $5::int
  GROUP BY 1
) {alerts}
SELECT * FROM family LEFT JOIN counted USING (lo) {joined} WHERE {told} ORDER BY id = $1 DESC, lo
"""

# By the index of what is due, whose end are the few that are read here: a plan for every range takes that of areas for
# the narrower one, and then looked at every open alert of a city. So the moment has an end, by which the planner
# supposes that few lie between, and what is asked of the area is said so that no index can answer it.
_ALERTS = f""", alerts AS (
  SELECT p.starts[width_bucket(a.area_no, p.starts)] AS lo, count(*) AS {WAITING}
  FROM alert a, parts p
  WHERE a.state IN ('RAISED', 'ESCALATED') AND a.due_at BETWEEN $6::timestamptz AND 'infinity' AND a.disease = $2
    AND CASE WHEN a.area_no BETWEEN $4::int AND $5::int THEN true ELSE false END
  GROUP BY 1
)"""


@dataclass(frozen=True, slots=True)
class Family:
    """The area itself, and each of its parts in the order of the tree, as `summary_children` says which they are."""

    as_of: datetime
    disease: str
    area: Figures
    parts: Sequence[Figures]


async def read_family(
    reader: AsyncpgDBClient | Alone,
    area_id: str,
    where: Jurisdiction,
    disease: str,
    now: datetime,
    today: date,
    *,
    sums: Iterable[str] = (*COUNTERS, WAITING),
    parts: bool = True,
) -> Family | None:
    """The sums of an area and, where asked, its parts as far as they lie in `where`; None where there is no such area.

    `sums` are of COUNTERS and WAITING.
    """
    wanted = frozenset(sums)
    values = [area_id, disease, ALL_DAYS, where.lo, where.hi, *([now] if WAITING in wanted else [])]
    found = await rows(reader, _statement(wanted, parts), values)
    if not found or found[0]["id"] != area_id:
        return None
    area = {**found[0], **{name: sum(row[name] or 0 for row in found) for name in wanted}}
    day = today if area["valid_to"] is None else min(today, area["valid_to"] - timedelta(days=1))
    return Family(now, disease, area, [part for part in found[1:] if part["counted"] or _in_force(part, day)])


# There are some ten thousand sets of sums; what screens ask for are a handful.
@lru_cache(maxsize=64)
def _statement(sums: frozenset[str], parts: bool) -> str:
    return _FAMILY.format(
        area=", ".join(_AREA),
        or_part="OR parent_id = $1" if parts else "",
        sums="".join(f", sum(c.{name}) AS {name}" for name in COUNTERS if name in sums),
        alerts=_ALERTS if WAITING in sums else "",
        joined="LEFT JOIN alerts USING (lo)" if WAITING in sums else "",
        told=TOLD,
    )


def _in_force(area: Figures, day: date) -> bool:
    until = area["valid_to"]
    return bool(area["valid_from"] <= day and (until is None or day < until))
