"""Whether this process lives, and whether it can serve."""

import asyncio
from collections.abc import Mapping

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.database import application_connection, service_connection
from services.runtime import Runtime

_READY_SECONDS = 2.0
_LATE_SECONDS = 10.0

logger = structlog.get_logger(__name__)


def health_routes(runtime: Runtime) -> list[Route]:
    """`/health/live`: the process runs; `/health/ready`: it can serve, and what it lacks."""

    async def live(_: Request) -> Response:
        return answer({"status": "live"})

    async def ready(_: Request) -> Response:
        # First, and without asking anybody: a balancer is to send nobody here any more.
        if runtime.ending.begun:
            return answer({"status": "unready", "reasons": ["ending"], "degraded": []}, 503)
        reasons = [*await _database_fault(), *(["log_late"] if runtime.hub.lag_seconds > _LATE_SECONDS else [])]
        # Without its broker a process reads the log every second: slower, but no reason to take it out of service.
        slower = ["broker"] if runtime.hub.deaf else []
        status = "unready" if reasons else "ready"
        return answer({"status": status, "reasons": reasons, "degraded": slower}, 503 if reasons else 200)

    return [Route("/health/live", live), Route("/health/ready", ready)]


async def _database_fault() -> list[str]:
    try:
        async with asyncio.timeout(_READY_SECONDS):
            await application_connection().execute_query("SELECT 1")
            await service_connection().execute_query("SELECT 1")
    except Exception as error:  # Whatever it is, the answer is the same: not now.
        logger.warning("not_ready", error=type(error).__name__)
        return ["database"]
    return []


def answer(content: Mapping[str, object], status: int = 200) -> Response:
    """A JSON answer that nobody keeps."""
    return Response(orjson.dumps(content), status, {"cache-control": "no-store"}, media_type="application/json")
