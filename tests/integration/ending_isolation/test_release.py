"""An isolation ends on the protocol's day, with the test that the protocol asks for, and never before."""

import asyncio
from datetime import timedelta

import pytest

from models.alert import Alert
from models.area_count import ALL_DAYS, AreaCount
from models.case_event import CaseEvent
from models.certificate import Certificate
from models.database import service_connection
from models.declaration import Declaration
from models.outbox_message import OutboxMessage
from models.release_test import ReleaseTest
from models.state import CaseEventKind, CaseState, CertificateState, MessageKind, Outcome, Role
from services.acknowledge import acknowledge
from services.certificate_content import read_content
from services.confirm import confirm
from services.declare import declare
from services.erase_person import erase_person
from services.fall_due import fall_due
from services.problem import Conflict, InvalidInput, NotFound
from services.record_release_test import record_release_test
from services.release_case import NotReleasable, release_case
from services.resolve import resolve
from services.runtime import Runtime
from services.send_release_test import send_release_test
from services.verify_release_test import refuse_release_test, verify_release_test
from tests.integration.ending_isolation.ill import DAY_0, NEGATIVE, POSITIVE, Ill, ill, now_is, on_day
from tests.integration.made import BREATHLESS, account, household, person, wards

RAPID = "rapid_antigen"


async def declaration_of(found: Ill) -> Declaration:
    return (await Declaration.filter(case_id=found.case.id).using_db(service_connection()))[0]


async def kinds(found: Ill) -> list[CaseEventKind]:
    events = CaseEvent.filter(case_id=found.case.id).order_by("at", "id")
    return [event.kind for event in await events.using_db(service_connection())]


async def refusal(runtime: Runtime, found: Ill) -> tuple[str, object]:
    with pytest.raises(NotReleasable) as refused:
        await release_case(runtime, found.staff, found.case.id)
    return refused.value.missing, refused.value.from_day


async def test_the_resident_s_test_counts_once_staff_has_verified_it(runtime: Runtime) -> None:
    found = await ill(runtime)
    today = on_day(runtime, 7)
    assert await refusal(runtime, found) == ("NO_NEGATIVE_TEST", DAY_0 + timedelta(days=10))
    declaration = await declaration_of(found)
    test = await send_release_test(runtime, found.resident, declaration.id, RAPID, today, NEGATIVE)
    again = await send_release_test(runtime, found.resident, declaration.id, RAPID, today, NEGATIVE)
    assert again.id == test.id
    assert not test.supervised
    assert await refusal(runtime, found) == ("TEST_NOT_VERIFIED", DAY_0 + timedelta(days=10))
    verified = await verify_release_test(runtime, found.staff, test.id)
    assert (verified.supervised, verified.verified_by) == (True, found.staff.account_id)
    assert (await now_is(found.case)).state == CaseState.CONFIRMED
    assert await fall_due(runtime) == 1
    released = await release_case(runtime, found.staff, found.case.id)
    assert (released.state, released.release_on, released.check_in_due) == (CaseState.COMPLETED, today, None)
    assert released.closed_at is not None
    assert (await kinds(found))[1:] == [
        CaseEventKind.TESTED,
        CaseEventKind.TEST_VERIFIED,
        CaseEventKind.RELEASE_DUE,
        CaseEventKind.RELEASED,
    ]


async def test_a_released_case_waits_for_its_certificate_and_is_counted(runtime: Runtime) -> None:
    found = await ill(runtime)
    today = on_day(runtime, 7)
    await record_release_test(runtime, found.staff, found.case.id, RAPID, today, NEGATIVE)
    await release_case(runtime, found.staff, found.case.id)
    certificate = await Certificate.get(case_id=found.case.id, using_db=service_connection())
    assert (certificate.state, certificate.station_id) == (CertificateState.AWAITING_SIGNATURE, found.case.station_id)
    said = read_content(runtime.sealer, certificate.id, certificate.content)
    assert said.name.startswith("Nguyễn Thị Thử")
    assert (said.birth, said.test_on, said.released_on) == ("1990-05-17", "2022-03-17", "2022-03-24")
    assert said.area.startswith(found.ward.name)
    assert said.area.endswith("Thành phố Hồ Chí Minh")
    total = await AreaCount.get(area_no=found.case.area_no, day=ALL_DAYS, using_db=service_connection())
    assert (total.active, total.completed) == (0, 1)


