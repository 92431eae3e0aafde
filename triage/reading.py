"""Reading a protocol file: its sections made into a Protocol, with every fault of form noted."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import cast

from triage.assessment import Danger
from triage.condition_reading import Vocabulary, read_condition
from triage.criterion import Criterion, Raises
from triage.isolation import CHECK_IN_GRACE_HOURS, Isolation
from triage.lines import Place
from triage.pack_reading import read_packs
from triage.reader import Reader, Table
from triage.response import KINDS, LEVELS, Response, Step
from triage.rules import ANSWER_DAYS, OTHERWISE, Protocol
from triage.words import Text, VitalWord, Word

ADVICE = ("RED", "AMBER", "HIGH_RISK", OTHERWISE)
DANGERS = ("RED", "AMBER")

_KEYS = (
    *("version", "disease", "vi", "en", "valid_from", "valid_to", "resolve_within_minutes", "retention_days"),
    *("symptoms", "conditions", "tests", "vitals", "answers", "sources", "criteria", "responses"),
    *("declaring", "isolation", "advice", "packs"),
)


def read(text: str, reader: Reader) -> Protocol:
    """The protocol in the text, which must be valid TOML. Worth something only if the reader found it sound."""
    table = tomllib.loads(text)
    top: Place = ()
    reader.only(table, top, _KEYS)
    symptoms = _words(reader, table, "symptoms")
    conditions = _words(reader, table, "conditions")
    answers = _words(reader, table, "answers") if "answers" in table else ()
    vitals = _vital_words(reader, table, answers)
    vocabulary = Vocabulary(_codes(symptoms), _codes(conditions), _codes(answers), {word.code: word for word in vitals})
    cited = _cited(reader, table)
    declaring = reader.table(table, top, "declaring")
    keys = ("window_days", "window_hours", "max_people", "max_vaccine_doses", "answer_days")
    reader.only(declaring, ("declaring",), keys)
    return Protocol(
        version=reader.code(table, top, "version"),
        disease=reader.code(table, top, "disease"),
        text=reader.text(table, top),
        valid_from=reader.day(table, top, "valid_from"),
        valid_to=reader.day(table, top, "valid_to") if "valid_to" in table else None,
        symptoms=symptoms,
        conditions=conditions,
        tests=_words(reader, table, "tests"),
        vitals=vitals,
        answers=answers,
        criteria=_criteria(reader, table, vocabulary, cited),
        responses=_responses(reader, table),
        declaring_window=_window(reader, declaring),
        max_people=reader.count(declaring, ("declaring",), "max_people"),
        max_vaccine_doses=reader.count(declaring, ("declaring",), "max_vaccine_doses"),
        isolation=_isolation(reader, table),
        resolve_within=timedelta(minutes=reader.count(table, top, "resolve_within_minutes")),
        retention_days=reader.count(table, top, "retention_days"),
        advice=_advice(reader, table),
        packs=read_packs(reader, table, vocabulary, cited),
        answer_within=_answer_within(reader, declaring),
    )


def _codes(words: Iterable[Word]) -> frozenset[str]:
    return frozenset(word.code for word in words)


def _words(reader: Reader, table: Table, section: str) -> tuple[Word, ...]:
    words = []
    for index, item in enumerate(reader.tables(table, (), section)):
        place = (section, index)
        reader.only(item, place, ("code", "vi", "en"))
        words.append(Word(reader.code(item, place), reader.text(item, place)))
    reader.repeats((section,), [word.code for word in words])
    return tuple(words)


def _vital_words(reader: Reader, table: Table, answers: tuple[Word, ...]) -> tuple[VitalWord, ...]:
    words = []
    for index, item in enumerate(reader.tables(table, (), "vitals")):
        place = ("vitals", index)
        reader.only(item, place, ("code", "vi", "en", "unit", "minimum", "maximum", "whole"))
        word = VitalWord(
            code=reader.code(item, place),
            text=reader.text(item, place),
            unit=reader.string(item, place, "unit"),
            minimum=reader.number(item, place, "minimum"),
            maximum=reader.number(item, place, "maximum"),
            whole=reader.flag(item, place, "whole"),
        )
        # Written so that a bound that is not a number is refused as well.
        if not word.minimum < word.maximum or math.isinf(word.minimum) or math.isinf(word.maximum):
            reader.note(place, "BOUNDS_REVERSED", code=word.code, minimum=word.minimum, maximum=word.maximum)
        words.append(word)
    # Answers share the vitals' mapping in a report, so their codes must differ from the vitals' too.
    reader.repeats(("vitals",), [word.code for word in words], {word.code for word in answers})
    return tuple(words)


def _cited(reader: Reader, table: Table) -> Mapping[str, str]:
    sources = reader.table(table, (), "sources")
    return {key: reader.string(sources, ("sources",), key) for key in sources}


def _criteria(reader: Reader, table: Table, vocabulary: Vocabulary, cited: Mapping[str, str]) -> tuple[Criterion, ...]:
    criteria = []
    for index, item in enumerate(reader.tables(table, (), "criteria")):
        place = ("criteria", index)
        reader.only(item, place, ("code", "raises", "danger", "vi", "en", "source", "when"))
        code = reader.code(item, place)
        danger = reader.choice(item, place, "danger", DANGERS) if "danger" in item else None
        criterion = Criterion(
            code=code,
            text=reader.text(item, place),
            source=reader.source(item, place, code, cited),
            # The reader has noted any other word, and then the file is refused.
            raises=cast("Raises", reader.choice(item, place, "raises", ("severe", "high_risk"))),
            danger=cast("Danger | None", danger),
            when=read_condition(reader, reader.table(item, place, "when"), (*place, "when"), vocabulary),
        )
        criteria.append(criterion)
    reader.repeats(("criteria",), [criterion.code for criterion in criteria])
    return tuple(criteria)


def _responses(reader: Reader, table: Table) -> tuple[Response, ...]:
    responses = []
    for index, item in enumerate(reader.tables(table, (), "responses")):
        place = ("responses", index)
        reader.only(item, place, ("kind", "danger", "minutes"))
        kind = reader.choice(item, place, "kind", KINDS)
        danger = reader.choice(item, place, "danger", DANGERS) if "danger" in item else None
        minutes = reader.table(item, place, "minutes")
        at = (*place, "minutes")
        reader.only(minutes, at, LEVELS)
        steps = tuple(Step(level, timedelta(minutes=reader.count(minutes, at, level))) for level in LEVELS)
        responses.append(Response(kind, cast("Danger | None", danger), steps))
    return tuple(responses)


def _window(reader: Reader, declaring: Table) -> timedelta:
    place = ("declaring",)
    if ("window_days" in declaring) == ("window_hours" in declaring):
        reader.note(place, "WINDOW_UNCLEAR")
        return timedelta(days=1)
    if "window_days" in declaring:
        return timedelta(days=reader.count(declaring, place, "window_days"))
    return timedelta(hours=reader.count(declaring, place, "window_hours"))


def _answer_within(reader: Reader, declaring: Table) -> timedelta:
    # Files from before stations could ask do not say it, and go on.
    given = "answer_days" in declaring
    return timedelta(days=reader.count(declaring, ("declaring",), "answer_days") if given else ANSWER_DAYS)


def _isolation(reader: Reader, table: Table) -> Isolation:
    rules = reader.table(table, (), "isolation")
    place = ("isolation",)
    keys = ("release_day", "release_day_positive_vaccinated", "release_day_positive_unvaccinated")
    follow_up = ("check_ins_per_day", "missed_check_ins", "check_in_grace_hours")
    reader.only(rules, place, (*keys, "fully_vaccinated_doses", *follow_up))
    days = [reader.count(rules, place, key) for key in keys]
    for number in (1, 2):
        if days[number] < days[number - 1]:
            reader.note((*place, keys[number]), "RELEASE_NOT_GROWING", key=keys[number], before=keys[number - 1])
    return Isolation(
        release_day=days[0],
        release_day_positive_vaccinated=days[1],
        release_day_positive_unvaccinated=days[2],
        fully_vaccinated_doses=reader.count(rules, place, "fully_vaccinated_doses"),
        check_ins_per_day=reader.count(rules, place, "check_ins_per_day"),
        missed_check_ins=reader.count(rules, place, "missed_check_ins"),
        # Left out by protocols that were published before it could be said.
        check_in_grace_hours=reader.count(rules, place, "check_in_grace_hours", minimum=0)
        if "check_in_grace_hours" in rules
        else CHECK_IN_GRACE_HOURS,
    )


def _advice(reader: Reader, table: Table) -> Mapping[str, Text]:
    advice = reader.table(table, (), "advice")
    reader.only(advice, ("advice",), ADVICE)
    found = {}
    for key in ADVICE:
        item = reader.table(advice, ("advice",), key)
        reader.only(item, ("advice", key), ("vi", "en"))
        found[key] = reader.text(item, ("advice", key))
    return found
