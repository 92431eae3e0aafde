"""The run's own book: what was sent, what was acknowledged to whom and when; nothing is read from the database."""

import time
from collections import Counter
from dataclasses import dataclass, field

from simulation.household import Household


@dataclass(slots=True)
class Sent:
    """One household's declaration: under which key, and every receipt that came for it."""

    key: str
    household: Household
    receipts: list[str] = field(default_factory=list)
    tries: int = 0


@dataclass(slots=True)
class Book:
    """Written by residents, staff and subscribers as it happens. Moments are of the monotonic clock."""

    sent: dict[str, Sent] = field(default_factory=dict)
    accepted_at: list[tuple[float, int]] = field(default_factory=list)
    """When a receipt came, and by way of which server."""
    heard_at: list[tuple[float, int]] = field(default_factory=list)
    """When an event came to a subscriber, and by way of which server."""
    taken_at: list[tuple[float, int]] = field(default_factory=list)
    """When the gateway was seen to have taken more messages, and how many in all."""
    seconds: list[float] = field(default_factory=list)
    """How long each household waited for its receipt, faults and all."""
    retries: int = 0
    resumed: int = 0
    acknowledged: set[str] = field(default_factory=set)
    resolved: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    """What a client was told that it must never be told."""
    unexpected: Counter[str] = field(default_factory=Counter)
    """Answers that say nothing of coming back: a client comes back all the same, and they are counted."""

    def accept(self, sent: Sent, receipt: str, server: int) -> None:
        """A receipt has come."""
        sent.receipts.append(receipt)
        self.accepted_at.append((time.monotonic(), server))

    @property
    def answered(self) -> int:
        """How many households have their receipt."""
        return sum(bool(sent.receipts) for sent in self.sent.values())
