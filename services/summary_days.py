"""The counters of areas, day by day."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.area_count import ALL_DAYS
from services.summarise import DEFAULT_DAYS, Summary, batches, ranges
from services.summary_totals import FLOWS, LEVELS, Counts, counts_of


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The counts of one day; `active`, `pending` and `open_alerts` are those of its evening."""

    date: date
    counts: Counts


# SQL of our own for the range join, as in summary_totals. What came after the last day is read as well, because a
# level is known today and reckoned back from there.
_BY_DAY = f"""
SELECT p.n, c.day, {", ".join(f"sum(c.{name}) AS {name}" for name in FLOWS + LEVELS)},
  max(c.last_action_at) AS last_action_at
FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS p (lo, hi, n)
JOIN area_count c ON c.disease = $4 AND (c.day = $3 OR c.day >= $5) AND c.area_no BETWEEN p.lo AND p.hi
GROUP BY p.n, c.day
"""


async def days_of(connection: AsyncpgDBClient, summaries: Collection[Summary]) -> dict[Summary, list[DayCounts]]:
    """Each day of each summary in order, also those on which nothing happened; without `from_` the last 30.

    One statement for all that share disease and days.
    """
    found: dict[Summary, list[DayCounts]] = {}
    for batch in batches(summaries):
        about = batch[0]
        first = about.from_ or about.last_day - min(timedelta(days=DEFAULT_DAYS - 1), about.last_day - ALL_DAYS)
        _, rows = await connection.execute_query(_BY_DAY, [*ranges(batch), ALL_DAYS, about.disease, first])
        of_days: list[dict[date, Any]] = [{} for _ in batch]
        for row in rows:
            of_days[row["n"] - 1][row["day"]] = row
        found.update(
            (summary, _in_order(days, first, about.last_day)) for summary, days in zip(batch, of_days, strict=True)
        )
    return found


def _in_order(rows: dict[date, Any], first: date, last: date) -> list[DayCounts]:
    """From the last day back to the first, taking each day's differences off the levels of its evening."""
    differences = {day: counts_of(row) for day, row in rows.items()}
    levels = differences.pop(ALL_DAYS, Counts())
    for day, counts in differences.items():
        if day > last:
            levels = _without(levels, counts)
    days = []
    for back in range((last - first).days + 1):
        day = last - timedelta(days=back)
        counts = differences.get(day, Counts())
        days.append(DayCounts(day, replace(counts, **{name: getattr(levels, name) for name in LEVELS})))
        levels = _without(levels, counts)
    return days[::-1]


def _without(levels: Counts, counts: Counts) -> Counts:
    return replace(levels, **{name: getattr(levels, name) - getattr(counts, name) for name in LEVELS})
