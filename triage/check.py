"""Refusing a protocol file that is incomplete or contradicts itself, with every line and reason at once."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from triage.condition import Condition
from triage.contradiction import Span, Way, possible, ways
from triage.criterion import Criterion
from triage.finding import Finding, finding
from triage.lines import Lines, Place
from triage.reader import Reader
from triage.reading import read
from triage.response import HIGH_RISK, MISSED_CHECK_IN, SEVERE
from triage.rules import Protocol

__all__ = ["Finding", "check", "examine"]

_LINE = re.compile(r"\(at line (\d+)")


def check(text: str, others: Sequence[Protocol] = ()) -> list[Finding]:
    """All that is wrong with the file, in the order of its lines; an empty list means that it can be published.

    `others` are the protocols already published, against which the days of validity are held. One of the same version
    is taken to be this file's former text, and passed over.
    """
    return examine(text, others)[1]


def examine(text: str, others: Sequence[Protocol] = ()) -> tuple[Protocol | None, list[Finding]]:
    """The protocol, or None where something is wrong, together with all that is wrong."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, [_syntax(text, error)]
    reader = Reader(Lines(text))
    protocol = read(text, reader)
    if reader.sound:
        _criteria(protocol, reader)
        _packs(protocol, reader)
        _bounds(protocol, reader)
        _responses(protocol, reader)
        _validity(protocol, reader, others)
    findings = sorted(set(reader.findings))
    return (None if findings else protocol), findings


def _syntax(text: str, error: tomllib.TOMLDecodeError) -> Finding:
    found = _LINE.search(str(error))
    line = int(found.group(1)) if found else text.count("\n") + 1
    return finding(line, "SYNTAX", problem=error)


def _criteria(protocol: Protocol, reader: Reader) -> None:
    if not any(criterion.raises == "severe" for criterion in protocol.criteria):
        reader.note(("criteria",), "NO_SEVERE_CRITERION")
    for index, criterion in enumerate(protocol.criteria):
        place = ("criteria", index)
        if criterion.raises == "severe" and criterion.danger is None:
            reader.note(place, "SEVERE_WITHOUT_DANGER", criterion=criterion.code)
        if criterion.raises != "severe" and criterion.danger is not None:
            reader.note((*place, "danger"), "DANGER_WITHOUT_SEVERE", criterion=criterion.code)
        _holds(protocol, reader, (*place, "when"), criterion.code, criterion.when)


def _packs(protocol: Protocol, reader: Reader) -> None:
    for number, pack in enumerate(protocol.packs):
        for index, exclusion in enumerate(pack.unless):
            place = ("packs", number, "unless", index, "when")
            _holds(protocol, reader, place, exclusion.code, exclusion.when)


