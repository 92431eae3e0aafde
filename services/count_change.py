"""Adding to a ward's counters, in the transaction of the fact that is counted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.area_count import ALL_DAYS
from services.ack_buckets import bucket


@dataclass(frozen=True, slots=True)
class CountChange:
    """By how much each counter of one ward, disease and day changes."""

    area_id: str
    area_no: int
    disease: str
    day: date
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
    acted_at: datetime | None = None


# ON CONFLICT ... DO UPDATE with sums, which the ORM cannot say. Each row stands for a day and once for all days; the
# rows of one statement come in the order of areas and days, so that no two transactions wait for each other in a ring.
_COUNTERS = (
    "declared",
    "severe",
    "high_risk",
    "confirmed",
    "active",
    "pending",
    "contacted",
    "alerts",
    "open_alerts",
    "acknowledged",
    "hospitalised",
    "completed",
    "deceased",
)

_NAMES = ", ".join(_COUNTERS)
_ARRAYS = ", ".join(f"${number}::int[]" for number in range(6, 6 + len(_COUNTERS)))
_ADD_COUNTS = f"""
INSERT INTO area_count AS c (area_id, area_no, disease, day, last_action_at, version, {_NAMES})
SELECT n.area_id, n.area_no, n.disease, n.day, n.acted_at, 1, {", ".join(f"n.{name}" for name in _COUNTERS)}
FROM unnest($1::text[], $2::int[], $3::text[], $4::date[], $5::timestamptz[], {_ARRAYS})
  AS n (area_id, area_no, disease, day, acted_at, {_NAMES})
ORDER BY n.area_no, n.disease, n.day
ON CONFLICT (area_no, disease, day) DO UPDATE SET
  {", ".join(f"{name} = c.{name} + excluded.{name}" for name in _COUNTERS)},
  last_action_at = greatest(c.last_action_at, excluded.last_action_at), version = c.version + 1
"""

_ADD_TIMES = """
WITH n AS (SELECT area_id, area_no, disease, day, bucket, count(*)::int AS times
  FROM unnest($1::text[], $2::int[], $3::text[], $4::date[], $5::smallint[])
    AS u (area_id, area_no, disease, day, bucket)
  GROUP BY area_id, area_no, disease, day, bucket)
INSERT INTO ack_histogram AS h (area_id, area_no, disease, day, bucket, count)
SELECT area_id, area_no, disease, day, bucket, times FROM n ORDER BY area_no, disease, day, bucket
ON CONFLICT (area_no, disease, day, bucket) DO UPDATE SET count = h.count + excluded.count
"""


async def add_counts(connection: AsyncpgDBClient, changes: Iterable[CountChange]) -> None:
    """Adds the changes to their day's rows and to the rows of all days. Several of one ward and day are added up."""
    sums: dict[tuple[int, str, date], CountChange] = {}
    for change in changes:
        for row in (change, replace(change, day=ALL_DAYS)):
            place = (row.area_no, row.disease, row.day)
            sums[place] = _sum(sums[place], row) if place in sums else row
    await connection.execute_query(_ADD_COUNTS, _arguments(list(sums.values())))


def _sum(one: CountChange, other: CountChange) -> CountChange:
    added = {name: getattr(one, name) + getattr(other, name) for name in _COUNTERS}
    moments = [moment for moment in (one.acted_at, other.acted_at) if moment]
    return replace(one, **added, acted_at=max(moments, default=None))


def _arguments(rows: list[CountChange]) -> list[object]:
    return [
        [row.area_id for row in rows],
        [row.area_no for row in rows],
        [row.disease for row in rows],
        [row.day for row in rows],
        [row.acted_at for row in rows],
        *([getattr(row, name) for row in rows] for name in _COUNTERS),
    ]


@dataclass(frozen=True, slots=True)
class AckTime:
    """One alert that was acknowledged after so many seconds."""

    area_id: str
    area_no: int
    disease: str
    day: date
    seconds: float


async def add_ack_times(connection: AsyncpgDBClient, times: Iterable[AckTime]) -> None:
    """Adds times to acknowledge to the histograms of their day and of all days."""
    rows = [row for time in times for row in (time, replace(time, day=ALL_DAYS))]
    await connection.execute_query(
        _ADD_TIMES,
        [
            [row.area_id for row in rows],
            [row.area_no for row in rows],
            [row.disease for row in rows],
            [row.day for row in rows],
            [bucket(row.seconds) for row in rows],
        ],
    )
