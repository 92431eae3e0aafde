"""Where an account acts: a subtree of the areas, as a range of their numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The areas whose number is within `lo`..`hi`, both included; empty where `hi` is below `lo`."""

    lo: int
    hi: int

    def covers(self, area_no: int) -> bool:
        """Whether an area (and so a row that belongs to it) is inside."""
        return self.lo <= area_no <= self.hi

    def narrow(self, lo: int, hi: int) -> "Jurisdiction":
        """The part of this jurisdiction that is also within another range."""
        return Jurisdiction(max(self.lo, lo), min(self.hi, hi))

    @property
    def empty(self) -> bool:
        """Whether it covers nothing at all."""
        return self.hi < self.lo


NOWHERE = Jurisdiction(0, -1)
"""No area at all: what an actor without an account sees."""

EVERYWHERE = Jurisdiction(-(2**31), 2**31 - 1)
"""Every area there can be."""