def _holds(protocol: Protocol, reader: Reader, place: Place, code: str, when: Condition) -> None:
    found = list(ways(when))
    if not any(possible(way, protocol.vital_by_code, len(protocol.conditions)) for way in found):
        reader.note(place, "NEVER_HOLDS", criterion=code)
    if any(way.free for way in found):
        reader.note(place, "ALWAYS_HOLDS", criterion=code)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A way to hold that asks for one measured value or one symptom only, at certain ages."""

    index: int
    criterion: Criterion = field(compare=False)
    subject: str
    age: Span
    span: Span


def _bounds(protocol: Protocol, reader: Reader) -> None:
    """Of two bounds on one value for one age, one is idle: which of them the author meant is not ours to guess."""
    found = (
        bound
        for index, criterion in enumerate(protocol.criteria)
        for way in ways(criterion.when)
        for bound in _simple(index, criterion, way)
    )
    bounds = list(dict.fromkeys(found))
    for number, bound in enumerate(bounds):
        place = ("criteria", bound.index, "when")
        for other in bounds[:number]:
            if bound.subject in protocol.vital_by_code and _alike(bound, other):
                values = {"criterion": bound.criterion.code, "other": other.criterion.code, "vital": bound.subject}
                reader.note(place, "OVERLAPPING_BOUNDS", **values)
        if bound.criterion.danger == "AMBER":
            for other in bounds:
                hides = other.criterion.danger == "RED" and other.subject == bound.subject
                if hides and other.age.covers(bound.age) and other.span.covers(bound.span):
                    values = {"criterion": bound.criterion.code, "other": other.criterion.code}
                    reader.note(place, "HIDDEN_BY_RED", **values)


def _simple(index: int, criterion: Criterion, way: Way) -> Iterator[_Bound]:
    if way.answers or way.others or len(way.vitals) + len(way.symptoms) != 1:
        return
    for code, span in way.vitals.items():
        yield _Bound(index, criterion, code, way.age, span)
    for codes in way.symptoms:
        for code in sorted(codes):
            yield _Bound(index, criterion, code, way.age, Span())


def _alike(bound: _Bound, other: _Bound) -> bool:
    """Whether both hold for the same values of one thing, at the same age and to the same end."""
    one, two = bound.criterion, other.criterion
    same_end = one.raises == two.raises and one.danger == two.danger
    meet = not bound.span.meet(other.span).empty and not bound.age.meet(other.age).empty
    return same_end and bound.subject == other.subject and meet


def _responses(protocol: Protocol, reader: Reader) -> None:
    given: set[tuple[str, str | None]] = set()
    for index, response in enumerate(protocol.responses):
        what = _named(response.kind, response.danger)
        if (response.kind, response.danger) in given:
            reader.note(("responses", index), "DUPLICATE_RESPONSE", what=what)
        given.add((response.kind, response.danger))
        for lower, upper in pairwise(response.steps):
            if upper.due <= lower.due:
                place = ("responses", index, "minutes", upper.level)
                reader.note(place, "STEPS_NOT_GROWING", level=upper.level, what=what)
    for index, criterion in enumerate(protocol.criteria):
        kind = SEVERE if criterion.raises == "severe" else HIGH_RISK
        if (kind, criterion.danger) not in given:
            reader.note(("criteria", index), "NO_RESPONSE", what=_named(kind, criterion.danger))
            given.add((kind, criterion.danger))  # Once is enough: at the first criterion that needs it.
    if (MISSED_CHECK_IN, None) not in given:
        reader.note(("responses",), "NO_RESPONSE", what=MISSED_CHECK_IN)
    _red_first(protocol, reader)


def _red_first(protocol: Protocol, reader: Reader) -> None:
    severe = {r.danger: (i, r.steps) for i, r in enumerate(protocol.responses) if r.kind == SEVERE}
    index, red_steps = severe.get("RED", (0, ()))
    _, amber_steps = severe.get("AMBER", (0, ()))
    for red, amber in zip(red_steps, amber_steps, strict=False):
        if red.due >= amber.due:
            reader.note(("responses", index, "minutes", red.level), "RED_SLOWER_THAN_AMBER", level=red.level)


def _named(kind: str, danger: str | None) -> str:
    return kind if danger is None else f"{kind} {danger}"


def _validity(protocol: Protocol, reader: Reader, others: Sequence[Protocol]) -> None:
    if protocol.valid_to is not None and protocol.valid_to <= protocol.valid_from:
        reader.note(("valid_to",), "VALIDITY_REVERSED")
        return
    for other in others:
        if other.disease == protocol.disease and other.version != protocol.version and _overlap(protocol, other):
            reader.note(("valid_from",), "VALIDITY_OVERLAPS", other=other.version)


def _overlap(one: Protocol, two: Protocol) -> bool:
    first, second = sorted((one, two), key=lambda protocol: protocol.valid_from)
    if first.valid_from == second.valid_from:
        return True
    # Without an end, the earlier one ends where the later begins: its successor could not be written otherwise.
    return first.valid_to is not None and second.valid_from < first.valid_to
