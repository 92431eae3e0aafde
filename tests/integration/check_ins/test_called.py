"""Whoever is on duty is written to when somebody at home gets worse or falls silent."""

import pytest

from models.area import Area
from models.state import AlertChange, AlertKind, Level, Outcome
from services.acknowledge import acknowledge
from services.limit import Limiter
from services.limit_memory import MemoryCounters
from services.limit_rules import Rule
from services.miss_check_ins import miss_check_ins
from services.problem import TooManyRequests
from services.recount import recount
from services.resolve import resolve
from services.runtime import Runtime
from tests.integration.check_ins.checking import alerts_of, at_home, changes_of, later, reports
from tests.integration.duty.roster import PHONES, at_centre, at_station, calls, in_city
from tests.integration.made import OLD_AND_ILL, TIRED, wards


@pytest.fixture
async def ward(runtime: Runtime) -> Area:
    """The ward in which everybody is at home."""
    (ward, *_) = await wards(1)
    return ward


def of(phone: str) -> str:
    """A roster's phone as a message has it."""
    return f"+84{phone[1:]}"


async def test_the_station_s_people_are_written_to_again_when_somebody_gets_worse(runtime: Runtime, ward: Area) -> None:
    await at_station(runtime, ward)
    case, nurse, own = await at_home(runtime, TIRED)
    (alert,) = await alerts_of(case)
    await acknowledge(runtime, nurse, alert.id)
    later(runtime, 1)
    await reports(runtime, own, case, "dyspnoea")
    first, second = await calls(runtime)
    assert [to for to, _ in (first, second)] == [of(PHONES["station"])] * 2
    assert "VANG" in first[1]
    assert "DO" in second[1]


async def test_what_a_nurse_enters_climbs_at_once_past_a_station_where_nobody_can_be_reached(
    runtime: Runtime, ward: Area
) -> None:
    await at_centre(runtime, ward)
    await in_city(runtime)
    case, nurse, _ = await at_home(runtime)
    await reports(runtime, nurse, case, "chest_pain")
    (alert,) = await alerts_of(case)
    assert alert.level == Level.MEDICAL_CENTRE
    assert await changes_of(alert) == [AlertChange.RAISED, AlertChange.ESCALATED]
    # Beyond the bounds of a ward's nurse, and called all the same.
    assert [to for to, _ in await calls(runtime)] == [of(PHONES["centre"])]
    assert (await recount()).differences == {}


async def test_somebody_at_risk_who_is_silent_is_told_to_who_is_on_duty(runtime: Runtime, ward: Area) -> None:
    await at_station(runtime, ward)
    case, nurse, _ = await at_home(runtime, OLD_AND_ILL)
    (risk,) = await alerts_of(case, AlertKind.HIGH_RISK)
    await acknowledge(runtime, nurse, risk.id)
    await resolve(runtime, nurse, risk.id, Outcome.ADVISED)
    later(runtime, 16.1)
    await miss_check_ins(runtime)
    *_, (to, body) = await calls(runtime)
    assert to == of(PHONES["station"])
    assert "KHONG BAO LAI" in body


async def test_one_phone_reports_only_so_often(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    case, nurse, own = await at_home(runtime)
    counted = runtime.pseudonymiser.counted
    bounds = {Rule.CHECK_IN_BY_PHONE: "2 per 1 hour"}
    monkeypatch.setattr(runtime, "limits", Limiter(MemoryCounters(), counted, bounds))
    for _ in range(2):
        await reports(runtime, own, case, "cough")
    with pytest.raises(TooManyRequests):
        await reports(runtime, own, case, "cough")
    await reports(runtime, nurse, case, "cough")