async def test_the_phone_that_declared_is_told(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "residents_told", True)
    found = await ill(runtime)
    today = on_day(runtime, 7)
    await record_release_test(runtime, found.staff, found.case.id, RAPID, today, NEGATIVE)
    await release_case(runtime, found.staff, found.case.id)
    told = await OutboxMessage.filter(subject_id=found.case.id).order_by("id").using_db(service_connection())
    assert [message.kind for message in told] == [MessageKind.CONFIRMED, MessageKind.RELEASED]


@pytest.mark.parametrize(("doses", "last"), [(2, 10), (1, 14), (None, 14)])
async def test_a_positive_test_keeps_in_until_the_later_day(runtime: Runtime, doses: int | None, last: int) -> None:
    found = await ill(runtime, doses=doses)
    today = on_day(runtime, 7)
    await fall_due(runtime)
    assert (await now_is(found.case)).state == CaseState.RELEASE_DUE
    await record_release_test(runtime, found.staff, found.case.id, RAPID, today, POSITIVE)
    longer = await now_is(found.case)
    assert (longer.state, longer.release_on) == (CaseState.HOME_ISOLATION, DAY_0 + timedelta(days=last))
    assert CaseEventKind.EXTENDED in await kinds(found)
    assert await fall_due(runtime) == 0
    assert await refusal(runtime, found) == ("STILL_POSITIVE", DAY_0 + timedelta(days=last))
    on_day(runtime, last)
    assert await fall_due(runtime) == 1
    assert (await release_case(runtime, found.staff, found.case.id)).state == CaseState.COMPLETED


async def test_who_was_positive_may_go_with_a_later_negative_test(runtime: Runtime) -> None:
    found = await ill(runtime, doses=0)
    today = on_day(runtime, 7)
    await record_release_test(runtime, found.staff, found.case.id, RAPID, today, POSITIVE)
    today = on_day(runtime, 9)
    await record_release_test(runtime, found.staff, found.case.id, "pcr", today, NEGATIVE)
    assert (await now_is(found.case)).release_on == today
    assert await fall_due(runtime) == 1
    assert (await release_case(runtime, found.staff, found.case.id)).state == CaseState.COMPLETED


async def test_nobody_is_released_before_the_protocol_s_day(runtime: Runtime) -> None:
    found = await ill(runtime)
    today = on_day(runtime, 6)
    await record_release_test(runtime, found.staff, found.case.id, RAPID, today, NEGATIVE)
    assert await fall_due(runtime) == 0
    assert await refusal(runtime, found) == ("TOO_EARLY", DAY_0 + timedelta(days=7))


