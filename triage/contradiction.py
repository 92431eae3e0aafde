"""Whether a condition can hold at all, found by laying its bounds over one another."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product

from triage.condition import AgeWithin, All, Answer, AnyOf, AnySymptom, Condition, MinConditions, VitalWithin
from triage.words import VitalWord

# Beyond this many ways to hold, a condition is taken to be possible: a check must not hang on a file it is given.
_WAYS_LIMIT = 500
_OLDEST_MONTHS = 130 * 12


@dataclass(frozen=True, slots=True)
class Span:
    """The values between two ends, each included or not."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    @property
    def empty(self) -> bool:
        """Whether no value lies within."""
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def meet(self, other: "Span") -> "Span":
        """The values within both."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, not_high_open = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Span(low, high, low_open, not not_high_open)

    def covers(self, other: "Span") -> bool:
        """Whether every value of the other lies within this one."""
        return self.meet(other) == other


@dataclass(slots=True)
class Way:
    """One way in which a condition can hold: every bound of it at once. Ages in completed months."""

    age: Span = field(default_factory=lambda: Span(0, _OLDEST_MONTHS))
    vitals: dict[str, Span] = field(default_factory=dict)
    answers: dict[str, set[bool]] = field(default_factory=dict)
    symptoms: list[frozenset[str]] = field(default_factory=list)
    others: list[Condition] = field(default_factory=list)

    @property
    def free(self) -> bool:
        """Whether it asks for nothing."""
        unbounded = self.age == Span(0, _OLDEST_MONTHS)
        return unbounded and not (self.vitals or self.answers or self.symptoms or self.others)


def ways(condition: Condition) -> Iterator[Way]:
    """The ways in which the condition can hold, at most a bounded number of them."""
    return map(_way, islice(_leaves(condition), _WAYS_LIMIT))


def possible(way: Way, words: Mapping[str, VitalWord], conditions: int) -> bool:
    """Whether some report with plausible values and that many conditions to choose from meets all bounds of the way."""
    if way.age.empty or any(len(expected) > 1 for expected in way.answers.values()):
        return False
    if any(isinstance(other, MinConditions) and other.count > conditions for other in way.others):
        return False
    return all(_can_be(span, words[code]) for code, span in way.vitals.items() if code in words)


def span_of(vital: VitalWithin) -> Span:
    """The bounds of one measured value."""
    span = Span()
    if vital.below is not None:
        span = span.meet(Span(high=vital.below, high_open=True))
    if vital.at_most is not None:
        span = span.meet(Span(high=vital.at_most))
    if vital.above is not None:
        span = span.meet(Span(low=vital.above, low_open=True))
    if vital.at_least is not None:
        span = span.meet(Span(low=vital.at_least))
    return span


def _can_be(span: Span, word: VitalWord) -> bool:
    within = span.meet(Span(word.minimum, word.maximum))
    if within.empty or not word.whole:
        return not within.empty
    first = math.floor(within.low) + 1 if within.low_open else math.ceil(within.low)
    last = math.ceil(within.high) - 1 if within.high_open else math.floor(within.high)
    return first <= last


def _leaves(condition: Condition) -> Iterator[tuple[Condition, ...]]:
    if isinstance(condition, AnyOf):
        for part in condition.parts:
            yield from _leaves(part)
    elif isinstance(condition, All):
        # Each factor is bounded on its own: product() reads all of them before it gives its first.
        factors = [tuple(islice(_leaves(part), _WAYS_LIMIT)) for part in condition.parts]
        for combination in product(*factors):
            yield tuple(leaf for leaves in combination for leaf in leaves)
    else:
        yield (condition,)


def _way(leaves: tuple[Condition, ...]) -> Way:
    way = Way()
    for leaf in leaves:
        if isinstance(leaf, AgeWithin):
            # Months are whole: before 144 is at most 143.
            high = math.inf if leaf.before is None else leaf.before - 1
            way.age = way.age.meet(Span(leaf.first or 0, high))
        elif isinstance(leaf, VitalWithin):
            way.vitals[leaf.code] = way.vitals.get(leaf.code, Span()).meet(span_of(leaf))
        elif isinstance(leaf, Answer):
            way.answers.setdefault(leaf.code, set()).add(leaf.expected)
        elif isinstance(leaf, AnySymptom):
            way.symptoms.append(leaf.codes)
        else:
            way.others.append(leaf)
    return way
