"""The relay while gateways hang, err, refuse and lose their answers."""

import asyncio
from datetime import timedelta

import pytest

from access.actor import ANONYMOUS
from alerts.gateway import MessageRefused, Text
from alerts.gateways import Gateways
from alerts.http_gateway import DEFAULT_TEMPLATE, HttpGateway, read_template
from alerts.lanes import KEPT_FOR_REDS, LANES
from alerts.outbox import Priority
from alerts.outbox_rows import LEASE_SECONDS, Backlog
from alerts.relay import NOT_WANTED, Relay
from models.alert import Alert
from models.database import service_connection
from models.outbox_message import OutboxMessage
from models.state import AlertState, MessageKind, MessageState
from services.declare import declare
from services.runtime import Runtime
from tests.integration.conftest import MOMENT
from tests.integration.made import BREATHLESS, household, person, wards
from tests.integration.sending import Gateway, Moment, later, message, put, relay, until, waits
from tests.integration.sms_server import Reply, sms_server


class Hanging(Gateway):
    """Takes nothing that is no red until it is released; as a gateway that hangs with some messages."""

    def __init__(self) -> None:
        super().__init__()
        self.release = asyncio.Event()

    async def send(self, text: Text) -> str | None:
        """A red at once."""
        if text.priority > Priority.RED:
            self.asked.append(text.id)
            await self.release.wait()
        return await super().send(text)


async def test_a_red_finds_a_lane_while_a_gateway_hangs_with_everything_else(runtime: Runtime) -> None:
    others = [await put(runtime) for _ in range(20)]
    gateway = Hanging()
    running = relay(runtime, gateway)
    running.start()
    try:
        await until(lambda: len(gateway.asked) == LANES - KEPT_FOR_REDS)
        red = await put(runtime, priority=Priority.RED)
        running.wake()
        await until(lambda: bool(gateway.taken) and running.in_flight == LANES - KEPT_FOR_REDS)
        assert [text.id for text in gateway.taken] == [red]
        assert gateway.asked[:-1] == others[: LANES - KEPT_FOR_REDS]
    finally:
        gateway.release.set()
        await running.stop()


async def test_a_gateway_that_hangs_is_given_up_and_the_next_takes_the_message(runtime: Runtime) -> None:
    id, hanging, second = await put(runtime), Hanging(), Gateway()
    second.name = "second"
    await relay(runtime, hanging, second, seconds=0.05).send_due()
    assert ((await message(id)).state, (await message(id)).gateway) == (MessageState.HANDED_OVER, "second")
    assert hanging.asked == second.asked == [id]


async def test_while_every_gateway_rests_nothing_is_claimed_and_no_message_is_blamed(runtime: Runtime) -> None:
    ids = [await put(runtime) for _ in range(5)]
    gateway, moment = Gateway(refuses=1), Moment()
    mine = relay(runtime, gateway, moment=moment)
    assert await mine.send_due() == 5
    assert mine.resting == ["fake"]
    await later(60)
    assert await mine.send_due() == 0
    assert [(await message(id)).attempts for id in ids] == [1] * 5
    moment.seconds += 2
    # One of them finds out whether it has recovered, and then all others go.
    assert [await mine.send_due(), await mine.send_due()] == [1, 4]


class Strict(Gateway):
    """Refuses a message for good."""

    async def send(self, text: Text) -> str | None:
        """Never takes it."""
        self.asked.append(text.id)
        raise MessageRefused("NO_SUCH_NUMBER")


async def test_a_number_that_does_not_exist_is_final_and_says_why(runtime: Runtime) -> None:
    id, gateway = await put(runtime), Strict()
    mine = relay(runtime, gateway)
    assert [await mine.send_due(), await mine.send_due()] == [1, 0]
    failed = await message(id)
    assert (failed.state, failed.reason, failed.sealed) == (MessageState.FAILED, "NO_SUCH_NUMBER", b"")
    assert gateway.asked == [id]


async def test_an_alert_that_somebody_has_taken_is_called_out_no_more(runtime: Runtime) -> None:
    (ward,) = await wards(1)
    await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    alert = await Alert.all().using_db(service_connection()).get()
    await clear()
    wanted = await put(runtime, kind=MessageKind.ALERT, subject=alert.id, priority=Priority.RED)
    gateway = Gateway()
    await relay(runtime, gateway).send_due()
    assert gateway.asked == [wanted]
    unwanted = await put(runtime, kind=MessageKind.ALERT, subject=alert.id, priority=Priority.RED)
    await Alert.filter(id=alert.id).using_db(service_connection()).update(state=AlertState.ACKNOWLEDGED)
    await relay(runtime, gateway).send_due()
    dropped = await message(unwanted)
    assert (dropped.state, dropped.reason, dropped.sealed) == (MessageState.DROPPED, NOT_WANTED, b"")
    assert gateway.asked == [wanted]


