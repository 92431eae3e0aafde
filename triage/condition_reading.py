"""Reading the `when` of a criterion: small tables that a clinician can read, made into a condition tree.

Several keys in one table must all hold; `any = [...]` and `all = [...]` combine further tables.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from triage.condition import (
    AgeWithin,
    All,
    Answer,
    AnyCondition,
    AnyOf,
    AnySymptom,
    Breastfeeding,
    Condition,
    MinConditions,
    Pregnant,
    VitalWithin,
)
from triage.lines import Place
from triage.reader import Reader, Table
from triage.words import VitalWord

_KEYS = (
    *("any_symptom", "any_condition", "min_conditions", "age", "age_months", "vital", "answer"),
    *("pregnant", "breastfeeding"),
)
_BOUNDS = ("below", "at_most", "above", "at_least")


@dataclass(frozen=True)
class Vocabulary:
    """The words of the file, which alone a condition may name."""

    symptoms: frozenset[str]
    conditions: frozenset[str]
    answers: frozenset[str]
    vitals: Mapping[str, VitalWord]


def read_condition(reader: Reader, table: Table, place: Place, words: Vocabulary) -> Condition:
    """The condition that the table says; what is wrong in it is noted with the reader."""
    reader.only(table, place, (*_KEYS, "all", "any"))
    parts: list[Condition] = []
    if "any_symptom" in table:
        parts.append(AnySymptom(_codes(reader, table, place, "any_symptom", words.symptoms, "symptoms")))
    if "any_condition" in table:
        parts.append(AnyCondition(_codes(reader, table, place, "any_condition", words.conditions, "conditions")))
    if "min_conditions" in table:
        parts.append(MinConditions(reader.count(table, place, "min_conditions")))
    if "age" in table:
        parts.append(_age_in_years(reader, reader.table(table, place, "age"), (*place, "age")))
    if "age_months" in table:
        parts.append(_age_in_months(reader, reader.table(table, place, "age_months"), (*place, "age_months")))
    for key, condition in (("pregnant", Pregnant()), ("breastfeeding", Breastfeeding())):
        if key in table:
            if not reader.flag(table, place, key):
                reader.note((*place, key), "UNKNOWN_CHOICE", value="false", choices="true")
            parts.append(condition)
    if "vital" in table:
        parts += _vitals(reader, reader.table(table, place, "vital"), (*place, "vital"), words)
    if "answer" in table:
        parts += _answers(reader, reader.table(table, place, "answer"), (*place, "answer"), words)
    if "all" in table:
        parts += _each(reader, table, place, "all", words)
    if "any" in table:
        parts.append(AnyOf(_each(reader, table, place, "any", words)))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _each(reader: Reader, table: Table, place: Place, key: str, words: Vocabulary) -> tuple[Condition, ...]:
    inner = reader.tables(table, place, key)
    return tuple(read_condition(reader, item, (*place, key, index), words) for index, item in enumerate(inner))


def _codes(reader: Reader, table: Table, place: Place, key: str, known: frozenset[str], section: str) -> frozenset[str]:
    codes = reader.strings(table, place, key)
    for index, code in enumerate(codes):
        if code not in known:
            reader.note((*place, key, index), "UNKNOWN_WORD", code=code, section=section)
    return frozenset(codes)


def _age_in_years(reader: Reader, table: Table, place: Place) -> AgeWithin:
    """Completed years: `over_years = 65` begins on the 66th birthday, `from_years = 50` on the 50th."""
    reader.only(table, place, ("over_years", "from_years", "under_years"))
    if not table or ("over_years" in table and "from_years" in table):
        reader.note(
            place,
            "WRONG_TYPE",
            key="age",
            expected="over_years or from_years (not both), under_years, or a pair of them",
            expected_vi="over_years hoặc from_years (không cả hai), under_years, hoặc một cặp",
        )
    first = before = None
    if "over_years" in table:
        first = (reader.count(table, place, "over_years") + 1) * 12
    elif "from_years" in table:
        first = reader.count(table, place, "from_years") * 12
    if "under_years" in table:
        before = reader.count(table, place, "under_years") * 12
    return AgeWithin(first, before)


def _age_in_months(reader: Reader, table: Table, place: Place) -> AgeWithin:
    """Completed months, `from` included and `to` not, so that bands of children join without a gap."""
    reader.only(table, place, ("from", "to"))
    return AgeWithin(reader.count(table, place, "from", minimum=0), reader.count(table, place, "to"))


def _vitals(reader: Reader, table: Table, place: Place, words: Vocabulary) -> list[Condition]:
    found: list[Condition] = []
    for code in table:
        at = (*place, code)
        bounds = reader.table(table, place, code)
        reader.only(bounds, at, _BOUNDS)
        if not any(key in bounds for key in _BOUNDS):
            reader.note(at, "MISSING_KEY", key=" / ".join(_BOUNDS))
        given = {key: reader.number(bounds, at, key) for key in _BOUNDS if key in bounds}
        found.append(VitalWithin(code, **given))
        word = words.vitals.get(code)
        if word is None:
            reader.note(at, "UNKNOWN_WORD", code=code, section="vitals")
            continue
        for key, value in given.items():
            if not math.isfinite(value) or not word.minimum <= value <= word.maximum:
                reader.note(
                    (*at, key),
                    "THRESHOLD_OUTSIDE_BOUNDS",
                    code=code,
                    value=value,
                    minimum=word.minimum,
                    maximum=word.maximum,
                )
    return found


def _answers(reader: Reader, table: Table, place: Place, words: Vocabulary) -> list[Condition]:
    found: list[Condition] = []
    for code in table:
        if code not in words.answers:
            reader.note((*place, code), "UNKNOWN_WORD", code=code, section="answers")
        found.append(Answer(code, reader.flag(table, place, code)))
    return found
