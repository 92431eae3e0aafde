"""The rules in force, so that a form can be drawn from them."""

from datetime import date, timedelta

import strawberry

from graph.language import Language
from graph.schema.enums import AlertKind, Danger, Level
from graph.schema.pack import Pack
from graph.schema.text import said
from triage import response, rules, words
from triage.criterion import Criterion


@strawberry.type(description="Something that may be ticked or answered.")
class Word:
    """See the description."""

    code: str = strawberry.field(description="What is sent.")
    text: str = strawberry.field(description="What is shown, in the language of Accept-Language.")


@strawberry.type(description="A value that may be measured.")
class Vital:
    """See the description."""

    code: str = strawberry.field(description="What is sent.")
    text: str = strawberry.field(description="What is shown.")
    unit: str = strawberry.field(description="The unit of the value.")
    minimum: float = strawberry.field(description="Less is refused as a slip of the pen.")
    maximum: float = strawberry.field(description="More is refused as a slip of the pen.")
    whole: bool = strawberry.field(description="Whether only whole numbers make sense.")


@strawberry.type(description="A clinical rule.")
class ProtocolCriterion:
    """See the description."""

    code: str = strawberry.field(description="The rule's code.")
    text: str = strawberry.field(description="What it says.")
    raises: AlertKind = strawberry.field(description="What a report is for which it holds.")
    danger: Danger | None = strawberry.field(description="How dangerous that is.")
    source: str = strawberry.field(description="Where the rule comes from.")


@strawberry.type(description="Until when a level must have answered, counted from when the alert was raised.")
class ResponseStep:
    """See the description."""

    level: Level = strawberry.field(description="Who is called.")
    minutes: int = strawberry.field(description="Minutes since the alert was raised.")


@strawberry.type(description="How soon alerts of one kind must be answered, and who is called next.")
class ProtocolResponse:
    """See the description."""

    kind: AlertKind = strawberry.field(description="The kind of alert.")
    danger: Danger | None = strawberry.field(description="The danger, where the kind has one.")
    steps: list[ResponseStep] = strawberry.field(description="From the ward upwards.")


@strawberry.type(description="The days of home isolation, counted from the positive test (day 0).")
class IsolationRules:
    """See the description."""

    release_day: int = strawberry.field(description="With a negative test.")
    release_day_positive_vaccinated: int = strawberry.field(description="Still positive, fully vaccinated.")
    release_day_positive_unvaccinated: int = strawberry.field(description="Still positive, not fully vaccinated.")
    fully_vaccinated_doses: int = strawberry.field(description="Doses that make fully vaccinated.")
    check_ins_per_day: int = strawberry.field(description="Follow-up reports expected a day.")
    check_in_grace_hours: int = strawberry.field(description="How late one may come before it counts as missed.")


@strawberry.type(description="What somebody should do whose report was judged so.")
class Advice:
    """See the description."""

    judged: str = strawberry.field(description="RED, AMBER, HIGH_RISK or OTHERWISE.")
    text: str = strawberry.field(description="What to do.")


@strawberry.type(description="One version of the triage and care rules of one disease.")
class Protocol:
    """See the description."""

    version: str = strawberry.field(description="Its name, for ever.")
    disease: str = strawberry.field(description="The code of the disease.")
    text: str = strawberry.field(description="What it is called.")
    valid_from: date = strawberry.field(description="Its first day.")
    valid_to: date | None = strawberry.field(description="The day it ends, not included; null without an end.")
    symptoms: list[Word] = strawberry.field(description="What may be ticked as a symptom.")
    conditions: list[Word] = strawberry.field(description="What may be ticked as an underlying condition.")
    tests: list[Word] = strawberry.field(description="Which kinds of test count.")
    vitals: list[Vital] = strawberry.field(description="Which values may be measured.")
    answers: list[Word] = strawberry.field(description="Which yes-or-no questions are asked beside the vitals.")
    criteria: list[ProtocolCriterion] = strawberry.field(description="The clinical rules.")
    responses: list[ProtocolResponse] = strawberry.field(description="How soon alerts must be answered.")
    declaring_window_hours: int = strawberry.field(description="How long after the test one may declare.")
    max_people: int = strawberry.field(description="The most people in one declaration.")
    max_vaccine_doses: int = strawberry.field(description="The most doses that may be entered.")
    answer_within_hours: int = strawberry.field(
        description="How long a resident has to answer what a station has asked before the report expires."
    )
    isolation: IsolationRules = strawberry.field(description="The rules of home isolation.")
    advice: list[Advice] = strawberry.field(description="What residents should do.")
    packs: list[Pack] = strawberry.field(description="The packs of medicine for the care at home.")

    @classmethod
    def of(cls, found: rules.Protocol, language: Language) -> "Protocol":
        """The protocol in a language."""
        rest = found.isolation
        return cls(
            version=found.version,
            disease=found.disease,
            text=said(found.text, language),
            valid_from=found.valid_from,
            valid_to=found.valid_to,
            symptoms=_words(found.symptoms, language),
            conditions=_words(found.conditions, language),
            tests=_words(found.tests, language),
            vitals=[_vital(word, language) for word in found.vitals],
            answers=_words(found.answers, language),
            criteria=[_criterion(criterion, language) for criterion in found.criteria],
            responses=[_response(one) for one in found.responses],
            declaring_window_hours=found.declaring_window // timedelta(hours=1),
            max_people=found.max_people,
            max_vaccine_doses=found.max_vaccine_doses,
            answer_within_hours=found.answer_within // timedelta(hours=1),
            isolation=IsolationRules(
                release_day=rest.release_day,
                release_day_positive_vaccinated=rest.release_day_positive_vaccinated,
                release_day_positive_unvaccinated=rest.release_day_positive_unvaccinated,
                fully_vaccinated_doses=rest.fully_vaccinated_doses,
                check_ins_per_day=rest.check_ins_per_day,
                check_in_grace_hours=rest.check_in_grace_hours,
            ),
            advice=[Advice(judged=key, text=said(text, language)) for key, text in found.advice.items()],
            packs=[Pack.of(one, language) for one in found.packs],
        )


def _words(found: tuple[words.Word, ...], language: Language) -> list[Word]:
    return [Word(code=word.code, text=said(word.text, language)) for word in found]


def _vital(word: words.VitalWord, language: Language) -> Vital:
    return Vital(
        code=word.code,
        text=said(word.text, language),
        unit=word.unit,
        minimum=word.minimum,
        maximum=word.maximum,
        whole=word.whole,
    )


def _criterion(found: Criterion, language: Language) -> ProtocolCriterion:
    return ProtocolCriterion(
        code=found.code,
        text=said(found.text, language),
        raises=AlertKind.SEVERE if found.raises == "severe" else AlertKind.HIGH_RISK,
        danger=Danger(found.danger) if found.danger else None,
        source=found.source,
    )


def _response(found: response.Response) -> ProtocolResponse:
    return ProtocolResponse(
        kind=AlertKind(found.kind),
        danger=Danger(found.danger) if found.danger else None,
        steps=[ResponseStep(level=Level(step.level), minutes=step.due // timedelta(minutes=1)) for step in found.steps],
    )
