"""Figures of the whole installation, for whoever watches over it: numbers only, read seldom and cheaply.

Nothing here grows with the installation's age. Open alerts and waiting messages are found in indexes that begin with
their state, oldest first and at most MOST_COUNTED of a kind; totals come from the counters by ward; the rest is the
newest row of something. It is for nobody in particular, so the service's login reads it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from alerts.outbox import Priority
from models.area_count import ALL_DAYS
from models.database import service_connection
from models.identifier import moment_of
from models.state import OPEN_ALERT_STATES, AlertState

MOST_COUNTED = 10_000
"""Of alerts of one state and danger, and of messages of one priority, no more are counted; there may be more."""

LOOK_SECONDS = 4.0
"""How old figures may be that are shown again."""

_PATIENCE_SECONDS = 3.0
_LAST_RANK = 3

# Each state and danger is one place in the index alert_by_state, and its oldest come first: so the oldest is exact.
_ALERTS = f"""
SELECT s.state, r.rank, a.level, count(*) AS alerts, count(*) FILTER (WHERE a.due_at < $1) AS overdue,
  min(a.raised_at) AS oldest
FROM unnest($2::text[]) AS s (state) CROSS JOIN generate_series(0, {_LAST_RANK}) AS r (rank)
CROSS JOIN LATERAL (SELECT level, due_at, raised_at FROM alert WHERE state = s.state AND rank = r.rank
  ORDER BY raised_at LIMIT {MOST_COUNTED}) a
GROUP BY s.state, r.rank, a.level
"""
_ACKNOWLEDGED = f"""
SELECT r.rank, count(*) AS alerts FROM generate_series(0, {_LAST_RANK}) AS r (rank)
CROSS JOIN LATERAL (SELECT FROM alert WHERE state = '{AlertState.ACKNOWLEDGED}' AND rank = r.rank
  ORDER BY raised_at LIMIT {MOST_COUNTED}) a
GROUP BY r.rank
"""
# Due by the database's own time and age by the installation's, as these columns are.
_OUTBOX = f"""
SELECT p.priority, count(*) AS waiting, min(m.created_at) AS oldest, coalesce(extract(epoch FROM
  clock_timestamp() - min(m.not_before) FILTER (WHERE m.not_before <= clock_timestamp())), 0)::float8 AS due_seconds
FROM unnest($1::smallint[]) AS p (priority)
CROSS JOIN LATERAL (SELECT created_at, not_before FROM outbox_message WHERE state = 'QUEUED' AND priority = p.priority
  ORDER BY not_before LIMIT {MOST_COUNTED}) m
GROUP BY p.priority
"""
TOTALS = ("declared", "severe", "high_risk", "confirmed", "alerts", "acknowledged")
"""What the counters add up for each disease."""

_TOTALS = f"""
SELECT disease, {", ".join(f"sum({name})::bigint AS {name}" for name in TOTALS)}
FROM area_count WHERE day = $1 GROUP BY disease
"""
_TRAIL = """
SELECT clock_timestamp() AS now, (SELECT sealed_at FROM audit_link ORDER BY seq DESC LIMIT 1) AS sealed_at,
  (SELECT id FROM audit ORDER BY id DESC LIMIT 1) AS newest
"""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenAlerts:
    """Alerts that nobody has taken, of one state, danger and level."""

    state: str
    rank: int
    level: str
    alerts: int
    overdue: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of one priority that no gateway has taken; `due_seconds` is how long the relays have left one lying."""

    priority: int
    messages: int
    oldest_seconds: float
    due_seconds: float


@dataclass(frozen=True, slots=True)
class InstallationFigures:
    """As of one look. Ages are seconds, of the installation's time but where said otherwise."""

    open_alerts: list[OpenAlerts] = field(default_factory=list)
    acknowledged: Mapping[int, int] = field(default_factory=dict)
    """By rank of danger, how many were taken and not resolved."""
    waiting: list[Waiting] = field(default_factory=list)
    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By disease, what was ever counted."""
    seal_age_seconds: float | None = None
    """In real seconds; None before the first seal."""
    seal_behind_seconds: float = 0.0
    """How much newer than the newest seal the newest record is, in real seconds."""


async def read_figures(now: datetime) -> InstallationFigures:
    """Reads them; `now` is the installation's time. Raises what the database raises."""
    alerts = await _rows(_ALERTS, [now, [state.value for state in OPEN_ALERT_STATES]])
    waiting = await _rows(_OUTBOX, [[int(priority) for priority in Priority]])
    totals = await _rows(_TOTALS, [ALL_DAYS])
    [trail] = await _rows(_TRAIL, [])
    sealed_at, newest = trail["sealed_at"], trail["newest"]
    return InstallationFigures(
        [
            OpenAlerts(row["state"], row["rank"], row["level"], row["alerts"], row["overdue"], _age(row["oldest"], now))
            for row in alerts
        ],
        {row["rank"]: row["alerts"] for row in await _rows(_ACKNOWLEDGED, [])},
        [Waiting(row["priority"], row["waiting"], _age(row["oldest"], now), row["due_seconds"]) for row in waiting],
        {row["disease"]: {name: row[name] for name in TOTALS} for row in totals},
        _age(sealed_at, trail["now"]) if sealed_at else None,
        _age(sealed_at, moment_of(newest)) if sealed_at and newest else 0.0,
    )


class Figures:
    """The installation's figures, read at most every few seconds however often somebody asks."""

    def __init__(
        self,
        now: Callable[[], datetime],
        read: Callable[[datetime], Awaitable[InstallationFigures]] = read_figures,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Has read nothing yet. `now` is the installation's time."""
        self._now, self._read, self._monotonic = now, read, monotonic
        self._turn = asyncio.Lock()
        self._found: InstallationFigures | None = None
        self._looked_at: float | None = None

    async def look(self) -> InstallationFigures | None:
        """The figures; None while the database does not give them in time."""
        # One at a time: a scraper that has lost patience and asks again must not make a second read of it.
        async with self._turn:
            if self._looked_at is None or self._monotonic() - self._looked_at >= LOOK_SECONDS:
                self._found = await self._new()
                self._looked_at = self._monotonic()
            return self._found

    async def _new(self) -> InstallationFigures | None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._read(self._now())
        except (
            Exception
        ) as error:  # Whatever it is: figures that nobody has are shown as missing, and never as old ones.
            logger.warning("figures_not_read", error=type(error).__name__)
            return None


async def _rows(statement: str, values: list[Any]) -> list[Any]:
    _, rows = await service_connection().execute_query(statement, values)
    return list(rows)


def _age(moment: datetime, now: datetime) -> float:
    # A demo's clock can be set back.
    return max(0.0, (now - moment).total_seconds())
