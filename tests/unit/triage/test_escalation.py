"""An alert that nobody answers climbs to the top by its protocol's times, whatever the clock does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.escalation import LONGEST_SILENCE, escalate, jumped_back
from triage.protocol import bundled
from triage.response import LEVELS

PROTOCOL = next(one for one in bundled() if one.version == "covid19-hcmc-2022-03-17")
RAISED = datetime(2022, 3, 18, 3, tzinfo=UTC)
KINDS = [("SEVERE", "RED"), ("SEVERE", "AMBER"), ("HIGH_RISK", None), ("MISSED_CHECK_IN", None)]


def after(minutes: float) -> datetime:
    return RAISED + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("kind", "danger", "level", "minutes", "levels", "next_call"),
    [
        ("SEVERE", "RED", "station", 5, ("medical_centre",), 15),
        ("SEVERE", "RED", "medical_centre", 15, ("city",), 30),
        ("SEVERE", "RED", "station", 14.9, ("medical_centre",), 15),
        ("SEVERE", "RED", "station", 15, ("medical_centre", "city"), 30),
        ("SEVERE", "RED", "station", 60, ("medical_centre", "city"), 120),
        ("SEVERE", "RED", "city", 30, (), 60),
        ("SEVERE", "AMBER", "station", 30, ("medical_centre",), 120),
        ("HIGH_RISK", None, "station", 240, ("medical_centre",), 480),
        ("HIGH_RISK", "RED", "station", 240, ("medical_centre",), 480),
    ],
)
def test_an_unanswered_alert_climbs_by_the_protocols_times(
    kind: str, danger: str | None, level: str, minutes: float, levels: tuple[str, ...], next_call: float
) -> None:
    found = escalate(PROTOCOL, kind, danger, level, RAISED, after(minutes))
    assert found is not None
    assert (found.levels, found.call_at) == (levels, after(next_call))


@pytest.mark.parametrize(("level", "minutes"), [("station", 4.99), ("medical_centre", 14.99), ("city", 29.99)])
def test_nobody_is_called_before_a_levels_time_has_passed(level: str, minutes: float) -> None:
    assert escalate(PROTOCOL, "SEVERE", "RED", level, RAISED, after(minutes)) is None


@given(st.sampled_from(KINDS), st.sampled_from(LEVELS), st.floats(0, 60 * 24 * 400))
def test_the_next_call_is_always_ahead_and_never_too_far(
    kind: tuple[str, str | None], level: str, minutes: float
) -> None:
    now = after(minutes)
    found = escalate(PROTOCOL, *kind, level, RAISED, now)
    if found is not None:
        assert now < found.call_at <= now + max(LONGEST_SILENCE, PROTOCOL.response_due(*kind, "city"))
        assert list(found.levels) == list(LEVELS[LEVELS.index(level) + 1 :])[: len(found.levels)]


@given(st.sampled_from(KINDS), st.lists(st.floats(0.1, 2000), min_size=1, max_size=200))
def test_however_irregularly_it_is_looked_at_an_alert_reaches_the_top_once_and_in_order(
    kind: tuple[str, str | None], pauses: list[float]
) -> None:
    level, minutes, visited = "station", 0.0, ["station"]
    for pause in [*pauses, 60 * 24 * 3]:
        minutes += pause
        found = escalate(PROTOCOL, *kind, level, RAISED, after(minutes))
        if found is not None and found.level is not None:
            visited += found.levels
            level = found.level
    assert visited == list(LEVELS)


def test_a_month_of_silence_brings_a_reminder_a_day_and_no_flood() -> None:
    call_at, reminders = after(30), 0
    while call_at < after(60 * 24 * 30):
        found = escalate(PROTOCOL, "SEVERE", "RED", "city", RAISED, call_at)
        assert found is not None
        call_at, reminders = found.call_at, reminders + 1
    assert 30 <= reminders <= 40


@pytest.mark.parametrize(("seconds", "jumped"), [(0, False), (-30, False), (59, False), (61, True)])
def test_a_clock_that_was_set_back_behind_the_beginning_is_noticed(seconds: float, jumped: bool) -> None:
    assert jumped_back(RAISED + timedelta(seconds=seconds), RAISED) is jumped
