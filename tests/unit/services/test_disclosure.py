"""From everything that is told to everybody, ten values remain possible for each single count: attacked by reckoning.

The attacker knows the method, the whole tree, and everything told of each place, metric and day; and that counts are
never negative, add up, never fall from day to day, and that there are no more severe reports than reports. Intervals
are narrowed by all of that until nothing narrows them further.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.disclosure import STEP, Place, Told, bounded, tell

MANY = 10**9


@dataclass
class Node:
    """A place with its true counts: of each metric, for each day, until that day's end."""

    number: int
    parts: list[Node] = field(default_factory=list)
    own: dict[str, list[int]] = field(default_factory=dict)

    def count(self, metric: str, day: int) -> int:
        return self.own[metric][day] + sum(part.count(metric, day) for part in self.parts)

    def place(self, metric: str, day: int) -> Place:
        return Place(self.count(metric, day), tuple(part.place(metric, day) for part in self.parts))

    def all(self) -> Iterator[Node]:
        yield self
        for part in self.parts:
            yield from part.all()


METRICS = ("declared", "confirmed", "severe", "high_risk")
Key = tuple[int, str, int]
Box = tuple[int, int]


@st.composite
def histories(draw: st.DrawFn, days: int) -> dict[str, list[int]]:
    """One ward's counts: few on most days, now and then many; of the declared some are each of the others."""
    counts = {metric: [0] for metric in METRICS}
    for _ in range(days):
        declared = draw(st.one_of(st.integers(0, 3), st.integers(0, 12), st.integers(0, 60)))
        counts["declared"].append(counts["declared"][-1] + declared)
        for metric in METRICS[1:]:
            counts[metric].append(counts[metric][-1] + draw(st.integers(0, declared)))
    return {metric: series[1:] for metric, series in counts.items()}


@st.composite
def trees(draw: st.DrawFn, days: int = 3, depth: int = 4, most: int = 12) -> Node:
    """A tree of any shape: only children, broad families, and places that have counts of their own besides."""
    numbers = iter(range(10**6))

    def grown(level: int) -> Node:
        node = Node(next(numbers))
        width = 0 if level == depth else draw(st.sampled_from([0, 0, 1, 2, 2, 3, 5, most]))
        if level and len(parts_so_far) > 25:
            width = 0
        node.parts = [grown(level + 1) for _ in range(width)]
        parts_so_far.append(node.number)
        has_own = not node.parts or draw(st.integers(0, 9)) == 0
        node.own = draw(histories(days)) if has_own else {metric: [0] * days for metric in METRICS}
        return node

    parts_so_far: list[int] = []
    return grown(0)


class Attack:
    """Everything that can be concluded, as the least and greatest value that each count can still have."""

    def __init__(self, root: Node, days: int) -> None:
        self.root, self.days = root, days
        self.boxes: dict[Key, Box] = {}
        for metric in METRICS:
            for day in range(days):
                self._read(root, tell(root.place(metric, day)), metric, day)
        while self._narrowed():
            pass

    def _read(self, node: Node, told: Told, metric: str, day: int) -> None:
        for part, of_part in zip(node.parts, told.parts, strict=True):
            self._read(part, of_part, metric, day)
        exact = told.count + STEP - 1
        # Where as much is told as the method ever tells above these parts, it may be much more in truth.
        most = bounded(MANY, [part.count for part in told.parts]) if node.parts else MANY
        capped = bool(node.parts) and told.count >= most
        # A place with counts of its own has one part more than is seen, so the attacker cannot rely on it either.
        unseen = bool(node.parts) and told.count > most
        self.boxes[node.number, metric, day] = (told.count, MANY if capped or unseen else exact)

    def _cut(self, key: Key, low: int, high: int) -> bool:
        was = self.boxes[key]
        self.boxes[key] = max(was[0], low), min(was[1], high)
        assert self.boxes[key][0] <= self.boxes[key][1], "the attacker has concluded what cannot be"
        return self.boxes[key] != was

    def _narrowed(self) -> bool:
        cuts = [cut for node in self.root.all() for metric in METRICS for cut in self._concluded(node, metric)]
        return any(cuts)

    def _concluded(self, node: Node, metric: str) -> Iterator[bool]:
        for day in range(self.days):
            here = node.number, metric, day
            yield from self._by_sums(node, metric, day)
            if day:
                before = node.number, metric, day - 1
                yield self._cut(here, self.boxes[before][0], MANY)
                yield self._cut(before, 0, self.boxes[here][1])
            if metric != "declared":
                whole = node.number, "declared", day
                yield self._cut(here, 0, self.boxes[whole][1])
                yield self._cut(whole, self.boxes[here][0], MANY)

    def _by_sums(self, node: Node, metric: str, day: int) -> Iterator[bool]:
        if not node.parts:
            return
        parts = [(part.number, metric, day) for part in node.parts]
        low, high = self.boxes[node.number, metric, day]
        lows, highs = sum(self.boxes[key][0] for key in parts), sum(self.boxes[key][1] for key in parts)
        # Whoever knows that a place counts nothing but its parts knows more than whoever does not.
        alone = not any(node.own[metric])
        yield self._cut((node.number, metric, day), lows, highs if alone else MANY)
        for key in parts:
            least, greatest = self.boxes[key]
            yield self._cut(key, low - (highs - greatest) if alone else 0, high - (lows - least))


