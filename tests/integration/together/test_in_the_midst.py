"""Whoever goes, whatever breaks and whoever dies while a transaction is shared: nobody else is hurt by it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from uuid import UUID

import asyncpg
import pytest
from tortoise.exceptions import OperationalError

from access.actor import ANONYMOUS, Actor
from models.alert import Alert, AlertEvent
from models.area import Area
from models.area_count import ALL_DAYS, AreaCount
from models.case import Case
from models.database import DatabaseUrls, service_connection
from models.declaration import Declaration, Submission
from models.evidence import Evidence
from models.locks import ALERT_LOG_LOCK
from models.migrate import plain
from models.state import EvidenceKind
from services.declare import declare
from services.problem import Conflict, InvalidInput
from services.receipt import Receipt
from services.recount import recount
from services.runtime import Runtime
from services.together import Together
from tests.integration.conftest import MOMENT
from tests.integration.made import BREATHLESS, HEALTHY, TIRED, household, person, wards
from tests.integration.together.waiting import Batches, at_once

WAITING = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid::bigint = $1::bigint & 4294967295
"""
PROVEN = "+84912345678"


@pytest.fixture
def batches() -> Batches:
    """What the runtime's declarations wait in."""
    return Batches()


@pytest.fixture
def runtime(runtime: Runtime, batches: Batches) -> Runtime:
    """The runtime, whose declarations wait until they are let go."""
    return replace(runtime, declaring=batches)


@pytest.fixture
async def ward(runtime: Runtime) -> Area:
    """A ward."""
    return (await wards(1))[0]


@pytest.fixture
async def owner(urls: DatabaseUrls) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection beside the process."""
    connection = await asyncpg.connect(plain(urls.owner))
    yield connection
    await connection.close()


async def waiting_for_the_log(owner: "asyncpg.Connection[asyncpg.Record]") -> list[int]:
    """Who has written all but the log's lines, once there is somebody."""
    while not (rows := await owner.fetch(WAITING, ALERT_LOG_LOCK)):  # noqa: ASYNC110 - locks set no event
        await asyncio.sleep(0)
    return [row["pid"] for row in rows]


def known(runtime: Runtime) -> Actor:
    return Actor("RESIDENT", phone_hash=runtime.pseudonymiser.phone(PROVEN))


async def submissions() -> list[str]:
    rows = await Submission.all().order_by("idempotency_key").using_db(service_connection())
    return [row.idempotency_key for row in rows]


async def test_forty_who_wait_share_a_transaction(runtime: Runtime, ward: Area, batches: Batches) -> None:
    reports = [HEALTHY, TIRED, BREATHLESS, HEALTHY]
    calls = [
        partial(declare, runtime, ANONYMOUS, household(person(reports[number % 4]), ward=ward)) for number in range(40)
    ]
    receipts = await at_once(runtime, batches, calls)
    assert (batches.sizes, batches.alone) == ([40], 0)
    assert len({receipt.code for receipt in receipts}) == 40
    assert [receipt.people[0].assessment.severe for receipt in receipts] == [False, True, True, False] * 10
    (count,) = await AreaCount.filter(day=ALL_DAYS).using_db(service_connection())
    assert (count.declared, count.severe, count.alerts, count.version) == (40, 20, 20, 40)
    events = await AlertEvent.all().order_by("seq").using_db(service_connection())
    alerts = {alert.id: alert for alert in await Alert.all().using_db(service_connection())}
    assert len(events) == len(alerts) == 20
    assert all(event.at == alerts[event.alert_id].raised_at for event in events)
    assert (await recount()).differences == {}


async def test_the_same_key_twice_gives_one_declaration_and_one_receipt(
    runtime: Runtime, ward: Area, batches: Batches
) -> None:
    order, other = household(person(TIRED), ward=ward, key="the same"), household(ward=ward, key="the same")
    await declare(replace(runtime, declaring=Together()), ANONYMOUS, household(ward=ward, key="long before"))
    calls = [partial(declare, runtime, ANONYMOUS, one) for one in (order, order, household(ward=ward), other)]
    calls.append(partial(declare, runtime, ANONYMOUS, household(ward=ward, key="long before")))
    first, again, third, conflict, taken = await at_once(runtime, batches, calls)
    assert first == again
    assert third.code != first.code
    assert isinstance(conflict, Conflict)
    assert isinstance(taken, Conflict)
    assert batches.sizes[0] == 3
    assert len(await submissions()) == 3


async def test_two_reports_of_one_person_join_one_case_and_the_second_sees_the_first(
    runtime: Runtime, ward: Area, batches: Batches
) -> None:
    actor = known(runtime)
    orders = [household(person(report, name="Trần Văn Bình"), ward=ward) for report in (TIRED, BREATHLESS, TIRED)]
    receipts = await at_once(runtime, batches, [partial(declare, runtime, actor, one) for one in orders])
    assert len({receipt.people[0].case_id for receipt in receipts}) == 1
    alerts = await Alert.all().order_by("raised_at", "id").using_db(service_connection())
    assert [alert.danger for alert in alerts] == ["AMBER", "RED"]


