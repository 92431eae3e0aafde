"""A report made ready to be asked by conditions."""

from datetime import date

from triage.age import age_on
from triage.condition import Facts
from triage.report import Report

MALE = "male"


def facts_of(report: Report, on: date) -> Facts:
    """The report made ready to be asked by conditions, on the day `on`."""
    age = age_on(report.birth_date, report.birth_year, on)
    low, high = (None, None) if age is None else (age.months_low, age.months_high)
    pregnant, breastfeeding = report.pregnant, report.breastfeeding
    if report.sex is not None and report.sex.lower() == MALE:
        # A form does not ask a man, so his silence is an answer and not a gap.
        pregnant, breastfeeding = pregnant or False, breastfeeding or False
    symptoms, conditions = frozenset(report.symptoms), frozenset(report.conditions)
    return Facts(symptoms, conditions, report.vitals, low, high, pregnant, breastfeeding)
