"""What a run is asked to do."""

from dataclasses import dataclass
from pathlib import Path

from chaos.fault import SPACING, Kind


@dataclass(frozen=True, slots=True)
class Plan:
    """A run: how long, by which seed, with how many of each, and where its PostgreSQL and Redis come from."""

    seconds: float
    seed: int = 1
    servers: int = 2
    subscribers: int = 200
    silent: int = 3
    """How many more have much in each event, and will read nothing for a while."""
    hang: bool = False
    """Whether those read nothing from the begin to the end, whatever the schedule."""
    residents: int = 16
    postgres: Path | None = None
    """A folder with PostgreSQL's programs; None for those that came with us."""
    redis: str | None = None
    """The program redis-server, where it carries the wake-ups; None where PostgreSQL does."""
    kinds: frozenset[Kind] = frozenset(Kind)
    spacing: float = SPACING
    plant: str | None = None
    """The fault that was built into servers and worker, for a run that must find it."""
    severe: float = 0.23
    """The share of severe reports: what it had come to by the end of March 2022, so that there is much to lose."""
    memory: int = 320
    """The most MiB that a server may ever hold."""
    drain: float = 90.0
    """How many seconds everything may take at the end to reach everybody."""

    def possible(self) -> frozenset[Kind]:
        """The kinds of faults that can be done to the parts that there are."""
        return self.kinds if self.redis else self.kinds - {Kind.BROKER_KILLED}