async def test_two_reports_that_know_one_person_by_different_hashes_join_one_case(
    runtime: Runtime, ward: Area, batches: Batches
) -> None:
    actor, number = known(runtime), "079090001234"
    alone = replace(runtime, declaring=Together(on=False))
    first = await declare(alone, actor, household(person(HEALTHY, name="Lê Thị Hoa", national_id=number), ward=ward))
    by_name = household(person(TIRED, name="Lê Thị Hoa"), ward=ward)
    by_number = household(person(TIRED, name="Lê Hoa", national_id=number), ward=ward)
    receipts = await at_once(runtime, batches, [partial(declare, runtime, actor, one) for one in (by_name, by_number)])
    assert {receipt.people[0].case_id for receipt in receipts} == {first.people[0].case_id}
    assert (batches.sizes, batches.alone) == ([2, 1], 0)
    assert await Alert.all().using_db(service_connection()).count() == 1
    case = await Case.get(id=first.people[0].case_id, using_db=service_connection())
    assert (case.version, case.severe) == (3, True)


async def test_what_the_database_refuses_of_one_is_its_own_error_and_no_other_s(
    runtime: Runtime, ward: Area, batches: Batches
) -> None:
    broken = replace(ANONYMOUS, request_id="x" * 65)
    calls = [
        partial(declare, runtime, actor, household(person(TIRED), ward=ward, key=key))
        for actor, key in ((ANONYMOUS, "a"), (broken, "b"), (ANONYMOUS, "c"))
    ]
    a, b, c = await at_once(runtime, batches, calls)
    assert isinstance(a, Receipt)
    assert isinstance(c, Receipt)
    assert isinstance(b, OperationalError)
    assert (batches.sizes, batches.alone) == ([3], 3)
    assert await submissions() == ["a", "c"]
    assert (await recount()).differences == {}


async def test_a_photo_that_two_name_is_the_first_one_s_and_an_unknown_one_stops_only_its_sender(
    runtime: Runtime, ward: Area, batches: Batches
) -> None:
    photo = UUID(int=7)
    await Evidence.create(
        using_db=service_connection(), id=photo, kind=EvidenceKind.TEST, created_at=MOMENT, uploaded_at=MOMENT
    )
    mine, theirs, unknown = (replace(person(), evidence=(one,)) for one in (photo, photo, UUID(int=8)))
    calls = [partial(declare, runtime, ANONYMOUS, household(one, ward=ward)) for one in (mine, theirs, unknown)]
    calls.append(partial(declare, runtime, ANONYMOUS, household(ward=ward)))
    first, second, third, fourth = await at_once(runtime, batches, calls)
    assert isinstance(first, Receipt)
    assert isinstance(fourth, Receipt)
    for refused in (second, third):
        assert isinstance(refused, InvalidInput)
        assert [fault.code for fault in refused.faults] == ["UNKNOWN_EVIDENCE"]
    stored = await Evidence.get(id=photo, using_db=service_connection())
    assert stored.declaration_id == first.people[0].id
    assert len(await submissions()) == 2


