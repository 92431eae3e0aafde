"""Numbers for a tree, so that every subtree is a range: pure arithmetic, no table.

Each area has a span `lo`..`hi`; `lo` is its own number, the spans of its children lie apart from each other in
`lo + 1`..`hi`, and what is between and behind them is a gap for children to come. Numbers fit PostgreSQL's int4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LAST = 2**31 - 1
FOREST_SHARE = 16
"""A new tree takes at most a sixteenth of the largest gap between trees, so that hundreds of trees find room."""
CHILD_SHARE = 2
"""New children take at most half of their parent's largest gap."""


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers `lo`..`hi`, both included, of an area and all below it."""

    lo: int
    hi: int

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.hi - self.lo + 1

    def covers(self, other: "Span") -> bool:
        """Whether the other lies wholly inside."""
        return self.lo <= other.lo and other.hi <= self.hi


WHOLE = Span(0, LAST)
"""The span that the trees share. Its own number, 0, belongs to no area."""


class NoRoom(Exception):
    """No gap is large enough. The remedy is to number everything anew, which spreads the gaps evenly."""

    def __init__(self, needed: int, largest: int) -> None:
        """`needed` is how many numbers are wanted, `largest` is the largest gap there is."""
        super().__init__(f"{needed} numbers are needed and the largest gap has {largest}; run: khaibao areas renumber")
        self.needed = needed
        self.largest = largest


def weights(children: Mapping[str, Sequence[str]], root: str) -> dict[str, int]:
    """How many areas each subtree of `root` has, itself included. `children` must be a tree (no cycle)."""
    order = [root]
    for area in order:  # grows while it is walked: no recursion, so that no depth is too deep
        order.extend(children.get(area, ()))
    weight: dict[str, int] = {}
    for area in reversed(order):
        weight[area] = 1 + sum(weight[child] for child in children.get(area, ()))
    return weight


def number(children: Mapping[str, Sequence[str]], root: str, span: Span) -> dict[str, Span]:
    """Numbers the subtree of `root` within `span`. Raises NoRoom where the span has fewer numbers than it has areas.

    A quarter of what can be spared stays free behind the children of each area; the rest goes to the children by
    weight. Nobody gets less than a number for each area, so a tree fits at any depth.
    """
    weight = weights(children, root)
    if weight[root] > span.size:
        raise NoRoom(weight[root], span.size)
    spans = {root: span}
    open_areas = [root]
    for area in open_areas:
        own = spans[area]
        below = children.get(area, ())
        spare = (own.size - weight[area]) * 3 // 4
        spans.update(zip(below, _row(own.lo + 1, [weight[child] for child in below], spare), strict=True))
        open_areas.extend(below)
    return spans


def place(parent: Span, taken: Sequence[Span], wanted: Sequence[int], most: int = CHILD_SHARE) -> list[Span]:
    """Spans for new children of an area, in its largest gap. `wanted` has the weight of each, `taken` is what it has.

    They get a `most`-th of the gap at the most, and the less the more siblings there are, so that as many again will
    find room. Raises NoRoom.
    """
    total = sum(wanted)
    gap = max(_gaps(parent, taken), key=lambda span: span.size)
    if total > gap.size:
        raise NoRoom(total, gap.size)
    fair = min(gap.size * total // (total + len(taken) + FOREST_SHARE), gap.size // most)
    return _row(gap.lo, wanted, max(fair - total, 0))


def _row(start: int, wanted: Sequence[int], spare: int) -> list[Span]:
    """Spans one behind the other, each with its own numbers and its part of what can be spared."""
    total = sum(wanted)
    row = []
    for weight in wanted:
        size = weight + spare * weight // total
        row.append(Span(start, start + size - 1))
        start += size
    return row


def _gaps(parent: Span, taken: Sequence[Span]) -> list[Span]:
    gaps = []
    free = parent.lo + 1
    for span in sorted(taken, key=lambda span: span.lo):
        gaps.append(Span(free, span.lo - 1))
        free = span.hi + 1
    gaps.append(Span(free, parent.hi))
    return gaps
