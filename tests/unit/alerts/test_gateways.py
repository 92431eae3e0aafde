"""Gateways in their order: resting, taking over, coming back."""

import asyncio
from uuid import UUID

import pytest

from alerts.gateway import GatewayFault, MessageRefused, Text
from alerts.gateways import AllResting, Gateways, Taken
from alerts.lanes import LANES
from models.identifier import uuid7


class Moment:
    """The monotonic clock."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Fake:
    """A gateway at the edge: it waits while it is held, then raises what it is told to, or takes the message."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.does: Exception | None = None
        self.held: asyncio.Event | None = None
        self.asked: list[UUID] = []
        self.closed = False

    async def send(self, text: Text) -> str | None:
        """As it was told."""
        self.asked.append(text.id)
        if self.held is not None:
            await self.held.wait()
        if self.does is not None:
            raise self.does
        return f"{self.name}-own"

    async def close(self) -> None:
        """Is noted."""
        self.closed = True


FAULT = GatewayFault("HTTP_503")
REFUSED = MessageRefused("NUMBER_DENIED")


def text() -> Text:
    return Text(uuid7(), "+84912345678", "x")


def chain(*gateways: Fake, moment: Moment, seconds: float = 5.0) -> Gateways:
    return Gateways(gateways, monotonic=moment, draw=lambda: 0.0, seconds=seconds)


async def test_the_first_in_order_is_preferred() -> None:
    first, second, moment = Fake("first"), Fake("second"), Moment()
    assert await chain(first, second, moment=moment).send(text()) == Taken("first", "first-own")
    assert second.asked == []


async def test_the_next_takes_over_at_once_and_the_first_is_left_in_peace_for_a_while() -> None:
    first, second, moment = Fake("first"), Fake("second"), Moment()
    gateways = chain(first, second, moment=moment)
    first.does = FAULT
    one = text()
    assert (await gateways.send(one)).gateway == "second"
    assert gateways.resting == ["first"]
    await gateways.send(text())
    assert first.asked == [one.id]


async def test_a_rested_gateway_is_tried_again_and_rests_longer_each_time() -> None:
    first, moment = Fake("first"), Moment()
    gateways = chain(first, moment=moment)
    first.does = FAULT
    for seconds in (2.0, 4.0, 8.0, 16.0, 20.0, 20.0):
        assert gateways.room() > 0
        with pytest.raises(GatewayFault):
            await gateways.send(text())
        moment.seconds += seconds - 0.1
        assert gateways.room() == 0
        with pytest.raises(AllResting):
            await gateways.send(text())
        moment.seconds += 0.1
    first.does = None
    assert gateways.room() == 1
    assert (await gateways.send(text())).gateway == "first"
    assert (gateways.resting, gateways.room()) == ([], LANES)


async def test_one_message_finds_out_whether_a_gateway_has_recovered() -> None:
    first, moment = Fake("first"), Moment()
    gateways = chain(first, moment=moment)
    first.does = FAULT
    with pytest.raises(GatewayFault):
        await gateways.send(text())
    moment.seconds += 2.0
    first.does, first.held = None, asyncio.Event()
    probe = asyncio.create_task(gateways.send(text()))
    await asyncio.sleep(0)
    assert gateways.room() == 0
    first.held.set()
    await probe
    assert gateways.room() == LANES


async def test_those_that_fail_together_are_one_failure() -> None:
    first, moment = Fake("first"), Moment()
    gateways = chain(first, moment=moment)
    first.held = asyncio.Event()
    first.does = FAULT
    sent = [asyncio.create_task(gateways.send(text())) for _ in range(8)]
    await asyncio.sleep(0)
    assert len(first.asked) == 8
    first.held.set()
    assert await asyncio.gather(*sent, return_exceptions=True) == [FAULT] * 8
    # The rest after one failure, and not that after eight.
    moment.seconds += 2.0
    assert gateways.room() == 1


async def test_a_gateway_that_hangs_costs_its_time_and_no_more() -> None:
    first, second, moment = Fake("first"), Fake("second"), Moment()
    first.held = asyncio.Event()
    gateways = chain(first, second, moment=moment, seconds=0.05)
    assert (await gateways.send(text())).gateway == "second"
    assert gateways.resting == ["first"]
    assert gateways.longest == 0.1


async def test_while_a_gateway_owes_an_answer_another_is_asked_first() -> None:
    first, second, moment = Fake("first"), Fake("second"), Moment()
    held = first.held = asyncio.Event()
    gateways = chain(first, second, moment=moment)
    hanging = asyncio.create_task(gateways.send(text()))
    await asyncio.sleep(0)
    moment.seconds += 2.0
    assert (await gateways.send(text())).gateway == "second"
    held.set()
    assert (await hanging).gateway == "first"


async def test_a_message_is_refused_for_good_only_by_all() -> None:
    first, second, moment = Fake("first"), Fake("second"), Moment()
    gateways = chain(first, second, moment=moment)
    first.does = REFUSED
    assert (await gateways.send(text())).gateway == "second"
    second.does = FAULT
    with pytest.raises(GatewayFault):
        await gateways.send(text())
    # The second rests: what it thinks of the message is not known.
    with pytest.raises(GatewayFault, match="REFUSED_SO_FAR"):
        await gateways.send(text())
    moment.seconds += 2.0
    second.does = REFUSED
    with pytest.raises(MessageRefused, match="NUMBER_DENIED"):
        await gateways.send(text())


async def test_a_refusal_of_one_message_does_not_put_its_gateway_to_rest() -> None:
    first, moment = Fake("first"), Moment()
    gateways = chain(first, moment=moment)
    first.does = REFUSED
    with pytest.raises(MessageRefused):
        await gateways.send(text())
    assert (gateways.resting, gateways.room()) == ([], LANES)


async def test_all_are_closed() -> None:
    first, second, moment = Fake("first"), Fake("second"), Moment()
    await chain(first, second, moment=moment).close()
    assert (first.closed, second.closed) == (True, True)