async def test_a_client_that_goes_while_it_is_written_hurts_nobody_and_finds_its_receipt_again(
    runtime: Runtime, ward: Area, batches: Batches, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    orders = [household(person(TIRED), ward=ward, key=key) for key in "abc"]
    async with batches.closed():
        await owner.execute("SELECT pg_advisory_lock($1)", ALERT_LOG_LOCK)
        sent = [asyncio.create_task(declare(runtime, ANONYMOUS, order)) for order in orders]
        await batches.came(3)
    await waiting_for_the_log(owner)
    sent[1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await sent[1]
    await owner.execute("SELECT pg_advisory_unlock($1)", ALERT_LOG_LOCK)
    first, third = await sent[0], await sent[2]
    assert await submissions() == ["a", "b", "c"]
    again = await declare(runtime, ANONYMOUS, orders[1])
    assert len({first.code, again.code, third.code}) == 3
    assert await Declaration.all().using_db(service_connection()).count() == 3


async def test_with_the_last_client_gone_nothing_is_written_and_the_next_need_not_wait(
    runtime: Runtime, ward: Area, batches: Batches, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with batches.closed():
        await owner.execute("SELECT pg_advisory_lock($1)", ALERT_LOG_LOCK)
        orders = [household(person(TIRED), ward=ward, key=key) for key in "ab"]
        sent = [asyncio.create_task(declare(runtime, ANONYMOUS, order)) for order in orders]
        await batches.came(2)
    await waiting_for_the_log(owner)
    for one in sent:
        one.cancel()
    await asyncio.gather(*sent, return_exceptions=True)
    assert isinstance(await declare(runtime, ANONYMOUS, household(ward=ward, key="c")), Receipt)
    await owner.execute("SELECT pg_advisory_unlock($1)", ALERT_LOG_LOCK)
    assert await submissions() == ["c"]


async def test_when_its_connection_dies_everybody_is_written_once_all_the_same(
    runtime: Runtime, ward: Area, batches: Batches, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with batches.closed():
        await owner.execute("SELECT pg_advisory_lock($1)", ALERT_LOG_LOCK)
        orders = [household(person(TIRED), ward=ward, key=key) for key in "abc"]
        sent = [asyncio.create_task(declare(runtime, ANONYMOUS, order)) for order in orders]
        await batches.came(3)
    for pid in await waiting_for_the_log(owner):
        await service_connection().execute_query("SELECT pg_terminate_backend($1)", [pid])
    await batches.were_alone(3)
    await owner.execute("SELECT pg_advisory_unlock($1)", ALERT_LOG_LOCK)
    receipts = await asyncio.gather(*sent)
    assert len({receipt.code for receipt in receipts}) == 3
    assert await submissions() == ["a", "b", "c"]
    assert (await recount()).differences == {}


async def test_what_somebody_else_has_locked_for_long_keeps_only_those_whom_it_concerns(
    runtime: Runtime, ward: Area, batches: Batches, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    actor = known(runtime)
    alone = replace(runtime, declaring=Together(on=False))
    first = await declare(alone, actor, household(person(HEALTHY, name="Lê Thị Hoa"), ward=ward))
    held = owner.transaction()
    await held.start()
    await owner.execute("SELECT FROM illness_case WHERE id = $1 FOR UPDATE", first.people[0].case_id)
    async with batches.closed():
        waits = asyncio.create_task(
            declare(runtime, actor, household(person(TIRED, name="Lê Thị Hoa"), ward=ward, key="waits"))
        )
        others = [asyncio.create_task(declare(runtime, ANONYMOUS, household(ward=ward, key=key))) for key in "ab"]
        await batches.came(3)
    await asyncio.gather(*others)
    assert not waits.done()
    await held.rollback()
    assert (await waits).people[0].case_id == first.people[0].case_id


async def test_who_waits_for_a_person_s_key_holds_no_counters_meanwhile(
    runtime: Runtime, ward: Area, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    runtime.declaring = Together()
    order = household(person(name="Lê Thị Hoa"), ward=ward)
    await declare(runtime, ANONYMOUS, household(ward=ward))
    hashes = runtime.pseudonymiser.identities(PROVEN, "Lê Thị Hoa", str(HEALTHY.birth_date))
    held = owner.transaction()
    await held.start()
    await owner.execute(
        "WITH p AS (INSERT INTO person (id, created_at) VALUES (gen_random_uuid(), now()) RETURNING id) "
        "INSERT INTO person_key (hash, person_id) SELECT $1, id FROM p",
        hashes[0],
    )
    waits = asyncio.create_task(declare(runtime, ANONYMOUS, order))
    mine = await owner.fetchval("SELECT pg_backend_pid()")
    blocked = "SELECT 1 FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))"
    while not await owner.fetchval(blocked, mine):
        assert not waits.done()
    await owner.execute("SELECT FROM area_count WHERE area_no = $1 FOR UPDATE NOWAIT", ward.lo)
    await held.rollback()
    assert isinstance(await waits, Receipt)


async def test_two_hundred_of_few_people_in_few_wards_at_once_wait_for_nobody_in_a_ring(
    runtime: Runtime, urls: DatabaseUrls
) -> None:
    runtime.declaring = Together(in_flight=4, most=7)
    places = await wards(4)
    numbers = [f"07909000{number:04}" for number in range(6)]

    async def story(number: int) -> None:
        people = [
            person(
                (HEALTHY, TIRED, BREATHLESS)[number % 3],
                name=f"Người {(number * 7) % 5}",
                national_id=numbers[(number * 5) % 6] if number % 2 else None,
            )
        ]
        phone = f"+8491234567{number % 4}"
        actor = Actor("RESIDENT", phone_hash=runtime.pseudonymiser.phone(phone)) if number % 3 else ANONYMOUS
        await declare(runtime, actor, household(*people, ward=places[number % 4], phone=phone))

    async with asyncio.timeout(60):
        await asyncio.gather(*(story(number) for number in range(200)))
    assert len(await submissions()) == 200
    assert (await recount()).differences == {}
    proven = await Declaration.filter(verified=True).using_db(service_connection())
    assert len(proven) == sum(number % 3 > 0 for number in range(200))
