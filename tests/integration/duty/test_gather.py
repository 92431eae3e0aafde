"""Many calls to one person become one text: never dropped, never late for a red one, the same text after a crash."""

import asyncio
import random
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from access.actor import ANONYMOUS
from alerts import outbox
from alerts.delivery_receipts import DeliveryReceipt, DeliveryReceipts
from alerts.gateway import MessageRefused, Text
from alerts.gathering import OTHER_SECONDS, RED_SECONDS, gather_key
from alerts.outbox import Letter, Priority
from alerts.outbox_rows import LEASE_SECONDS
from alerts.relay import NOT_WANTED
from models.alert import Alert
from models.database import DatabaseUrls, service_connection, service_transaction
from models.outbox_message import OutboxMessage
from models.state import AlertState, MessageKind, MessageState
from services.declare import declare
from services.runtime import Runtime
from tests.integration.conftest import MOMENT
from tests.integration.duty.roster import at_station
from tests.integration.made import BREATHLESS, TIRED, household, person, wards
from tests.integration.sending import Gateway, later, message, relay, waits

ROOT = Path(__file__).parents[3]
DAY = timedelta(days=1)
RED, AMBER = Priority.RED, Priority.AMBER


async def put(runtime: Runtime, priority: int, person: str = "duty:1", to: str = "+84901000001") -> UUID:
    """A call of that danger to a person, of an alert that nobody asks for."""
    words = {"danger": "ĐỎ" if priority == RED else "VÀNG", "ward": "Phường 1", "due": "10:05"}
    key = gather_key(person, priority)
    letter = Letter(MessageKind.ALERT, priority, to, "one alone", MOMENT + DAY, None, key, words)
    async with service_transaction() as connection:
        return await outbox.put(connection, runtime.sealer, letter, runtime.clock.now())


async def states() -> dict[UUID, MessageState]:
    rows = await OutboxMessage.all().using_db(service_connection())
    return {row.id: row.state for row in rows}


async def test_the_first_goes_at_once_and_those_that_follow_become_one_text(runtime: Runtime) -> None:
    gateway = Gateway()
    sending = relay(runtime, gateway)
    first = await put(runtime, AMBER)
    await sending.send_due()
    following = [await put(runtime, AMBER) for _ in range(5)]
    await sending.send_due()
    assert [text.id for text in gateway.taken] == [first]
    await later(OTHER_SECONDS)
    await sending.send_due()
    assert [(text.id, text.body) for text in gateway.taken] == [
        (first, "one alone"),
        (following[0], "5 BAO DONG VANG tai Phuong 1: tra loi truoc 10:05."),
    ]
    rows = [await message(id) for id in following]
    assert {(row.state, row.gateway_id, row.gathered_in) for row in rows} == {
        (MessageState.HANDED_OVER, "own-2", following[0])
    }
    assert {row.sealed for row in rows} == {b""}
    assert await sending.send_due() == 0


async def test_what_waits_when_nobody_was_written_to_goes_in_one_text_at_once(runtime: Runtime) -> None:
    for _ in range(3):
        await put(runtime, AMBER)
    gateway = Gateway()
    assert await relay(runtime, gateway).send_due() == 1
    assert [text.body[:12] for text in gateway.taken] == ["3 BAO DONG V"]


async def test_reds_wait_for_no_amber_and_go_in_no_text_with_one(runtime: Runtime) -> None:
    gateway = Gateway()
    sending = relay(runtime, gateway)
    await put(runtime, AMBER)
    await put(runtime, AMBER)
    await sending.send_due()
    await put(runtime, AMBER)
    reds = [await put(runtime, RED) for _ in range(2)]
    await sending.send_due()
    assert [(text.priority, text.body[:12]) for text in gateway.taken] == [
        (AMBER, "2 BAO DONG V"),
        (RED, "2 BAO DONG D"),
    ]
    assert gateway.taken[-1].id == reds[0]


async def test_two_people_and_two_dangers_are_texts_of_their_own(runtime: Runtime) -> None:
    for somebody in ("duty:1", "duty:2"):
        for priority in (RED, AMBER, Priority.HIGH_RISK):
            await put(runtime, priority, somebody)
    gateway = Gateway()
    await relay(runtime, gateway).send_due()
    assert len(gateway.taken) == 6


