"""Latencies in milliseconds, measured with a monotonic clock, and what is told of them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    """The percentiles of a run in milliseconds; all 0 where nothing was measured."""

    p50: float
    p95: float
    p99: float
    most: float

    def record(self) -> dict[str, float]:
        """For a report."""
        return {"p50": self.p50, "p95": self.p95, "p99": self.p99, "max": self.most}


def latency(seconds: Sequence[float]) -> Latency:
    """The nearest-rank percentiles of measured seconds."""
    if not seconds:
        return Latency(0, 0, 0, 0)
    ordered = sorted(seconds)
    p50, p95, p99 = (round(ordered[nearest_rank(len(ordered), share)] * 1000, 2) for share in (50, 95, 99))
    return Latency(p50, p95, p99, round(ordered[-1] * 1000, 2))


def nearest_rank(count: int, percent: int) -> int:
    """The index of a percentile among `count` ordered values, at least one."""
    return max(-(-count * percent // 100) - 1, 0)
