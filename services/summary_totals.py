"""The counters of areas, summed over their ranges."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.area_count import ALL_DAYS
from services.summarise import Summary, batches, ranges, span

FLOWS = ("declared", "severe", "high_risk", "confirmed", "contacted", "alerts", "acknowledged", "completed", "deceased")
"""Counted on the day they happen; over days they add up."""

LEVELS = ("active", "pending", "open_alerts", "hospitalised")
"""Stored as differences: how many there were at the end of a day is the sum of all differences until then."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted, by the definitions of the glossary.

    `active`, `pending`, `open_alerts` and `hospitalised` are how many there were at the end of the last day; the others
    happened within the days. `last_action_at` is when staff last did something there within the days.
    """

    declared: int = 0
    severe: int = 0
    high_risk: int = 0
    confirmed: int = 0
    active: int = 0
    pending: int = 0
    contacted: int = 0
    alerts: int = 0
    open_alerts: int = 0
    acknowledged: int = 0
    hospitalised: int = 0
    completed: int = 0
    deceased: int = 0
    last_action_at: datetime | None = None


# SQL of our own, because Tortoise cannot join ranges: a hundred areas would be a hundred statements. The totals of all
# days are rows of their own, so what a summary without dates costs does not grow with the days.
_WHOLE = f"""
SELECT p.n, {", ".join(f"sum(c.{name}) AS {name}" for name in FLOWS + LEVELS)}, max(c.last_action_at) AS last_action_at
FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS p (lo, hi, n)
JOIN area_count c ON c.day = $3 AND c.disease = $4 AND c.area_no BETWEEN p.lo AND p.hi
GROUP BY p.n
"""

# A level at a day's end is today's without what came after, which is few rows for a day that is not long ago.
_DAYS = f"""
WITH w AS MATERIALIZED (
  SELECT area_no, {", ".join(f"sum({name}) FILTER (WHERE day BETWEEN $5 AND $6) AS {name}" for name in FLOWS)},
    {", ".join(f"sum(CASE WHEN day = $3 THEN {name} WHEN day > $6 THEN -{name} END) AS {name}" for name in LEVELS)},
    max(last_action_at) FILTER (WHERE day BETWEEN $5 AND $6) AS last_action_at
  FROM area_count WHERE disease = $4 AND (day = $3 OR day >= $5) AND area_no BETWEEN $7 AND $8 GROUP BY area_no)
SELECT p.n, {", ".join(f"sum(w.{name}) AS {name}" for name in FLOWS + LEVELS)}, max(w.last_action_at) AS last_action_at
FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS p (lo, hi, n) JOIN w ON w.area_no BETWEEN p.lo AND p.hi
GROUP BY p.n
"""


async def totals_of(connection: AsyncpgDBClient, summaries: Collection[Summary]) -> dict[Summary, Counts]:
    """The counts of each summary over all of its days, in one statement for all that share disease and days."""
    found = dict.fromkeys(summaries, Counts())
    for batch in batches(summaries):
        about = batch[0]
        sql, values = _WHOLE, [*ranges(batch), ALL_DAYS, about.disease]
        if not about.whole:
            within = span(batch)
            sql, values = _DAYS, [*values, about.first_day, about.last_day, within.lo, within.hi]
        _, rows = await connection.execute_query(sql, values)
        found.update((batch[row["n"] - 1], counts_of(row)) for row in rows)
    return found


def counts_of(row: Any) -> Counts:
    """The counts in a row of sums."""
    sums = {name: int(row[name] or 0) for name in FLOWS + LEVELS}
    return Counts(**sums, last_action_at=row["last_action_at"])
