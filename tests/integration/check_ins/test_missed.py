"""Check-ins that did not come are counted, and whoever is at risk and silent calls the station."""

import asyncio
from datetime import timedelta

from models.alert import Alert
from models.case import Case
from models.case_event import CaseEvent
from models.database import service_connection
from models.state import AlertChange, AlertKind, AlertState, CaseEventKind, CaseState, Outcome
from services.acknowledge import acknowledge
from services.change_case import advance, save_case
from services.escalate import escalate_due
from services.miss_check_ins import miss_check_ins
from services.recount import recount
from services.resolve import resolve
from services.runtime import Runtime
from tests.integration.check_ins.checking import alerts_of, at_home, case_of, changes_of, later, reports
from tests.integration.made import HEALTHY, OLD_AND_ILL, TIRED


async def missed(case: Case) -> list[Alert]:
    return list(await alerts_of(case, AlertKind.MISSED_CHECK_IN))


async def test_the_first_is_awaited_from_the_moment_of_confirmation(runtime: Runtime) -> None:
    case, _, _ = await at_home(runtime)
    assert case.confirmed_at is not None
    assert case.check_in_due == case.confirmed_at + timedelta(hours=16)
    suspected, _, _ = await at_home(runtime, phone="0912345679", confirmed=False)
    assert suspected.check_in_due is None
    later(runtime, 15.9)
    assert await miss_check_ins(runtime) == 0


async def test_one_at_risk_who_is_silent_is_an_alert_of_its_own(runtime: Runtime) -> None:
    case, _, _ = await at_home(runtime, OLD_AND_ILL)
    later(runtime, 16.1)
    assert await miss_check_ins(runtime) == 1
    assert await miss_check_ins(runtime) == 0
    now = await case_of(case.id)
    assert case.check_in_due is not None
    assert (now.checks_missed, now.check_in_due) == (1, case.check_in_due + timedelta(hours=12))
    assert now.version == case.version + 1
    (alert,) = await missed(case)
    assert (alert.state, alert.rank, alert.check_in_id) == (AlertState.RAISED, 3, None)
    assert alert.due_at == alert.raised_at + timedelta(hours=4)
    assert await changes_of(alert) == [AlertChange.RAISED]
    line = await CaseEvent.get(kind=CaseEventKind.CHECK_IN_MISSED, using_db=service_connection())
    assert (line.actor, line.case_id) == ("SYSTEM", case.id)
    assert (await recount()).differences == {}


async def test_who_is_not_at_risk_is_counted_and_calls_nobody(runtime: Runtime) -> None:
    case, _, _ = await at_home(runtime, HEALTHY)
    later(runtime, 16.1)
    await miss_check_ins(runtime)
    assert (await case_of(case.id)).checks_missed == 1
    assert await alerts_of(case) == []


async def test_all_that_fell_due_while_nobody_looked_are_counted_once(runtime: Runtime) -> None:
    case, _, _ = await at_home(runtime, TIRED)
    later(runtime, 16 + 36.1)
    await miss_check_ins(runtime)
    now = await case_of(case.id)
    assert now.checks_missed == 4
    assert now.check_in_due is not None
    assert now.check_in_due > runtime.clock.now()
    assert len(await missed(case)) == 1


async def test_one_alert_is_enough_until_it_is_brought_to_its_end(runtime: Runtime) -> None:
    case, nurse, _ = await at_home(runtime, OLD_AND_ILL)
    later(runtime, 16.1)
    await miss_check_ins(runtime)
    later(runtime, 12)
    await miss_check_ins(runtime)
    (alert,) = await missed(case)
    await acknowledge(runtime, nurse, alert.id)
    later(runtime, 3)
    await miss_check_ins(runtime)
    assert len(await missed(case)) == 1
    await resolve(runtime, nurse, alert.id, Outcome.UNREACHABLE)
    later(runtime, 12)
    await miss_check_ins(runtime)
    assert len(await missed(case)) == 2
    assert (await case_of(case.id)).checks_missed == 3
    assert (await recount()).differences == {}


async def test_who_reports_at_last_needs_no_call_for_having_been_silent(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime, OLD_AND_ILL)
    later(runtime, 16.1)
    await miss_check_ins(runtime)
    await escalate_due(runtime)
    await reports(runtime, own, case, "cough")
    (alert,) = await missed(case)
    assert (alert.state, alert.outcome) == (AlertState.RESOLVED, Outcome.FALSE_ALARM)
    assert (await changes_of(alert))[-1] == AlertChange.RESOLVED
    now = await case_of(case.id)
    assert now.last_check_in_at is not None
    assert (now.checks_missed, now.check_in_due) == (0, now.last_check_in_at + timedelta(hours=16))
    assert (await recount()).differences == {}


async def test_what_somebody_has_in_hand_stays_theirs_when_the_person_reports(runtime: Runtime) -> None:
    case, nurse, own = await at_home(runtime, OLD_AND_ILL)
    later(runtime, 16.1)
    await miss_check_ins(runtime)
    (alert,) = await missed(case)
    await acknowledge(runtime, nurse, alert.id)
    await reports(runtime, own, case, "cough")
    (alert,) = await missed(case)
    assert (alert.state, alert.acknowledged_by) == (AlertState.ACKNOWLEDGED, nurse.account_id)


async def test_nobody_is_awaited_who_is_in_a_hospital_and_everybody_who_is_back(runtime: Runtime) -> None:
    case, _, _ = await at_home(runtime, OLD_AND_ILL)
    await Case.filter(id=case.id).using_db(service_connection()).update(state=CaseState.HOSPITALISED)
    later(runtime, 20)
    await miss_check_ins(runtime)
    away = await case_of(case.id)
    assert (away.check_in_due, away.checks_missed) == (None, 0)
    assert await missed(case) == []
    await Case.filter(id=case.id).using_db(service_connection()).update(state=CaseState.HOME_ISOLATION)
    await miss_check_ins(runtime)
    back = await case_of(case.id)
    assert back.check_in_due is not None
    assert back.check_in_due > runtime.clock.now() + timedelta(hours=15)


async def test_who_is_sent_to_a_hospital_is_missed_no_more(runtime: Runtime) -> None:
    case, _, _ = await at_home(runtime)
    later(runtime, 16.1)
    await miss_check_ins(runtime)
    silent = await case_of(case.id)
    advance(silent, "REFER", runtime.clock.now())
    await save_case(service_connection(), silent)
    sent = await case_of(case.id)
    assert (sent.state, sent.check_in_due, sent.checks_missed) == (CaseState.REFERRED, None, 0)


async def test_several_processes_that_look_at_once_count_each_once(runtime: Runtime) -> None:
    cases = [(await at_home(runtime, OLD_AND_ILL, phone=f"09123456{number:02d}"))[0] for number in range(8)]
    later(runtime, 16.1)
    await asyncio.gather(*(miss_check_ins(runtime) for _ in range(5)))
    for case in cases:
        assert (await case_of(case.id)).checks_missed == 1
        assert len(await missed(case)) == 1
    assert (await recount()).differences == {}