def straight(*counts: int) -> Node:
    """One place whose parts have these counts on a single day, of each metric."""
    zero = {metric: [0, 0, 0] for metric in METRICS}
    parts = [Node(n, own={metric: [count] * 3 for metric in METRICS}) for n, count in enumerate(counts, 1)]
    return Node(0, parts, zero)


@given(trees())
@example(straight(9))
@example(straight(9, 9))
@example(straight(*[9] * 10))
@example(straight(*[19] * 12))
@example(Node(99, [straight(9, 9, 9), straight(*[9] * 5)][:1], {metric: [0] * 3 for metric in METRICS}))
@settings(max_examples=150, deadline=None)
def test_ten_values_remain_possible_for_each_count_of_each_place_metric_and_day(root: Node) -> None:
    attack = Attack(root, 3)
    for node in root.all():
        for metric in METRICS:
            for day in range(3):
                low, high = attack.boxes[node.number, metric, day]
                assert low <= node.count(metric, day) <= high
                assert high - low + 1 >= STEP
                # The same of what one day brought: the difference of two evenings.
                if day:
                    before = attack.boxes[node.number, metric, day - 1]
                    assert high - before[0] - max(0, low - before[1]) + 1 >= STEP


@given(trees(days=1), st.data())
@settings(max_examples=150, deadline=None)
def test_for_each_value_of_its_ten_there_is_a_city_of_which_the_same_is_told(root: Node, data: st.DataObject) -> None:
    truth = root.place("declared", 0)
    told = tell(truth)
    path, value = data.draw(_somewhere(told)), data.draw(st.integers(0, STEP - 1))
    other = _city(told, truth, path, value)
    assert tell(other) == told
    chosen = other
    for step in path:
        chosen = chosen.parts[step]
    assert chosen.count == _at(told, path).count + value


@st.composite
def _somewhere(draw: st.DrawFn, told: Told) -> list[int]:
    path: list[int] = []
    for goes_on in draw(st.lists(st.booleans(), max_size=6)):
        if not (goes_on and told.parts):
            break
        path.append(draw(st.integers(0, len(told.parts) - 1)))
        told = told.parts[path[-1]]
    return path


def _at(told: Told, path: list[int]) -> Told:
    for step in path:
        told = told.parts[step]
    return told


def _city(told: Told, truth: Place, path: list[int], value: int) -> Place:
    """A city of which the same is told, with this remainder at the end of the path."""
    if not path:
        return _with_remainder(told, truth, value)
    step = path[0]
    chosen = _city(told.parts[step], truth.parts[step], path[1:], value)
    own = _own(truth)
    remainder = chosen.count - told.parts[step].count
    # The others take what is still missing for what is told above them; a count of its own stays one.
    missing = max(0, told.count - sum(part.count for part in told.parts) - own[0] - remainder)
    hidden = own[0] + min(own[1], missing)
    missing -= hidden - own[0]
    made: list[Place] = []
    for number, part in enumerate(told.parts):
        if number == step:
            made.append(chosen)
            continue
        share = min(STEP - 1, missing)
        missing -= share
        made.append(_with_remainder(part, truth.parts[number], share))
    hidden += missing
    return Place(sum(one.count for one in made) + hidden, tuple(made))


def _with_remainder(told: Told, truth: Place, value: int) -> Place:
    """The place with a count of what is told and so much more, and parts that add up to it."""
    if not told.parts:
        return Place(told.count + value)
    own = _own(truth)
    missing = told.count + value - sum(part.count for part in told.parts) - own[0]
    hidden = min(own[1], missing)
    missing -= hidden
    made = []
    for part, was in zip(told.parts, truth.parts, strict=True):
        share = min(STEP - 1, max(0, missing))
        missing -= share
        made.append(_with_remainder(part, was, share))
    assert missing + hidden <= (STEP - 1 if sum(own) else 0)
    return Place(told.count + value, tuple(made))


def _own(truth: Place) -> tuple[int, int]:
    """What would be told of the place's own count, and the least that it is above that while it is one."""
    own = truth.count - sum(part.count for part in truth.parts)
    return own - own % STEP, 1 if 0 < own < STEP else 0


@given(trees(days=1))
def test_what_is_told_is_a_multiple_of_ten_and_never_more_than_the_truth(root: Node) -> None:
    told = tell(root.place("declared", 0))
    assert told.count % STEP == 0
    assert told.count <= root.count("declared", 0)
    # A family of three or more loses little: less than a step for each part.
    assert root.count("declared", 0) - told.count < STEP * (len(root.parts) + 2)


def test_less_than_ten_is_not_told_and_a_whole_city_is_told_to_the_ten() -> None:
    assert tell(Place(9)).count == 0
    assert tell(Place(10)).count == 10
    wards = tuple(Place(137 + number % 31) for number in range(312))
    assert tell(Place(sum(ward.count for ward in wards), wards)).count == sum(w.count for w in wards) // 10 * 10
