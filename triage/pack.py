"""Packs of medicine: to whom one may be given, and why not."""

from dataclasses import dataclass
from datetime import date, timedelta

from triage.condition import Condition
from triage.facts import facts_of
from triage.report import Report
from triage.words import Text


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Somebody to whom a pack must not be given: whoever `when` holds of, or may hold of as far as is known."""

    code: str
    text: Text
    when: Condition


@dataclass(frozen=True, slots=True)
class Pack:
    """One pack. With `doctor` only a doctor gives it, with `consent` only to whoever has agreed in writing.

    It serves for `course_days`, and nobody gets another of it before they are over. `onset_within_days` counts from the
    day of the first symptoms, which is day 0; None where it does not matter. `text` is what it is called, `content`
    what is in it.
    """

    code: str
    text: Text
    content: Text
    source: str
    doctor: bool
    consent: bool
    course_days: int
    onset_within_days: int | None
    unless: tuple[Exclusion, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a pack is not given: a stable code, the reason in both languages, and which values would have to be known."""

    code: str
    text: Text
    missing: tuple[str, ...] = ()


ONSET = "onset_on"

_DOCTOR = Text("Chỉ bác sĩ được chỉ định gói này.", "Only a doctor may give this pack.")
_CONSENT = Text("Chưa có phiếu đồng ý sử dụng thuốc.", "The person has not agreed in writing to take it.")
_ONSET_UNKNOWN = Text("Chưa biết ngày bắt đầu có triệu chứng.", "It is not known on which day the symptoms began.")
_TOO_LATE = Text(
    "Triệu chứng bắt đầu ngày {onset}, đã quá {days} ngày.",
    "The symptoms began on {onset}, more than {days} days ago.",
)
_GIVEN = Text(
    "Đã được cấp ngày {given}; dùng đến hết ngày {last}.",
    "It was given on {given} and serves until {last}.",
)
_NOT_RULED_OUT = Text("Chưa loại trừ được: {what}", "This is not ruled out: {what}")


def refusals(
    pack: Pack, report: Report, on: date, *, doctor: bool, consent: bool, given_on: date | None = None
) -> tuple[Refusal, ...]:
    """Every reason why the pack is not given on the day `on` to whoever has reported so; none where it may be.

    `doctor` says whether a doctor gives it, `consent` whether the person has agreed in writing, `given_on` when the
    person was last given one. What is not known refuses as well: silence about a pregnancy is no answer.
    """
    found = []
    if pack.doctor and not doctor:
        found.append(Refusal("doctor_only", _DOCTOR))
    if pack.consent and not consent:
        found.append(Refusal("consent_missing", _CONSENT))
    if given_on is not None and on < given_on + timedelta(days=pack.course_days):
        last = given_on + timedelta(days=pack.course_days - 1)
        found.append(Refusal("already_given", _filled(_GIVEN, given=given_on, last=last)))
    if pack.onset_within_days is not None:
        if report.onset_on is None:
            found.append(Refusal("onset_unknown", _ONSET_UNKNOWN, (ONSET,)))
        elif on - report.onset_on > timedelta(days=pack.onset_within_days):
            words = _filled(_TOO_LATE, onset=report.onset_on, days=pack.onset_within_days)
            found.append(Refusal("onset_too_long_ago", words))
    facts = facts_of(report, on)
    for exclusion in pack.unless:
        holds = exclusion.when.truth(facts)
        if holds:
            found.append(Refusal(exclusion.code, exclusion.text))
        elif holds is None:
            text = _filled(_NOT_RULED_OUT, what=exclusion.text)
            found.append(Refusal(exclusion.code, text, exclusion.when.missing(facts)))
    return tuple(found)


def _filled(text: Text, **values: date | int | Text) -> Text:
    said = {"vi": dict[str, object](), "en": dict[str, object]()}
    for name, value in values.items():
        if isinstance(value, Text):
            said["vi"][name], said["en"][name] = value.vi, value.en
        elif isinstance(value, date):
            said["vi"][name], said["en"][name] = f"{value:%d/%m/%Y}", f"{value:%d %B %Y}"
        else:
            said["vi"][name] = said["en"][name] = value
    return Text(text.vi.format(**said["vi"]), text.en.format(**said["en"]))
