"""The bounds of admission: how long somebody waits before being refused, and how much a process takes on at most."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdmissionBounds:
    """Times in seconds. What a process really takes on at once is measured, between `least` and `most`."""

    wait_seconds: float = 0.35
    """How long an operation may wait for its turn; who would wait longer is refused at once."""
    stream_seconds: float = 3.0
    """The same for the opening of a socket or subscription: nobody looks at a clock while a screen connects."""
    answer_seconds: float = 0.15
    """How long a declaration is to take once admitted: where the mean is longer, fewer are admitted at once."""
    alert_seconds: float = 0.3
    """How late an alert may reach a screen before fewer operations are admitted."""
    told_seconds: float = 0.8
    """While others are refused: how long after its arrival a query is given up, and told to come back as they are."""
    least: int = 3
    most: int = 16
    """How many operations a process works on at once."""
    waiting: int = 400
    """How many may wait in one lane, whatever the pace."""
    longest_return: float = 45.0
    """The longest that somebody is told to stay away, but for a second and a half of jitter."""
    subscriptions: int = 5_000
    """Open subscriptions of one process."""
