"""Somebody at home reports how they are: it is judged, and calls the station where it has to know."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from access.actor import ANONYMOUS, Actor
from access.bounds import bounds_of
from models.audit import Audit
from models.case_event import CaseEvent
from models.check_in import CheckIn
from models.database import service_connection, snapshot
from models.state import AlertChange, AlertKind, AlertState, CaseEventKind, CaseState, Danger, Outcome, Role
from services.acknowledge import acknowledge
from services.check_in import check_in
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.escalate import escalate_due
from services.load_check_ins import CheckInsWanted, check_ins_of_cases
from services.merge_persons import merge_persons
from services.problem import Conflict, InvalidInput, NotFound
from services.recount import recount
from services.resolve import resolve
from services.runtime import Runtime
from tests.integration.check_ins.checking import alerts_of, at_home, case_of, changes_of, later, reports, signs
from tests.integration.conftest import MOMENT
from tests.integration.made import BREATHLESS, HEALTHY, OLD_AND_ILL, TIRED, account, household, person, wards
from tests.integration.residents.resident import ID_CARD, OTHER, PHONE, resident


async def test_who_is_well_is_taken_down_and_expected_again(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime)
    later(runtime, 8)
    answer = await reports(runtime, own, case, "cough", spo2=98, pulse=80)
    assert (answer.row.severe, answer.row.rank, answer.row.reasons) == (False, 3, [])
    assert answer.next_due == answer.row.at + timedelta(hours=16)
    assert "115" in answer.advice.vi
    now = await case_of(case.id)
    assert (now.check_in_due, now.last_check_in_at, now.checks_missed) == (answer.next_due, answer.row.at, 0)
    assert now.version == case.version + 1
    assert await alerts_of(case) == []
    opened = runtime.sealer.open(f"check_in:{answer.row.id}", answer.row.report)
    assert opened == {"symptoms": ["cough"], "vitals": {"spo2": 98, "pulse": 80}}
    line = await CaseEvent.get(kind=CaseEventKind.CHECKED_IN, using_db=service_connection())
    assert (line.case_id, line.subject_id, line.actor, line.account_id) == (case.id, answer.row.id, "RESIDENT", None)
    audit = await Audit.get(action="check_in", using_db=service_connection())
    assert audit.objects == [str(case.id), str(answer.row.id)]


async def test_who_gets_worse_calls_the_station_and_the_case_follows(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime)
    later(runtime, 8)
    answer = await reports(runtime, own, case, "cough", spo2=93)
    (alert,) = await alerts_of(case)
    assert (alert.kind, alert.danger, alert.rank, alert.state) == (AlertKind.SEVERE, Danger.RED, 0, AlertState.RAISED)
    assert (alert.check_in_id, alert.reasons) == (answer.row.id, [["spo2_low", "93"]])
    assert (alert.raised_at, alert.due_at) == (answer.row.at, answer.row.at + timedelta(minutes=5))
    assert await changes_of(alert) == [AlertChange.RAISED]
    now = await case_of(case.id)
    assert (now.severe, now.danger, now.rank) == (True, Danger.RED, 0)
    assert (await recount()).differences == {}


async def test_age_and_conditions_are_known_from_the_report(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime, replace(OLD_AND_ILL, birth_date=None, birth_year=1950))
    answer = await reports(runtime, own, case, "cough", respiratory_rate=22)
    assert answer.row.high_risk
    assert {code for code, _ in answer.row.reasons} == {"breathing_fast", "age_and_condition"}
    kinds = sorted(alert.kind for alert in await alerts_of(case))
    assert kinds == [AlertKind.HIGH_RISK, AlertKind.SEVERE]


async def test_the_same_signs_day_after_day_call_the_station_once(runtime: Runtime) -> None:
    case, nurse, own = await at_home(runtime, TIRED)
    (alert,) = await alerts_of(case)
    await acknowledge(runtime, nurse, alert.id)
    await resolve(runtime, nurse, alert.id, Outcome.ADVISED)
    for _ in range(3):
        later(runtime, 12)
        await reports(runtime, own, case, "fatigue")
    assert len(await alerts_of(case)) == 1
    await reports(runtime, own, case, "fatigue", "dyspnoea")
    first, second = await alerts_of(case)
    assert (first.state, second.state, second.danger) == (AlertState.RESOLVED, AlertState.RAISED, Danger.RED)
    assert (await recount()).differences == {}


@pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.FALSE_ALARM])
async def test_a_station_that_has_spoken_with_nobody_does_not_know(runtime: Runtime, outcome: Outcome) -> None:
    case, nurse, own = await at_home(runtime, TIRED)
    (alert,) = await alerts_of(case)
    await acknowledge(runtime, nurse, alert.id)
    await resolve(runtime, nurse, alert.id, outcome)
    await reports(runtime, own, case, "fatigue")
    assert len(await alerts_of(case)) == 2


async def test_an_alert_that_waits_is_raised_up_and_never_due_later_than_it_was(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime, TIRED)
    (before,) = await alerts_of(case)
    runtime.clock.follow(MOMENT + timedelta(minutes=28), timedelta())
    await reports(runtime, own, case, "dyspnoea")
    (alert,) = await alerts_of(case)
    assert (alert.state, alert.danger, alert.rank) == (AlertState.RAISED, Danger.RED, 0)
    assert alert.due_at == before.due_at
    assert [code for code, _ in alert.reasons] == ["dyspnoea", "fatigue"]
    assert await changes_of(alert) == [AlertChange.RAISED, AlertChange.WORSENED]
    # It climbs by the times of its new danger, from now on.
    runtime.clock.follow(MOMENT + timedelta(minutes=32), timedelta())
    assert await escalate_due(runtime) == 0
    runtime.clock.follow(MOMENT + timedelta(minutes=34), timedelta())
    assert await escalate_due(runtime) == 1
    assert (await recount()).differences == {}


async def test_a_further_sign_of_an_alert_that_calls_already_takes_it_no_time(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime, BREATHLESS)
    (before,) = await alerts_of(case)
    runtime.clock.follow(MOMENT + timedelta(minutes=4), timedelta())
    await reports(runtime, own, case, "dyspnoea", "chest_pain")
    (after,) = await alerts_of(case)
    assert (after.state, after.due_at, after.call_at) == (AlertState.RAISED, before.due_at, before.call_at)
    assert {code for code, _ in after.reasons} == {"dyspnoea", "chest_pain"}
    assert await changes_of(after) == [AlertChange.RAISED]


async def test_one_that_was_taken_is_open_again_and_called_anew(runtime: Runtime) -> None:
    case, nurse, own = await at_home(runtime, BREATHLESS)
    (alert,) = await alerts_of(case)
    await acknowledge(runtime, nurse, alert.id)
    later(runtime, 1)
    answer = await reports(runtime, own, case, "dyspnoea", spo2=88)
    (alert,) = await alerts_of(case)
    assert (alert.state, alert.acknowledged_by, alert.acknowledged_at) == (AlertState.RAISED, None, None)
    assert alert.due_at == answer.row.at + timedelta(minutes=5)
    assert await changes_of(alert) == [AlertChange.RAISED, AlertChange.ACKNOWLEDGED, AlertChange.WORSENED]
    assert (await recount()).differences == {}
    await acknowledge(runtime, nurse, alert.id)
    # Oxygen that goes on falling is worse; one that stays is known.
    await reports(runtime, own, case, "dyspnoea", spo2=88)
    assert (await alerts_of(case))[0].state == AlertState.ACKNOWLEDGED
    await reports(runtime, own, case, "dyspnoea", spo2=84)
    assert (await alerts_of(case))[0].state == AlertState.RAISED
    assert (await recount()).differences == {}


async def test_staff_report_for_somebody_on_the_phone(runtime: Runtime) -> None:
    case, nurse, _ = await at_home(runtime, confirmed=False)
    answer = await reports(runtime, nurse, case, "chest_pain")
    assert answer.row.account_id == nurse.account_id
    assert answer.next_due is None
    assert (await case_of(case.id)).state == CaseState.SUSPECTED
    (alert,) = await alerts_of(case)
    assert alert.danger == Danger.RED


async def test_a_repeat_gets_the_first_answer_and_another_report_under_the_key_is_a_conflict(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime)
    first = await check_in(runtime, own, signs("dyspnoea", key="once"), case_id=case.id)
    again = await check_in(runtime, own, signs("dyspnoea", key="once"), case_id=case.id)
    assert (again.row.id, again.next_due, again.advice) == (first.row.id, first.next_due, first.advice)
    with pytest.raises(Conflict) as refused:
        await check_in(runtime, own, signs("cough", key="once"), case_id=case.id)
    assert refused.value.reason == "IDEMPOTENCY_KEY_REUSED"
    assert len(await alerts_of(case)) == 1


async def test_of_many_at_once_under_one_key_one_is_taken(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime)
    report = signs("dyspnoea", key="once")
    answers = await asyncio.gather(*(check_in(runtime, own, report, case_id=case.id) for _ in range(8)))
    assert len({answer.row.id for answer in answers}) == 1
    assert await CheckIn.all().using_db(service_connection()).count() == 1
    assert len(await alerts_of(case)) == 1


async def test_every_fault_is_told_and_nothing_is_written(runtime: Runtime) -> None:
    case, _, own = await at_home(runtime)
    with pytest.raises(InvalidInput) as refused:
        await reports(runtime, own, case, "sneezing", "cough", "cough", spo2=300)
    found = {(fault.path, fault.code) for fault in refused.value.faults}
    assert found == {
        (("symptoms", 0), "UNKNOWN_CODE"),
        (("symptoms", 2), "DUPLICATE_CODE"),
        (("vitals", "spo2"), "OUT_OF_BOUNDS"),
    }
    assert (await case_of(case.id)).version == case.version
    with pytest.raises(InvalidInput):
        await check_in(runtime, own, signs("cough", key=" "), case_id=case.id)
    with pytest.raises(InvalidInput):
        await check_in(runtime, own, signs("cough"))


async def test_whose_case_is_over_reports_no_more(runtime: Runtime) -> None:
    case, nurse, own = await at_home(runtime, confirmed=False)
    await dismiss(runtime, nurse, case.id, DismissReason.NEGATIVE_TEST)
    with pytest.raises(Conflict) as refused:
        await reports(runtime, own, case, "cough")
    assert refused.value.reason == "WRONG_STATE"


async def test_nobody_reports_for_a_stranger(runtime: Runtime) -> None:
    case, _, _ = await at_home(runtime)
    _, elsewhere = await wards(2)
    strangers: list[Actor] = [
        ANONYMOUS,
        resident(runtime, OTHER),
        await account(runtime, Role.STATION_STAFF, elsewhere),
        await account(runtime, Role.COMMITTEE, elsewhere),
    ]
    for stranger in strangers:
        with pytest.raises(NotFound):
            await reports(runtime, stranger, case, "dyspnoea")
    assert await alerts_of(case) == []


async def test_who_has_typed_a_neighbour_s_number_cannot_report_for_them(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    mine = person(HEALTHY, name="Nguyễn Văn An", national_id=ID_CARD)
    await declare(runtime, resident(runtime), household(mine, ward=ward, phone=PHONE))
    typed = person(HEALTHY, name="Trần Văn Bình", national_id=ID_CARD)
    curious = resident(runtime, OTHER)
    joined = await declare(runtime, curious, household(typed, ward=ward, phone=OTHER))
    for place in ({"declaration_id": joined.people[0].id}, {"case_id": joined.people[0].case_id}):
        with pytest.raises(NotFound):
            await check_in(runtime, curious, signs("dyspnoea"), **place)
    assert await CheckIn.all().using_db(service_connection()).count() == 0


async def test_by_the_declaration_as_by_the_case(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    own = resident(runtime)
    receipt = await declare(runtime, own, household(person(), ward=ward))
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    for actor in (own, nurse):
        answer = await check_in(runtime, actor, signs("cough"), declaration_id=receipt.people[0].id)
        assert answer.row.case_id == receipt.people[0].case_id


async def test_whose_case_was_merged_goes_on_reporting_and_the_case_that_goes_on_is_called(runtime: Runtime) -> None:
    kept, nurse, owner = await at_home(runtime, TIRED)
    merged, _, own = await at_home(runtime, phone=OTHER)
    await merge_persons(runtime, nurse, (kept.id, None), (merged.id, None), ())
    answer = await reports(runtime, own, merged, "dyspnoea")
    # It stays with the one who has sent it, and nobody else who has reported the person is shown it.
    assert answer.row.case_id == merged.id
    now = await case_of(kept.id)
    assert (now.danger, now.last_check_in_at, now.check_in_due) == (Danger.RED, answer.row.at, answer.next_due)
    (alert,) = await alerts_of(kept)
    assert (alert.danger, alert.check_in_id) == (Danger.RED, answer.row.id)
    bounds = bounds_of(owner)
    async with snapshot(bounds) as connection:
        wanted = CheckInsWanted(kept.id)
        assert (await check_ins_of_cases(owner, connection, [wanted]))[wanted].items == []
    async with snapshot(bounds_of(nurse)) as connection:
        (shown,) = (await check_ins_of_cases(nurse, connection, [wanted]))[wanted].items
        assert shown.id == answer.row.id
    assert (await recount()).differences == {}
