"""What residents and stations are told by text, in the transaction of the fact."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from access.actor import ANONYMOUS, Actor
from alerts import outbox
from alerts.gsm7 import measure
from alerts.outbox import Priority, place
from alerts.relay import NOT_WANTED
from alerts.wording import Detail, Wording
from models.alert import Alert
from models.case import Case
from models.database import service_connection, service_transaction
from models.outbox_message import OutboxMessage
from models.state import AlertState, CaseState, MessageKind, MessageState, Role
from services.alert_letter import alert_letter
from services.call_out import told_of
from services.confirm import confirm
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.limit import Limiter
from services.limit_memory import MemoryCounters
from services.problem import Conflict
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, OLD_AND_ILL, TIRED, account, household, person, wards
from tests.integration.sending import Gateway, relay

PHONE = "+84912345678"


@pytest.fixture
async def telling(runtime: Runtime) -> AsyncIterator[Runtime]:
    """An installation that tells residents, as one in production does."""
    runtime.residents_told = True
    runtime.wording = Wording(public_url="https://kb.example")
    yield runtime
    runtime.residents_told, runtime.wording, runtime.limits = False, Wording(), Limiter()


def resident(runtime: Runtime) -> Actor:
    return Actor("RESIDENT", phone_hash=runtime.pseudonymiser.phone(PHONE))


async def told(runtime: Runtime) -> list[tuple[OutboxMessage, str, str]]:
    """Every message with its recipient and text, in order."""
    rows = await OutboxMessage.all().order_by("id").using_db(service_connection())
    opened = [runtime.sealer.open(place(row.id), row.sealed) for row in rows]
    return [(row, str(one["to"]), str(one["body"])) for row, one in zip(rows, opened, strict=True)]


async def test_a_household_is_told_once_that_its_declaration_has_arrived(telling: Runtime) -> None:
    ward, *_ = await wards()
    order = household(person(), person(), person(), ward=ward, key="once")
    receipt = await declare(telling, resident(telling), order)
    await declare(telling, resident(telling), order)
    ((row, to, body),) = await told(telling)
    assert (row.kind, row.priority, row.state) == (MessageKind.RECEIVED, Priority.STATUS, MessageState.QUEUED)
    assert to == PHONE
    assert receipt.code in body
    assert body.endswith(f"https://kb.example/r/{receipt.code}")
    assert measure(body).segments == 1


async def test_an_unproven_number_never_gets_the_code_that_opens_a_household(telling: Runtime) -> None:
    ward, *_ = await wards()
    receipt = await declare(telling, ANONYMOUS, household(person(), ward=ward))
    ((_, to, body),) = await told(telling)
    assert to == PHONE
    assert receipt.code not in body
    nurse = await account(telling, Role.STATION_STAFF, ward)
    await confirm(telling, nurse, receipt.people[0].case_id)
    assert receipt.code not in (await told(telling))[1][2]


async def test_a_stranger_s_number_gets_few_texts_and_nobody_is_refused_for_it(telling: Runtime) -> None:
    telling.limits = Limiter(MemoryCounters(), telling.pseudonymiser.counted)
    ward, *_ = await wards()
    for _ in range(5):
        await declare(telling, ANONYMOUS, household(person(), ward=ward))
    assert len(await told(telling)) == 3
    await declare(telling, resident(telling), household(person(), ward=ward))
    assert len(await told(telling)) == 4


async def test_where_residents_are_not_told_nothing_is_written(runtime: Runtime) -> None:
    ward, *_ = await wards()
    receipt = await declare(runtime, resident(runtime), household(person(), ward=ward))
    await confirm(runtime, await account(runtime, Role.STATION_STAFF, ward), receipt.people[0].case_id)
    assert await told(runtime) == []


async def test_a_station_s_decision_reaches_the_resident_with_the_place_in_the_household(telling: Runtime) -> None:
    ward, *_ = await wards()
    receipt = await declare(telling, resident(telling), household(person(), person(BREATHLESS), ward=ward))
    nurse = await account(telling, Role.STATION_STAFF, ward)
    await confirm(telling, nurse, receipt.people[0].case_id)
    await dismiss(telling, nurse, receipt.people[1].case_id, DismissReason.NEGATIVE_TEST)
    _, (confirmed, to, yes), (refused, _, no) = await told(telling)
    assert (confirmed.kind, refused.kind, to) == (MessageKind.CONFIRMED, MessageKind.REFUSED, PHONE)
    assert yes.startswith(f"Khai bao {receipt.code} (nguoi 1): da xac nhan.")
    assert no.startswith(f"Khai bao {receipt.code} (nguoi 2): khong ghi nhan la ca benh.")


async def test_a_decision_that_is_refused_tells_nobody(telling: Runtime) -> None:
    ward, *_ = await wards()
    receipt = await declare(telling, resident(telling), household(person(), ward=ward))
    nurse = await account(telling, Role.STATION_STAFF, ward)
    with pytest.raises(Conflict):
        await confirm(telling, nurse, receipt.people[0].case_id, version=7)
    assert [row.kind for row, *_ in await told(telling)] == [MessageKind.RECEIVED]


async def test_a_case_whose_identity_cannot_be_opened_is_confirmed_all_the_same(telling: Runtime) -> None:
    ward, *_ = await wards()
    one = await declare(telling, resident(telling), household(person(), ward=ward))
    case_id = one.people[0].case_id
    await Case.filter(id=case_id).using_db(service_connection()).update(identity=b"\x04test" + b"x" * 40)
    nurse = await account(telling, Role.STATION_STAFF, ward)
    assert (await confirm(telling, nurse, case_id)).state is CaseState.CONFIRMED
    assert [row.kind for row, *_ in await told(telling)] == [MessageKind.RECEIVED]


async def test_a_person_who_was_erased_is_not_written_to_any_more(telling: Runtime) -> None:
    ward, *_ = await wards()
    receipt = await declare(telling, resident(telling), household(person(), ward=ward))
    await confirm(telling, await account(telling, Role.STATION_STAFF, ward), receipt.people[0].case_id)
    for table in ("submission", "illness_case"):
        await service_connection().execute_query(f"UPDATE {table} SET anonymised_at = now()")
    gateway = Gateway()
    await relay(telling, gateway).send_due()
    assert gateway.asked == []
    rows = await OutboxMessage.all().using_db(service_connection())
    assert {(row.state, row.reason, row.sealed) for row in rows} == {(MessageState.DROPPED, NOT_WANTED, b"")}


async def test_what_residents_are_told_goes_out_while_it_is_wanted(telling: Runtime) -> None:
    ward, *_ = await wards()
    receipt = await declare(telling, resident(telling), household(person(), ward=ward))
    await confirm(telling, await account(telling, Role.STATION_STAFF, ward), receipt.people[0].case_id)
    gateway = Gateway()
    await relay(telling, gateway).send_due()
    assert [text.to for text in gateway.taken] == [PHONE, PHONE]


async def test_an_alert_s_text_says_what_the_setting_allows_and_goes_before_all_else(telling: Runtime) -> None:
    ward, *_ = await wards()
    receipt = await declare(telling, resident(telling), household(person(BREATHLESS), ward=ward))
    alert = await Alert.all().using_db(service_connection()).get()
    told = replace((await told_of(telling, service_connection(), [alert]))[alert.id], name="Trần Thị Thử", phone=PHONE)
    letter = alert_letter(telling, told, "+84900000001")
    assert (letter.kind, letter.priority, letter.subject_id) == (MessageKind.ALERT, Priority.RED, alert.id)
    # Raised at ten, to be answered within five minutes.
    assert letter.body.startswith("BAO DONG DO tai")
    assert "10:05" in letter.body
    assert receipt.code not in letter.body
    assert letter.body.endswith(f"/a/{alert.id}")
    assert "Tran Thi Thu" not in letter.body
    telling.wording = replace(telling.wording, detail=frozenset(Detail))
    assert "Tran Thi Thu" in alert_letter(telling, told, "+84900000001").body
    async with service_transaction() as connection:
        await outbox.put(connection, telling.sealer, letter, telling.clock.now())
    gateway = Gateway()
    await Alert.filter(id=alert.id).using_db(service_connection()).update(state=AlertState.ESCALATED)
    await relay(telling, gateway).send_due()
    assert [text.to for text in gateway.taken] == ["+84900000001", PHONE]


@pytest.mark.parametrize(("report", "priority"), [(TIRED, Priority.AMBER), (OLD_AND_ILL, Priority.HIGH_RISK)])
async def test_what_is_less_dangerous_goes_behind_codes(telling: Runtime, report: object, priority: Priority) -> None:
    ward, *_ = await wards()
    await declare(telling, ANONYMOUS, household(person(report), ward=ward))  # type: ignore[arg-type]  # a Report
    alert = await Alert.all().using_db(service_connection()).get()
    (told,) = (await told_of(telling, service_connection(), [alert])).values()
    letter = alert_letter(telling, told, PHONE)
    assert letter.priority == priority > Priority.CODE
