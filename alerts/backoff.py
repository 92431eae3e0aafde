"""How long to wait after a failure: arithmetic, and nothing else."""

from datetime import timedelta

from alerts.outbox import Priority

_FIRST_SECONDS = 2.0
_LONGEST_SECONDS = 60.0
_LONGEST_FOR_RED = 15.0
_LONGEST_REST = 20.0


def wait(attempts: int, draw: float, priority: int = Priority.CODE) -> timedelta:
    """A message's wait after so many failed attempts (1 or more), for a draw from 0 to 1.

    It doubles from two seconds up to a minute; the draw takes away up to half of it, so that messages that failed
    together do not all come back together. A minute at most, and a quarter of one for a RED alert, because a call for
    help must not wait for a gateway that has long recovered.
    """
    return _doubled(attempts, draw, _LONGEST_FOR_RED if priority <= Priority.RED else _LONGEST_SECONDS)


def rest(failures: int, draw: float) -> timedelta:
    """How long a gateway is left in peace after so many failures on end (1 or more), for a draw from 0 to 1."""
    return _doubled(failures, draw, _LONGEST_REST)


def _doubled(times: int, draw: float, most: float) -> timedelta:
    # The exponent is bounded before the power is taken: a float ends at 2 ** 1024.
    longest = min(most, _FIRST_SECONDS * 2.0 ** min(times - 1, 16))
    return timedelta(seconds=longest * (1 - draw / 2))
