"""The outbox and its relay, against a real database and a gateway at the edge."""

import asyncio
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from alerts import outbox
from alerts.gateway import Text
from alerts.gateways import Gateways
from alerts.outbox import Letter, Priority
from alerts.outbox_rows import LEASE_SECONDS
from alerts.relay import TOO_LATE, Relay
from models.database import DatabaseUrls, service_connection, service_transaction
from models.outbox_message import OutboxMessage
from models.state import MessageKind, MessageState
from services.runtime import Runtime
from tests.integration.conftest import MOMENT
from tests.integration.sending import USEFUL, Gateway, Moment, later, message, put, relay, waits

ROOT = Path(__file__).parents[2]


async def test_a_message_is_handed_over_once_and_nothing_of_it_is_kept(runtime: Runtime) -> None:
    id, gateway = await put(runtime, body="123456"), Gateway()
    assert await relay(runtime, gateway).send_due() == 1
    assert await relay(runtime, gateway).send_due() == 0
    assert gateway.taken == [Text(id, "+84912345678", "123456")]
    settled = await message(id)
    assert (settled.state, settled.gateway, settled.reason) == (MessageState.HANDED_OVER, "fake", None)
    assert settled.gateway_id == "own-1"
    assert settled.settled_at is not None
    assert settled.sealed == b""


async def test_what_is_rolled_back_is_never_sent(runtime: Runtime) -> None:
    gateway = Gateway()

    async def fail() -> None:
        async with service_transaction() as connection:
            letter = Letter(MessageKind.CODE, Priority.CODE, "+84912345678", "x", MOMENT + USEFUL)
            await outbox.put(connection, runtime.sealer, letter, MOMENT)
            raise ValueError("afterwards")

    with pytest.raises(ValueError, match="afterwards"):
        await fail()
    assert await relay(runtime, gateway).send_due() == 0


async def test_two_relays_at_work_send_each_message_once(runtime: Runtime) -> None:
    ids = [await put(runtime) for _ in range(100)]
    gateway = Gateway()

    async def work() -> None:
        mine = relay(runtime, gateway)
        while await mine.send_due():
            pass

    await asyncio.gather(work(), work(), work())
    assert Counter(text.id for text in gateway.taken) == Counter(ids)


async def test_reds_go_first_and_then_what_is_older(runtime: Runtime) -> None:
    codes = [await put(runtime, priority=1) for _ in range(10)]
    reds = [await put(runtime, priority=0) for _ in range(3)]
    gateway = Gateway()
    mine = relay(runtime, gateway)
    while await mine.send_due():
        pass
    assert gateway.asked == reds + codes


async def test_a_message_that_nobody_can_use_any_more_is_dropped_with_its_reason(runtime: Runtime) -> None:
    id, gateway = await put(runtime), Gateway()
    runtime.clock.follow(MOMENT + USEFUL, timedelta())
    assert await relay(runtime, gateway).send_due() == 1
    assert gateway.asked == []
    dropped = await message(id)
    assert (dropped.state, dropped.reason, dropped.gateway) == (MessageState.DROPPED, TOO_LATE, None)
    assert dropped.sealed == b""


async def test_a_failing_gateway_is_tried_again_after_growing_waits(runtime: Runtime) -> None:
    id, gateway, moment = await put(runtime), Gateway(refuses=3), Moment()
    mine = relay(runtime, gateway, moment=moment)
    for attempt, seconds in ((1, 2), (2, 4), (3, 8)):
        assert await mine.send_due() == 1
        failed = await message(id)
        assert (failed.state, failed.attempts) == (MessageState.QUEUED, attempt)
        assert seconds - 1 < await waits(id) <= seconds
        assert await mine.send_due() == 0
        await later(seconds)
        moment.seconds += seconds
    assert await mine.send_due() == 1
    assert (await message(id)).state is MessageState.HANDED_OVER
    assert gateway.asked == [id] * 4


async def test_a_message_that_cannot_be_opened_holds_up_no_other_and_is_tried_again(runtime: Runtime) -> None:
    broken, whole = await put(runtime), await put(runtime)
    gateway = Gateway()
    other = await message(whole)
    await OutboxMessage.filter(id=broken).using_db(service_connection()).update(sealed=other.sealed)
    await relay(runtime, gateway).send_due()
    assert [text.id for text in gateway.taken] == [whole]
    assert (await message(broken)).state is MessageState.QUEUED


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
        print(text.id, flush=True)
        await asyncio.Event().wait()

    async def close(self):
        pass

async def main():
    await connect(DatabaseUrls(*sys.argv[1:4]))
    now = datetime.fromisoformat(sys.argv[4])
    await Relay(service_connection, Sealer(Key("test", b"k" * 32)), Gateways([Silent()]), lambda: now).send_due()

asyncio.run(main())
"""


async def test_what_a_killed_process_had_claimed_is_sent_by_another_after_its_lease(
    runtime: Runtime, urls: DatabaseUrls
) -> None:
    id, gateway = await put(runtime), Gateway()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, urls.application, urls.service, urls.owner, MOMENT.isoformat()),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    asked = (await process.stdout.readline()).decode().strip()
    process.kill()
    await process.wait()
    other = relay(runtime, gateway)
    assert await other.send_due() == 0
    assert LEASE_SECONDS - 5 < await waits(id) <= LEASE_SECONDS
    await later(LEASE_SECONDS)
    assert await other.send_due() == 1
    # The same id as at the first try: by it a gateway can tell a repeat.
    assert [asked] == [str(text.id) for text in gateway.taken] == [str(id)]


async def test_a_process_that_slept_through_its_lease_changes_nothing_that_is_settled(runtime: Runtime) -> None:
    id, gateway = await put(runtime), Gateway()

    class Sleepy(Gateway):
        async def send(self, text: Text) -> str | None:
            """While it sleeps another relay takes the message over."""
            await later(LEASE_SECONDS)
            await relay(runtime, gateway).send_due()
            raise TimeoutError

    await relay(runtime, Sleepy()).send_due()
    assert (await message(id)).state is MessageState.HANDED_OVER
    assert [text.id for text in gateway.taken] == [id]


async def test_a_relay_that_is_woken_sends_at_once_and_ends_in_order(runtime: Runtime) -> None:
    gateway = Gateway()
    running = relay(runtime, gateway)
    running.start()
    try:
        id = await put(runtime)
        running.wake()
        async with asyncio.timeout(10):
            await gateway.called.wait()
    finally:
        await running.stop()
    assert [text.id for text in gateway.taken] == [id]
    assert (await message(id)).state is MessageState.HANDED_OVER


async def test_a_relay_goes_on_when_the_database_was_away(runtime: Runtime) -> None:
    gateway, faults = Gateway(), iter([OSError()])

    def database() -> object:
        for fault in faults:
            raise fault
        return service_connection()

    running = Relay(database, runtime.sealer, Gateways([gateway]), runtime.clock.now)  # type: ignore[arg-type]  # fails once
    await put(runtime)
    running.start()
    running.wake()
    try:
        async with asyncio.timeout(10):
            await gateway.called.wait()
    finally:
        await running.stop()
    assert len(gateway.taken) == 1