async def test_a_number_that_was_put_right_is_used_for_all_that_wait(runtime: Runtime) -> None:
    await put(runtime, AMBER, to="+84901000008")
    await put(runtime, AMBER, to="+84901000009")
    gateway = Gateway()
    await relay(runtime, gateway).send_due()
    assert [text.to for text in gateway.taken] == ["+84901000009"]


async def test_an_alert_that_somebody_has_taken_is_in_no_text_and_dropped_with_its_reason(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    await at_station(runtime, ward)
    for _ in range(3):
        await declare(runtime, ANONYMOUS, household(person(TIRED), ward=ward))
    gateway = Gateway()
    rows = await OutboxMessage.all().using_db(service_connection()).order_by("created_at", "id")
    taken = rows[0]
    await Alert.filter(id=taken.subject_id).using_db(service_connection()).update(state=AlertState.ACKNOWLEDGED)
    await relay(runtime, gateway).send_due()
    # The text keeps the identifier of its first message, although that one's alert is taken.
    assert [(text.id, text.body[:12]) for text in gateway.taken] == [(taken.id, "2 BAO DONG V")]
    await Alert.all().using_db(service_connection()).update(state=AlertState.ACKNOWLEDGED)
    await put(runtime, RED)
    last = [await put_of(runtime, alert) for alert in await Alert.all().using_db(service_connection())]
    await later(OTHER_SECONDS)
    await relay(runtime, gateway).send_due()
    assert {((await message(id)).state, (await message(id)).reason) for id in last} == {
        (MessageState.DROPPED, NOT_WANTED)
    }
    assert len(gateway.taken) == 2


async def put_of(runtime: Runtime, alert: Alert) -> UUID:
    """A call to an alert."""
    key = gather_key("duty:7", AMBER)
    letter = Letter(MessageKind.ALERT, AMBER, "+84901000001", "x", MOMENT + DAY, alert.id, key, {})
    async with service_transaction() as connection:
        return await outbox.put(connection, runtime.sealer, letter, runtime.clock.now())


async def test_what_a_gateway_refuses_or_reports_is_so_for_all_that_went_in_the_text(runtime: Runtime) -> None:
    class Refusing(Gateway):
        async def send(self, text: Text) -> str | None:
            """Never takes anything."""
            raise MessageRefused("NO_SUCH_NUMBER")

    refused = [await put(runtime, RED) for _ in range(3)]
    await relay(runtime, Refusing()).send_due()
    assert {(await states())[id] for id in refused} == {MessageState.FAILED}
    delivered = [await put(runtime, AMBER) for _ in range(3)]
    gateway = Gateway()
    await relay(runtime, gateway).send_due()
    receipts = DeliveryReceipts(service_connection, runtime.clock.now)
    await receipts.take(DeliveryReceipt(gateway.taken[0].id, "fake", "own-1"))
    assert {(await states())[id] for id in delivered} == {MessageState.DELIVERED}
    assert {(await states())[id] for id in refused} == {MessageState.FAILED}


async def test_a_text_that_was_put_off_is_the_same_text_at_the_next_try(runtime: Runtime) -> None:
    ids = [await put(runtime, AMBER) for _ in range(3)]
    gateway = Gateway(refuses=1)
    await relay(runtime, gateway).send_due()
    await put(runtime, AMBER)
    assert 0 < await waits(ids[0]) <= 2
    await later(3)
    await relay(runtime, gateway).send_due()
    assert gateway.asked == [ids[0]] * 2
    assert [text.body[:12] for text in gateway.taken] == ["3 BAO DONG V"]


async def test_one_that_does_not_open_keeps_the_others_from_nobody(runtime: Runtime) -> None:
    ids = [await put(runtime, AMBER) for _ in range(3)]
    await OutboxMessage.filter(id=ids[1]).using_db(service_connection()).update(sealed=b"broken")
    gateway = Gateway()
    await relay(runtime, gateway).send_due()
    assert [text.body[:12] for text in gateway.taken] == ["3 BAO DONG V"]


async def test_several_relays_at_once_make_one_text(runtime: Runtime) -> None:
    ids = [await put(runtime, RED) for _ in range(40)]
    gateway = Gateway()
    await asyncio.gather(*(relay(runtime, gateway).send_due() for _ in range(6)))
    assert [text.body[:14] for text in gateway.taken] == ["40 BAO DONG DO"]
    assert set((await states()).values()) == {MessageState.HANDED_OVER}
    assert len(await states()) == len(ids)


KILLED = """
import asyncio, sys
from datetime import datetime
from access.keys import Key
from access.sealing import Sealer
from alerts.gateways import Gateways
from alerts.relay import Relay
from models.database import DatabaseUrls, connect, service_connection

class Silent:
    name = "silent"

    async def send(self, text):
        print(text.id, text.body, flush=True)
        await asyncio.Event().wait()

    async def close(self):
        pass

async def main():
    await connect(DatabaseUrls(*sys.argv[1:4]))
    now = datetime.fromisoformat(sys.argv[4])
    await Relay(service_connection, Sealer(Key("test", b"k" * 32)), Gateways([Silent()]), lambda: now).send_due()

asyncio.run(main())
"""


async def test_a_process_killed_between_sending_and_writing_down_sends_the_same_text_again(
    runtime: Runtime, urls: DatabaseUrls
) -> None:
    ids = [await put(runtime, RED) for _ in range(3)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, urls.application, urls.service, urls.owner, MOMENT.isoformat()),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    first = (await process.stdout.readline()).decode().strip()
    process.kill()
    await process.wait()
    # What comes meanwhile is another text: the one that may be out already keeps its messages.
    await put(runtime, RED)
    await later(LEASE_SECONDS)
    gateway = Gateway()
    await relay(runtime, gateway).send_due()
    assert first == f"{ids[0]} 3 BAO DONG DO tai Phuong 1: tra loi truoc 10:05."
    assert sorted(f"{text.id} {text.body}" for text in gateway.taken if text.id == ids[0]) == [first]
    assert set((await states()).values()) == {MessageState.HANDED_OVER}


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_comes_when_nothing_is_lost_no_red_is_late_and_texts_are_few(
    runtime: Runtime, seed: int
) -> None:
    chance = random.Random(seed)
    gateway = Gateway()
    sending = relay(runtime, gateway)
    seconds, tick, minutes = 0.0, 4.0, 8
    rate = chance.choice([0.05, 0.5, 2.0])
    came: dict[UUID, tuple[float, Priority]] = {}
    people = ("duty:1", "duty:2")
    while seconds < minutes * 60:
        for _ in range(sum(chance.random() < rate / 8 for _ in range(8))):
            priority = chance.choice([RED, AMBER, AMBER, Priority.HIGH_RISK])
            came[await put(runtime, priority, chance.choice(people))] = (seconds, priority)
        await sending.send_due()
        for id, at in await settled(came):
            born, priority = came.pop(id)
            longest = RED_SECONDS if priority == RED else OTHER_SECONDS
            assert at == MessageState.HANDED_OVER
            assert seconds - born <= longest + tick, f"{priority} waited {seconds - born} s"
        await later(tick)
        seconds += tick
    await later(OTHER_SECONDS)
    await sending.send_due()
    assert set((await states()).values()) <= {MessageState.HANDED_OVER}
    texts = [text.priority for text in gateway.taken]
    assert len({text.id for text in gateway.taken}) == len(texts)
    for priority, longest in ((RED, RED_SECONDS), (AMBER, OTHER_SECONDS), (Priority.HIGH_RISK, OTHER_SECONDS)):
        assert texts.count(priority) <= len(people) * (2 + seconds / longest)


async def settled(waiting: dict[UUID, tuple[float, Priority]]) -> list[tuple[UUID, MessageState]]:
    """Those that wait no more."""
    return [(id, state) for id, state in (await states()).items() if id in waiting and state != MessageState.QUEUED]


async def test_a_declaration_s_reds_reach_the_gateway_as_one_text_each_twenty_seconds(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    await at_station(runtime, ward)
    gateway = Gateway()
    sending = relay(runtime, gateway)
    for _ in range(4):
        await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
        await sending.send_due()
    await later(RED_SECONDS)
    await sending.send_due()
    assert [text.body[:12] for text in gateway.taken] == ["BAO DONG DO ", "3 BAO DONG D"]
