"""How counts are told to everybody, so that no figure, and no difference of figures, says something of few people.

Pure arithmetic. What is told of a place is its count rounded down to a multiple of STEP; a place above others is told
at most as much as still leaves each of them its whole step (`docs/decisions/0018-public-counts.md` has the proof). So
from everything that is told, of every place and at every time, STEP values remain possible for each single count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

STEP = 10
"""How many values every count keeps; what is below it is not told at all."""


@dataclass(frozen=True, slots=True)
class Place:
    """An area's true count, of everything until some moment, and its parts."""

    count: int
    parts: tuple["Place", ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a place, a multiple of STEP; 0 stands for anything from none to STEP - 1. Parts in order."""

    count: int
    parts: tuple["Told", ...] = ()


def tell(place: Place) -> Told:
    """What may be told of a place and of everything below it."""
    parts = tuple(tell(part) for part in place.parts)
    # What is counted of the place itself, and of none of its parts, is one more part that is never shown.
    own = max(0, place.count - sum(part.count for part in place.parts))
    counts = [part.count for part in parts]
    if own or not parts:
        counts.append(_down(own))
    return Told(bounded(place.count, counts), parts)


def bounded(count: int, parts: Sequence[int]) -> int:
    """A count rounded down, but never so far above what is told of its parts that one of them must be large.

    Each part has a remainder from 0 to STEP - 1. Were it told that all remainders together are more than those of all
    parts but one can be, no part's remainder could be 0 any more.
    """
    steps = (STEP - 1) * (len(parts) - 1) // STEP
    return min(_down(count), sum(parts) + steps * STEP)


def _down(count: int) -> int:
    return count - count % STEP
