"""Times to acknowledge, counted in buckets that grow by a fixed factor: percentiles of any area in one sum."""

import math
from collections.abc import Mapping

_GROWTH = 1.1
_LOG = math.log(_GROWTH)
_LAST = 200
"""Bucket 200 begins at six years; nothing is later."""


def bucket(seconds: float) -> int:
    """The bucket of a time to acknowledge; what took less than a second is in bucket 0."""
    if seconds < 1:
        return 0
    return min(1 + int(math.log(seconds) / _LOG), _LAST)


def seconds(bucket: int) -> float:
    """The time that stands for a bucket, at most 5 % from any time in it (bucket 0 stands for half a second)."""
    if bucket == 0:
        return 0.5
    return math.exp((bucket - 0.5) * _LOG)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The time within which this share (0..1) was acknowledged, in seconds; None where nothing was."""
    total = sum(counts.values())
    if total == 0:
        return None
    wanted = max(1, math.ceil(share * total))
    reached = 0
    for number in sorted(counts):
        reached += counts[number]
        if reached >= wanted:
            return seconds(number)
    raise AssertionError("the buckets hold fewer than their sum")
