"""Whether this process lives, and whether it can serve."""

from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from process.readiness import readiness
from services.runtime import Runtime


def health_routes(runtime: Runtime) -> list[Route]:
    """`/health/live`: the process runs; `/health/ready`: it can serve, and what it lacks."""

    async def live(_: Request) -> Response:
        return answer({"status": "live"})

    async def ready(_: Request) -> Response:
        # First, and without asking anybody: a balancer is to send nobody here any more.
        if runtime.ending.begun:
            return answer({"status": "unready", "reasons": ["ending"], "degraded": []}, 503)
        found = await readiness(runtime)
        status = "ready" if found.ready else "unready"
        report = {
            "status": status,
            "reasons": found.reasons,
            "degraded": found.degraded,
            "logLagSeconds": round(found.log_lag_seconds, 3),
            "relayAgeSeconds": round(found.relay_age_seconds, 3),
        }
        return answer(report, 200 if found.ready else 503)

    return [Route("/health/live", live), Route("/health/ready", ready)]


def answer(content: Mapping[str, object], status: int = 200) -> Response:
    """A JSON answer that nobody keeps."""
    return Response(orjson.dumps(content), status, {"cache-control": "no-store"}, media_type="application/json")
