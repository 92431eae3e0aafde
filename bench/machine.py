"""What a figure was measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

_LIBRARIES = ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "uvloop", "tortoise-orm", "asyncpg")


def machine() -> dict[str, object]:
    """The machine and the versions; PostgreSQL's own stands with what was measured on it."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": load(),
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


def load() -> list[float]:
    """How many processes wanted a core over the last minute, five and fifteen."""
    return [round(value, 2) for value in os.getloadavg()]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
