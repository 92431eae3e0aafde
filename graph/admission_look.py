"""A look at what was sent with a declaration or a check-in, before GraphQL: does it show red signs?

What a client says of its own urgency does not count; what it reports of a person does, judged by the protocol in force.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from graph.messages import camel
from triage.protocol import Protocol
from triage.report import Report
from triage.urgent import has_red_signs

_MOST_PEOPLE = 10
_MOST_WORDS = 60
_VITALS = {
    camel(code): code
    for code in (
        *("spo2", "temperature", "fever_hours", "fever_responds_to_medicine"),
        *("respiratory_rate", "pulse", "systolic", "diastolic"),
    )
}


def mentions(sent: object, words: frozenset[str] | None) -> bool:
    """Whether anybody in the input may have one of these codes; no only where that is certain.

    It asks for nothing but the codes: what has none that any protocol calls red need not be judged.
    """
    if words is None:
        return True
    free = words.isdisjoint
    try:
        for person in _people(sent):
            said = person.get
            if not (free(said("symptoms") or ()) and free(said("conditions") or ()) and free(said("vitals") or ())):
                return True
    except TypeError:
        # No list of codes at all; the look itself knows what to make of it.
        return True
    return False


def as_sent(words: frozenset[str] | None) -> frozenset[str] | None:
    """The codes, and the names that clients send them under."""
    return None if words is None else words | {camel(word) for word in words}


def shows_red_signs(sent: object, on: date, protocol: Protocol) -> bool:
    """Whether anybody in a declaration's or a check-in's input has red signs; no for whatever is neither."""
    return any(has_red_signs(_report(person), on, protocol) for person in _people(sent))


def _people(sent: object) -> Iterator[Mapping[str, Any]]:
    if not isinstance(sent, dict) or not isinstance(sent.get("idempotencyKey"), str):
        return
    people = sent.get("people", [sent])
    if isinstance(people, list):
        yield from (person for person in people[:_MOST_PEOPLE] if isinstance(person, dict))


def _report(person: Mapping[str, Any]) -> Report:
    sex, year = person.get("sex"), person.get("birthYear")
    pregnant, breastfeeding = person.get("pregnant"), person.get("breastfeeding")
    return Report(
        birth_date=_day(person.get("birthDate")),
        birth_year=year if isinstance(year, int) and 1800 < year < 3000 else None,
        sex=sex if isinstance(sex, str) else None,
        symptoms=_words(person.get("symptoms")),
        conditions=_words(person.get("conditions")),
        pregnant=pregnant if isinstance(pregnant, bool) else None,
        breastfeeding=breastfeeding if isinstance(breastfeeding, bool) else None,
        vitals=_vitals(person.get("vitals")),
    )


def _words(sent: object) -> tuple[str, ...]:
    if not isinstance(sent, list):
        return ()
    return tuple(word for word in sent[:_MOST_WORDS] if isinstance(word, str))


def _vitals(sent: object) -> dict[str, float | bool]:
    if not isinstance(sent, dict):
        return {}
    return {_VITALS[name]: value for name, value in sent.items() if name in _VITALS and isinstance(value, (int, float))}


def _day(sent: object) -> date | None:
    if not isinstance(sent, str) or len(sent) != 10:
        return None
    try:
        return date.fromisoformat(sent)
    except ValueError:
        return None
