from datetime import date

import pytest

from tests.unit.triage.sample import COVID, DENGUE, EARLY, ON, a_report
from triage.report import Report
from triage.trial import Recorded, Trial, compare

OLD_WITH_CONDITION = a_report(birth_date=date(1940, 1, 1), conditions=("diabetes",))
YOUNG_WITH_CONDITION = a_report(conditions=("diabetes",))
TIRED = a_report(symptoms=("fatigue",))
BREATHLESS = a_report(symptoms=("dyspnoea",))


def trial_of(report: Report, severe: bool, high_risk: bool, danger: str | None) -> Trial:
    return compare([Recorded(report, ON, severe, high_risk, danger)], COVID)


@pytest.mark.parametrize(
    ("report", "old", "counts"),
    [
        (a_report(), (False, False, None), {}),
        (TIRED, (True, False, "AMBER"), {}),
        (TIRED, (False, False, None), {"changed": 1, "severe_gained": 1}),
        (TIRED, (True, False, "RED"), {"changed": 1, "danger_down": 1}),
        (BREATHLESS, (True, False, "AMBER"), {"changed": 1, "danger_up": 1}),
        (a_report(), (True, False, "RED"), {"changed": 1, "severe_lost": 1}),
        (OLD_WITH_CONDITION, (False, False, None), {"changed": 1, "high_risk_gained": 1}),
        (YOUNG_WITH_CONDITION, (False, True, None), {"changed": 1, "high_risk_lost": 1}),
        (TIRED, (False, True, None), {"changed": 1, "severe_gained": 1, "high_risk_lost": 1}),
        (a_report(vitals={}), (False, False, None), {"undecided": 1}),
        (a_report(symptoms=("abdominal_pain",)), (False, False, None), {"unknown_words": 1}),
    ],
)
def test_a_change_counts_the_way_it_goes(
    report: Report, old: tuple[bool, bool, str | None], counts: dict[str, int]
) -> None:
    assert trial_of(report, *old) == Trial("covid19-hcmc-2022-03-17", total=1, **counts)


def test_the_step_between_the_two_protocols_of_march_only_lowers_high_risk() -> None:
    recorded = [
        Recorded(OLD_WITH_CONDITION, ON, False, True, None),
        Recorded(YOUNG_WITH_CONDITION, ON, False, True, None),
        Recorded(a_report(birth_date=date(1940, 1, 1)), ON, False, True, None),
        Recorded(TIRED, ON, True, False, "AMBER"),
    ]
    assert compare(recorded, EARLY) == Trial(EARLY.version, total=4)
    found = compare(recorded, COVID)
    assert found == Trial(COVID.version, total=4, changed=2, high_risk_lost=2)
    assert found.unchanged == 2


def test_each_report_is_judged_on_its_own_day() -> None:
    report = a_report(birth_date=date(1956, 3, 17), conditions=("hiv",))
    recorded = [Recorded(report, date(2022, 3, 16), False, False, None), Recorded(report, ON, False, True, None)]
    assert compare(recorded, COVID).changed == 0


def test_a_trial_of_nothing_counts_nothing() -> None:
    assert compare([], DENGUE) == Trial("dengue-vn-2023")