async def test_nobody_is_released_who_has_called_for_help(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    receipt = await declare(
        runtime, (await ill(runtime)).resident, household(person(BREATHLESS), ward=ward, phone="0912345999")
    )
    staff = await account(runtime, Role.STATION_STAFF, ward)
    case = await confirm(runtime, staff, receipt.people[0].case_id)
    today = on_day(runtime, 7)
    await record_release_test(runtime, staff, case.id, RAPID, today, NEGATIVE)
    with pytest.raises(NotReleasable, match="ALERT_NOT_RESOLVED"):
        await release_case(runtime, staff, case.id)
    (alert,) = await Alert.filter(case_id=case.id).using_db(service_connection())
    await acknowledge(runtime, staff, alert.id)
    with pytest.raises(NotReleasable, match="ALERT_NOT_RESOLVED"):
        await release_case(runtime, staff, case.id)
    await resolve(runtime, staff, alert.id, Outcome.VISITED)
    assert (await release_case(runtime, staff, case.id)).state == CaseState.COMPLETED


async def test_a_refused_test_counts_for_nothing_and_another_may_be_sent(runtime: Runtime) -> None:
    found = await ill(runtime)
    today = on_day(runtime, 7)
    declaration = await declaration_of(found)
    test = await send_release_test(runtime, found.resident, declaration.id, RAPID, today, NEGATIVE)
    refused = await refuse_release_test(runtime, found.staff, test.id, "no name on it")
    assert refused.refused_at is not None
    with pytest.raises(Conflict, match="TEST_REFUSED"):
        await verify_release_test(runtime, found.staff, test.id)
    assert await refusal(runtime, found) == ("NO_NEGATIVE_TEST", DAY_0 + timedelta(days=10))
    another = await send_release_test(runtime, found.resident, declaration.id, RAPID, today, NEGATIVE)
    assert another.id != test.id
    await verify_release_test(runtime, found.staff, another.id)
    with pytest.raises(Conflict, match="TEST_VERIFIED"):
        await refuse_release_test(runtime, found.staff, another.id, "too late")


async def test_what_cannot_be_is_refused_field_by_field(runtime: Runtime) -> None:
    found = await ill(runtime)
    today = on_day(runtime, 7)
    declaration = await declaration_of(found)
    for kind, day, code in (
        ("palm_reading", today, "UNKNOWN_CODE"),
        (RAPID, today + timedelta(days=1), "IN_FUTURE"),
        (RAPID, DAY_0 - timedelta(days=1), "BEFORE_FIRST_TEST"),
    ):
        with pytest.raises(InvalidInput, match=code):
            await send_release_test(runtime, found.resident, declaration.id, kind, day, NEGATIVE)
        with pytest.raises(InvalidInput, match=code):
            await record_release_test(runtime, found.staff, found.case.id, kind, day, NEGATIVE)
    assert await ReleaseTest.all().using_db(service_connection()).count() == 0


async def test_a_neighbour_who_types_the_same_person_sends_no_test_for_them(runtime: Runtime) -> None:
    found = await ill(runtime)
    (ward, *_) = await wards(1)
    today = on_day(runtime, 7)
    neighbour = found.resident.__class__("RESIDENT", phone_hash=runtime.pseudonymiser.phone("+84987654321"))
    declaration = await declaration_of(found)
    with pytest.raises(NotFound):
        await send_release_test(runtime, neighbour, declaration.id, RAPID, today, NEGATIVE)
    elsewhere = await account(runtime, Role.STATION_STAFF, (await wards(2))[1])
    with pytest.raises(NotFound):
        await record_release_test(runtime, elsewhere, found.case.id, RAPID, today, NEGATIVE)
    with pytest.raises(NotFound):
        await release_case(runtime, elsewhere, found.case.id)
    assert ward.id == found.ward.id


async def test_two_who_release_one_case_make_one_certificate(runtime: Runtime) -> None:
    found = await ill(runtime)
    today = on_day(runtime, 7)
    await record_release_test(runtime, found.staff, found.case.id, RAPID, today, NEGATIVE)
    both = await asyncio.gather(
        *(release_case(runtime, one, found.case.id) for one in (found.staff, found.head)), return_exceptions=True
    )
    assert [type(one) for one in both].count(Conflict) == 1
    assert await Certificate.all().using_db(service_connection()).count() == 1


async def test_processes_that_look_at_once_move_each_case_once(runtime: Runtime) -> None:
    people = [await ill(runtime, phone=f"09123456{number:02}") for number in range(5)]
    on_day(runtime, 7)
    assert sum(await asyncio.gather(*(fall_due(runtime) for _ in range(4)))) == 5
    for one in people:
        assert (await kinds(one)).count(CaseEventKind.RELEASE_DUE) == 1


async def test_who_was_erased_is_released_without_a_certificate(runtime: Runtime) -> None:
    found = await ill(runtime)
    department = await account(runtime, Role.DEPARTMENT, found.ward)
    await erase_person(runtime, department, found.case.id, "at the person's own wish")
    on_day(runtime, 11)
    assert (await release_case(runtime, found.staff, found.case.id)).state is CaseState.COMPLETED
    assert await Certificate.all().using_db(service_connection()).count() == 0
    assert (await kinds(found))[-1] is CaseEventKind.RELEASED
