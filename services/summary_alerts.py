"""How an area answers its alerts: what is overdue, and how long it took to acknowledge."""

from collections.abc import Collection
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.area_count import ALL_DAYS
from services.ack_buckets import percentile
from services.area_sums import AreaSums
from services.summarise import Summary, batches, ranges, span

# What is open less what is not due yet: the first are counters, the second are as many as arrive within hours, while
# what is overdue may have piled up for weeks. SQL of our own, because the states must stand in it as they are: only so
# does the planner use the index of open alerts, which holds all that is read here.
_OVERDUE = """
SELECT o.area_no, sum(o.alerts) AS overdue FROM (
  SELECT area_no, open_alerts AS alerts FROM area_count
  WHERE day = $3 AND disease = $2 AND area_no BETWEEN $4 AND $5
  UNION ALL SELECT area_no, -1 FROM alert
  WHERE state IN ('RAISED', 'ESCALATED') AND due_at >= $1 AND disease = $2 AND area_no BETWEEN $4 AND $5) AS o
GROUP BY o.area_no
"""

# SQL of our own, because Tortoise cannot join ranges nor gather arrays: a row for each area and bucket would be
# thousands for a city's stations.
_TIMES = """
SELECT b.n, array_agg(b.bucket) AS buckets, array_agg(b.times) AS times FROM (
  SELECT p.n, h.bucket, sum(h.count) AS times
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS p (lo, hi, n)
  JOIN ack_histogram h ON {days} AND h.disease = $3 AND h.area_no BETWEEN p.lo AND p.hi
  GROUP BY p.n, h.bucket) AS b
GROUP BY b.n
"""
_WHOLE = _TIMES.format(days="h.day = $4")
_DAYS = _TIMES.format(days="h.day BETWEEN $4 AND $5")


@dataclass(frozen=True, slots=True)
class AckTimes:
    """Seconds from raising to acknowledging, of the alerts acknowledged within the days; None where none was.

    From a histogram, and at most 5 % off.
    """

    p50: float | None = None
    p90: float | None = None


async def overdue_of(connection: AsyncpgDBClient, summaries: Collection[Summary]) -> dict[Summary, int]:
    """How many open alerts of each area are past their due time as of now, whatever days the summary is about."""
    found: dict[Summary, int] = {}
    for batch in batches(summaries):
        within = span(batch)
        now = max(summary.as_of for summary in batch)
        values = [now, batch[0].disease, ALL_DAYS, within.lo, within.hi]
        _, rows = await connection.execute_query(_OVERDUE, values)
        sums = AreaSums({row["area_no"]: row["overdue"] for row in rows})
        found.update((one, sums.within(one.jurisdiction.lo, one.jurisdiction.hi)) for one in batch)
    return found


async def times_of(connection: AsyncpgDBClient, summaries: Collection[Summary]) -> dict[Summary, AckTimes]:
    """How long each area took to acknowledge, in one statement for all that share disease and days."""
    found = dict.fromkeys(summaries, AckTimes())
    for batch in batches(summaries):
        about = batch[0]
        sql, days = (_WHOLE, [ALL_DAYS]) if about.whole else (_DAYS, [about.first_day, about.last_day])
        _, rows = await connection.execute_query(sql, [*ranges(batch), about.disease, *days])
        for row in rows:
            counts = {bucket: int(times) for bucket, times in zip(row["buckets"], row["times"], strict=True)}
            found[batch[row["n"] - 1]] = AckTimes(percentile(counts, 0.5), percentile(counts, 0.9))
    return found
