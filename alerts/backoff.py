"""How long a message waits after a failure: arithmetic, and nothing else."""

from datetime import timedelta

_FIRST_SECONDS = 2.0
_LONGEST_SECONDS = 60.0


def wait(attempts: int, draw: float) -> timedelta:
    """The wait after so many failed attempts (1 or more), for a draw from 0 to 1.

    It doubles from two seconds up to a minute; the draw takes away up to half of it, so that messages that failed
    together do not all come back together. A minute at most, because a call for help must not wait for a gateway that
    has long recovered.
    """
    longest = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(attempts - 1, 16))
    return timedelta(seconds=longest * (1 - draw / 2))
