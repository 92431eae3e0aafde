"""What a run is asked to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Times in seconds. `factor` is how many times the measured capacity comes."""

    seconds: float = 60.0
    factor: float = 10.0
    after: float = 15.0
    subscribers: int = 500
    listeners: int = 2
    """Processes that the subscribers are in."""
    measured: float = 8.0
    """How long the capacity is measured, and the calm before."""
    patient: float = 0.02
    """The share of the refused who do what they are told: come back when it is time, with their place."""
    calm: float = 0.3
    """The share of the capacity that comes before the storm and after it."""
    reconnecting: int = 2_000
    """Screens that come back all at once, after the storm."""
    most_rate: float = 20_000.0
    """Arrivals a second that a run never goes beyond, for a machine that is faster than its clients."""
    seed: int = 1
    port: int = 8840
    speed: bool = True
    """Whether times are promises of this run: on a machine that others use, only what is lost or out of order is."""
