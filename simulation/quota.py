"""How many of the drawn people are severe and high-risk: the published proportions, to the person."""

import random
from dataclasses import dataclass

DECLARED = 48_000
SEVERE = 4_342
HIGH_RISK = 731
"""What the city's Department of Health reported for the first eleven days, as of 22 March 2022."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Exactly how many people, and of them how many severe and how many high-risk (one may be both)."""

    declared: int
    severe: int
    high_risk: int

    @property
    def alerts(self) -> int:
        """One alert for each kind: who is severe and high-risk is called for twice."""
        return self.severe + self.high_risk


def quota(declared: int = DECLARED) -> Quota:
    """The published figures, scaled to `declared` people and rounded half up."""
    return Quota(declared, _share(declared, SEVERE), _share(declared, HIGH_RISK))


def draw_marks(wanted: Quota, draw: random.Random) -> tuple[frozenset[int], frozenset[int]]:
    """Which people, by their number, are severe and which are high-risk."""
    people = range(wanted.declared)
    return frozenset(draw.sample(people, wanted.severe)), frozenset(draw.sample(people, wanted.high_risk))


def _share(declared: int, part: int) -> int:
    return (2 * declared * part + DECLARED) // (2 * DECLARED)