async def clear() -> None:
    """An empty outbox."""
    await OutboxMessage.all().using_db(service_connection()).delete()


async def test_who_slept_through_a_lease_does_not_shorten_another_s(runtime: Runtime) -> None:
    id, other = await put(runtime), Hanging()

    class Sleepy(Gateway):
        async def send(self, text: Text) -> str | None:
            """While it sleeps another relay claims the message, and is at it still."""
            await later(LEASE_SECONDS)
            second.start()
            await until(lambda: bool(other.asked))
            raise TimeoutError

    second = relay(runtime, other)
    try:
        await relay(runtime, Sleepy()).send_due()
        assert await waits(id) > LEASE_SECONDS - 5
    finally:
        other.release.set()
        await second.stop()
    assert [text.id for text in other.taken] == [id]


async def test_what_waits_can_be_asked_for(runtime: Runtime) -> None:
    mine = relay(runtime, Gateway())
    assert await mine.backlog() == Backlog(0, 0, 0.0, 0.0)
    await put(runtime, priority=Priority.STATUS)
    runtime.clock.follow(MOMENT + timedelta(seconds=60), timedelta())
    await put(runtime, priority=Priority.RED)
    runtime.clock.follow(MOMENT + timedelta(seconds=90), timedelta())
    found = await mine.backlog()
    assert (found.waiting, found.reds) == (2, 1)
    assert 89 < found.oldest_seconds < 100
    assert 29 < found.oldest_red_seconds < 40
    assert mine.late_seconds < 60
    assert (mine.in_flight, mine.resting) == (0, [])


def test_gateways_that_may_take_longer_than_a_lease_are_refused(runtime: Runtime) -> None:
    with pytest.raises(ValueError, match="lease"):
        relay(runtime, Gateway(), seconds=LEASE_SECONDS)


async def test_a_lost_answer_repeats_a_message_under_its_id_and_the_gateway_takes_it_once(runtime: Runtime) -> None:
    id = await put(runtime)
    async with sms_server() as server:
        server.replies = [Reply(lost=True)]
        gateway, moment = HttpGateway(server.url, read_template(DEFAULT_TEMPLATE)), Moment()
        chain = Gateways([gateway], monotonic=moment, draw=lambda: 0.0)
        mine = Relay(service_connection, runtime.sealer, chain, runtime.clock.now, draw=lambda: 0.0)
        await mine.send_due()
        assert (await message(id)).state is MessageState.QUEUED
        await later(2)
        moment.seconds += 2
        await mine.send_due()
        await mine.stop()
        assert (await message(id)).state is MessageState.HANDED_OVER
        # Twice in the gateway's book, under the same name: it knows the second for a repeat.
        assert server.taken == {str(id): 2}
        assert [headers["idempotency-key"] for headers, _ in server.requests] == [str(id)] * 2


async def test_many_messages_survive_a_gateway_that_errs_hangs_and_loses_answers(runtime: Runtime) -> None:
    ids = [await put(runtime, priority=number % 3) for number in range(60)]
    async with sms_server() as bad, sms_server() as good:
        bad.replies = [Reply(500), Reply(lost=True), Reply(429), Reply(hangs=True)] * 8
        bad.reply = Reply(503)
        gateways = [HttpGateway(one.url, read_template(DEFAULT_TEMPLATE)) for one in (bad, good)]
        relays = [
            Relay(service_connection, runtime.sealer, Gateways(gateways, seconds=0.3), runtime.clock.now)
            for _ in range(2)
        ]
        for one in relays:
            one.start()
        try:
            async with asyncio.timeout(30):
                while (await relays[0].backlog()).waiting:
                    await later(1)
                    await asyncio.sleep(0.05)
        finally:
            for one in relays:
                await one.stop()
        assert {str(id) for id in ids} <= bad.taken.keys() | good.taken.keys()
        assert set(good.taken.values()) == {1}
    assert {(await message(id)).state for id in ids} == {MessageState.HANDED_OVER}
