"""Whether this process can serve, and what is worse than it should be while it does."""

import asyncio
from dataclasses import dataclass

import structlog

from alerts.outbox_rows import longest_due
from models.database import application_connection, service_connection
from models.migrate import missing_migrations
from services.runtime import Runtime

REASONS = ("ending", "database", "migrations", "log_late")
"""Why a process is taken out of service: another one may do better."""

WORSE = ("broker", "relay", "messages")
"""What no other process would do better, or what serving does not need."""

_PATIENCE_SECONDS = 2.0
_LATE_SECONDS = 10.0
_MESSAGE_SECONDS = 60.0

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Readiness:
    """`reasons` are why it cannot serve, `degraded` is what is worse meanwhile; times in seconds."""

    reasons: tuple[str, ...]
    degraded: tuple[str, ...]
    log_lag_seconds: float
    relay_age_seconds: float
    """How long a message that is due has waited for a relay to take it, any process's."""

    @property
    def ready(self) -> bool:
        """Whether it can serve."""
        return not self.reasons


async def readiness(runtime: Runtime) -> Readiness:
    """Asks both logins of the database, and this process's hub and relay. Never raises."""
    reasons = ["ending"] if runtime.ending.begun else []
    degraded: list[str] = []
    waiting = 0.0
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await application_connection().execute_query("SELECT 1")
            if await missing_migrations(service_connection()):
                reasons.append("migrations")
            waiting = await longest_due(service_connection())
    except Exception as error:  # Whatever it is, the answer is the same: not now.
        logger.warning("not_ready", error=type(error).__name__)
        reasons.append("database")
    lag = runtime.hub.lag_seconds
    if lag > _LATE_SECONDS:
        reasons.append("log_late")
    # Without its broker a process reads the log every second: slower, but no reason to take it out of service.
    if runtime.hub.deaf:
        degraded.append("broker")
    if runtime.relay is not None and runtime.relay.late_seconds > _LATE_SECONDS:
        degraded.append("relay")
    # Messages are everybody's: with this process away they would only wait longer, and declarations as well.
    if waiting > _MESSAGE_SECONDS:
        degraded.append("messages")
    return Readiness(tuple(reasons), tuple(degraded), lag, waiting)
