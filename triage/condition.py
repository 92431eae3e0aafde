"""What a criterion asks of a report, as a small tree that answers yes, no or "not known".

The third answer is the point: a criterion that needs a value nobody gave must not look as if it had been ruled out.
There is no "not": a further symptom or a worse value can then never make a report look milder.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

BIRTH = "birth_date"
PREGNANT = "pregnant"
BREASTFEEDING = "breastfeeding"


@dataclass(slots=True)
class Facts:
    """A report made ready to be asked: sets instead of tuples, the age worked out once. Ages in completed months."""

    symptoms: frozenset[str]
    conditions: frozenset[str]
    vitals: Mapping[str, float | bool]
    months_low: int | None
    months_high: int | None
    pregnant: bool | None
    breastfeeding: bool | None = None


class Condition(ABC):
    """One question or a combination of questions."""

    __slots__ = ()

    @abstractmethod
    def truth(self, facts: Facts) -> bool | None:
        """True, False, or None where it depends on a value that was not given."""

    def missing(self, facts: Facts) -> tuple[str, ...]:
        """The codes of the values that would decide it. To be asked only where `truth` is None."""
        return ()

    def values(self, facts: Facts) -> tuple[str, ...]:
        """The measured values upon which it holds. To be asked only where `truth` is True.

        Vitals only: an age would tell a committee, which sees reasons but no person, more than the age band.
        """
        return ()

    def words(self) -> frozenset[str] | None:
        """Codes of which a report has at least one wherever it holds; None where it may hold without any."""
        return None


@dataclass(frozen=True, slots=True)
class AnySymptom(Condition):
    """At least one of these symptoms was declared."""

    codes: frozenset[str]

    def truth(self, facts: Facts) -> bool:
        return not self.codes.isdisjoint(facts.symptoms)

    def words(self) -> frozenset[str]:
        return self.codes


@dataclass(frozen=True, slots=True)
class AnyCondition(Condition):
    """At least one of these underlying conditions was declared."""

    codes: frozenset[str]

    def truth(self, facts: Facts) -> bool:
        return not self.codes.isdisjoint(facts.conditions)

    def words(self) -> frozenset[str]:
        return self.codes


@dataclass(frozen=True, slots=True)
class MinConditions(Condition):
    """At least `count` different underlying conditions were declared, whichever."""

    count: int

    def truth(self, facts: Facts) -> bool:
        return len(facts.conditions) >= self.count


@dataclass(frozen=True, slots=True)
class AgeWithin(Condition):
    """The age may lie in [first, before) completed months; None leaves that end open.

    "May": from a birth year alone the person is taken to be of the age that calls for more care.
    """

    first: int | None
    before: int | None

    def truth(self, facts: Facts) -> bool | None:
        low, high = facts.months_low, facts.months_high
        if low is None or high is None:
            return None
        return (self.before is None or low < self.before) and (self.first is None or high >= self.first)

    def missing(self, facts: Facts) -> tuple[str, ...]:
        return (BIRTH,)


@dataclass(frozen=True, slots=True)
class VitalWithin(Condition):
    """A measured value lies within the bounds that are given, in the unit of the protocol's word for it."""

    code: str
    below: float | None = None
    at_most: float | None = None
    above: float | None = None
    at_least: float | None = None

    def truth(self, facts: Facts) -> bool | None:
        value = facts.vitals.get(self.code)
        if value is None:
            return None
        return (
            (self.below is None or value < self.below)
            and (self.at_most is None or value <= self.at_most)
            and (self.above is None or value > self.above)
            and (self.at_least is None or value >= self.at_least)
        )

    def missing(self, facts: Facts) -> tuple[str, ...]:
        return (self.code,)

    def values(self, facts: Facts) -> tuple[str, ...]:
        return (f"{facts.vitals[self.code]:g}",)

    def words(self) -> frozenset[str]:
        return frozenset((self.code,))


@dataclass(frozen=True, slots=True)
class Answer(Condition):
    """A yes-or-no question was answered so."""

    code: str
    expected: bool

    def truth(self, facts: Facts) -> bool | None:
        value = facts.vitals.get(self.code)
        return None if value is None else bool(value) is self.expected

    def missing(self, facts: Facts) -> tuple[str, ...]:
        return (self.code,)

    def words(self) -> frozenset[str]:
        return frozenset((self.code,))


@dataclass(frozen=True, slots=True)
class Pregnant(Condition):
    """The person is pregnant."""

    def truth(self, facts: Facts) -> bool | None:
        return facts.pregnant

    def missing(self, facts: Facts) -> tuple[str, ...]:
        return (PREGNANT,)


@dataclass(frozen=True, slots=True)
class Breastfeeding(Condition):
    """The person is breastfeeding."""

    def truth(self, facts: Facts) -> bool | None:
        return facts.breastfeeding

    def missing(self, facts: Facts) -> tuple[str, ...]:
        return (BREASTFEEDING,)


@dataclass(frozen=True, slots=True)
class All(Condition):
    """Every part holds. One that surely does not settles it, whatever else is not known."""

    parts: tuple[Condition, ...]

    def truth(self, facts: Facts) -> bool | None:
        result: bool | None = True
        for part in self.parts:
            truth = part.truth(facts)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    def missing(self, facts: Facts) -> tuple[str, ...]:
        return _missing_of(self.parts, facts)

    def values(self, facts: Facts) -> tuple[str, ...]:
        return tuple(value for part in self.parts for value in part.values(facts))

    def words(self) -> frozenset[str] | None:
        # Each part has to hold, so the words of any one of them will do: those of the part that names the fewest.
        return min((words for part in self.parts if (words := part.words()) is not None), key=len, default=None)


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    """At least one part holds. One that surely does settles it, whatever else is not known."""

    parts: tuple[Condition, ...]

    def truth(self, facts: Facts) -> bool | None:
        result: bool | None = False
        for part in self.parts:
            truth = part.truth(facts)
            if truth:
                return True
            if truth is None:
                result = None
        return result

    def missing(self, facts: Facts) -> tuple[str, ...]:
        return _missing_of(self.parts, facts)

    def values(self, facts: Facts) -> tuple[str, ...]:
        return tuple(value for part in self.parts if part.truth(facts) for value in part.values(facts))

    def words(self) -> frozenset[str] | None:
        return union_of(part.words() for part in self.parts)


def union_of(words: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """The words of all, of which one is had wherever any of them holds; None where one of them needs none."""
    found: set[str] = set()
    for some in words:
        if some is None:
            return None
        found |= some
    return frozenset(found)


def _missing_of(parts: tuple[Condition, ...], facts: Facts) -> tuple[str, ...]:
    """Each code once, in the order of the file, from the parts that are not known."""
    found: dict[str, None] = {}
    for part in parts:
        if part.truth(facts) is None:
            for code in part.missing(facts):
                found[code] = None
    return tuple(found)
