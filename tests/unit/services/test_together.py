"""What waits at the same moment is written together; whoever belongs together waits for each other."""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.together import Together, Turn


class Refused(Exception):
    """What an order that cannot be written gets."""


@dataclass(eq=False)
class Order:
    """An order of a name, with what it shares with others; `broken` fails any write that it is in."""

    name: str
    tags: frozenset[str] = frozenset()
    size: int = 1
    broken: bool = False
    refused: bool = False
    alone: bool = False


@dataclass
class Desk:
    """A writer that finishes when it is told to, and remembers what it wrote with whom."""

    together: Together
    writes: list[list[str]] = field(default_factory=list)
    at_work: list[str] = field(default_factory=list)
    most_at_work: int = 0
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    later: dict[str, int] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    pauses: random.Random | None = None

    def send(self, order: Order) -> "asyncio.Task[str]":
        """Somebody who waits for the order."""
        return asyncio.create_task(self.together.take(order, self._one, self._many))

    async def _one(self, order: Order) -> str:
        await self._write([order])
        if order.refused or order.broken:
            raise Refused(order.name)
        return f"{order.name} alone"

    async def _many(self, orders: Sequence[Order]) -> list[str | Exception | Turn]:
        await self._write(orders)
        if any(order.broken for order in orders):
            raise RuntimeError("nothing was written")
        found: list[str | Exception | Turn] = []
        for place, order in enumerate(orders):
            if place and self.later.get(order.name, 0):
                self.later[order.name] -= 1
                found.append(Turn.LATER)
            elif order.alone:
                found.append(Turn.ALONE)
            else:
                found.append(Refused(order.name) if order.refused else order.name)
        return found

    async def _write(self, orders: Sequence[Order]) -> None:
        names = [order.name for order in orders]
        self.writes.append(names)
        self.at_work += names
        self.most_at_work = max(self.most_at_work, len(self.at_work))
        try:
            for name in names:
                if name in self.gates:
                    await self.gates[name].wait()
            if self.pauses:
                for _ in range(self.pauses.randrange(4)):
                    await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled += names
            raise
        finally:
            for name in names:
                self.at_work.remove(name)

    def hold(self, *names: str) -> None:
        """Whoever writes one of these waits until it is let go."""
        self.gates |= {name: asyncio.Event() for name in names}

    def let_go(self, name: str) -> None:
        """Its write may finish."""
        self.gates.pop(name).set()


async def turns(count: int = 10) -> None:
    """Lets everything that can go on go on."""
    for _ in range(count):
        await asyncio.sleep(0)


def desk(*, in_flight: int, most: int = 256) -> Desk:
    return Desk(Together(in_flight=in_flight, most=most))


def idle(together: Together) -> bool:
    """Whether it has forgotten everything that it was at work for."""
    return not (together._in_flight or together._waiting or together._at_work or together._tasks)


async def test_who_comes_first_is_written_alone_and_who_waits_meanwhile_together() -> None:
    at = desk(in_flight=1)
    at.hold("a")
    sent = [at.send(Order(name)) for name in "abcd"]
    await turns()
    assert at.writes == [["a"]]
    at.let_go("a")
    assert await asyncio.gather(*sent) == ["a alone", "b", "c", "d"]
    assert at.writes == [["a"], ["b", "c", "d"]]


async def test_two_are_under_way_and_the_third_waits() -> None:
    at = desk(in_flight=2)
    at.hold("a", "b")
    sent = [at.send(Order(name)) for name in "abc"]
    await turns()
    assert at.writes == [["a"], ["b"]]
    at.let_go("b")
    assert await sent[2] == "c"
    at.let_go("a")
    await asyncio.gather(*sent)
    assert idle(at.together)


async def test_a_transaction_holds_no_more_than_the_most() -> None:
    at = desk(in_flight=1, most=5)
    at.hold("a")
    sizes = {"a": 1, "b": 2, "c": 3, "d": 1, "e": 9, "f": 1}
    sent = [at.send(Order(name, size=size)) for name, size in sizes.items()]
    await turns()
    at.let_go("a")
    await asyncio.gather(*sent)
    assert at.writes == [["a"], ["b", "c"], ["d"], ["e"], ["f"]]


async def test_who_has_something_in_common_waits_and_comes_in_order_and_others_go_by() -> None:
    at = desk(in_flight=2)
    at.hold("a", "x")
    same = frozenset({"same"})
    sent = [at.send(Order(name, same)) for name in ("a", "b", "c")]
    sent += [at.send(Order("x")), at.send(Order("y"))]
    await turns()
    assert at.writes == [["a"], ["x"]]
    at.let_go("x")
    await turns()
    assert at.writes == [["a"], ["x"], ["y"]]
    at.let_go("a")
    assert await asyncio.gather(*sent) == ["a alone", "b", "c", "x", "y"]
    assert at.writes[3:] == [["b"], ["c"]]
    assert idle(at.together)


async def test_who_is_told_later_goes_with_the_next_before_who_has_come_since() -> None:
    at = desk(in_flight=1)
    at.hold("a")
    at.later = {"c": 1}
    sent = [at.send(Order(name)) for name in "abc"]
    await turns()
    at.hold("b")
    at.let_go("a")
    await turns()
    sent.append(at.send(Order("d")))
    at.let_go("b")
    assert await asyncio.gather(*sent) == ["a alone", "b", "c", "d"]
    assert at.writes == [["a"], ["b", "c"], ["c", "d"]]


async def test_one_that_breaks_the_write_hurts_no_other() -> None:
    at = desk(in_flight=1)
    at.hold("a")
    first = at.send(Order("a"))
    await turns()
    sent = [
        at.send(Order("b")),
        at.send(Order("c", broken=True)),
        at.send(Order("d")),
        at.send(Order("e", refused=True)),
    ]
    await turns()
    at.let_go("a")
    found = await asyncio.gather(*sent, return_exceptions=True)
    assert await first == "a alone"
    assert [str(one) for one in found] == ["b alone", "c", "d alone", "e"]
    assert [type(one) for one in found] == [str, Refused, str, Refused]
    assert idle(at.together)


async def test_who_goes_while_waiting_is_never_written_and_while_being_written_hurts_nobody() -> None:
    at = desk(in_flight=1)
    at.hold("a", "c")
    sent = [at.send(Order(name)) for name in "abcd"]
    await turns()
    sent[1].cancel()
    await turns()
    at.let_go("a")
    await turns()
    assert at.writes == [["a"], ["c", "d"]]
    sent[3].cancel()
    await turns()
    at.let_go("c")
    assert await sent[2] == "c"
    assert at.cancelled == []
    assert idle(at.together)


async def test_with_the_last_who_waits_the_write_ends_and_its_place_is_free() -> None:
    at = desk(in_flight=1)
    at.hold("a", "b")
    sent = [at.send(Order(name)) for name in "abc"]
    await turns()
    at.let_go("a")
    await turns()
    for one in sent[1:]:
        one.cancel()
    await turns()
    assert at.cancelled == ["b", "c"]
    assert idle(at.together)
    assert await at.send(Order("d")) == "d alone"


async def test_turned_off_everybody_is_written_alone_at_once() -> None:
    at = Desk(Together(on=False, in_flight=1))
    at.hold("a")
    sent = [at.send(Order(name)) for name in "abc"]
    await turns()
    assert at.writes == [["a"], ["b"], ["c"]]
    at.let_go("a")
    await asyncio.gather(*sent)


ORDERS = st.lists(
    st.tuples(
        st.frozensets(st.sampled_from("xyz"), max_size=2),
        st.integers(1, 4),
        st.sampled_from(["", "", "", "", "broken", "refused", "alone", "later"]),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=24,
)


@settings(deadline=None, max_examples=300)
@given(ORDERS, st.integers(1, 3), st.integers(1, 6), st.integers(0, 1000))
def test_whatever_comes_and_goes_everybody_gets_what_is_theirs_and_nothing_is_left_behind(
    drawn: list[tuple[frozenset[str], int, str, bool, int]], in_flight: int, most: int, seed: int
) -> None:
    asyncio.run(_story(drawn, in_flight, most, seed))


async def _story(drawn: list[tuple[frozenset[str], int, str, bool, int]], in_flight: int, most: int, seed: int) -> None:
    at = Desk(Together(in_flight=in_flight, most=most), pauses=random.Random(seed))
    sent: list[tuple[Order, bool, asyncio.Task[str]]] = []
    for number, (tags, size, what, leaves, pause) in enumerate(drawn):
        order = Order(f"{number}", tags, size, what == "broken", what == "refused", what == "alone")
        if what == "later":
            at.later[order.name] = 1
        task = at.send(order)
        sent.append((order, leaves, task))
        await turns(pause)
        if leaves:
            task.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait([task for _, _, task in sent] or [asyncio.create_task(asyncio.sleep(0))])
    await turns()
    for order, leaves, task in sent:
        if task.cancelled():
            assert leaves
            continue
        with contextlib.suppress(Refused):
            assert task.result() in (order.name, f"{order.name} alone")
        assert isinstance(task.exception(), Refused) == (order.broken or order.refused)
    assert idle(at.together)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.frozensets(st.sampled_from("xyz"), max_size=2), max_size=16), st.integers(1, 3), st.integers(0, 99))
def test_two_with_something_in_common_are_never_at_work_at_once_and_come_in_their_order(
    drawn: list[frozenset[str]], in_flight: int, seed: int
) -> None:
    async def story() -> None:
        at = Desk(Together(in_flight=in_flight), pauses=random.Random(seed))
        orders = [Order(f"{number}", tags) for number, tags in enumerate(drawn)]
        await asyncio.gather(*(at.send(order) for order in orders))
        tags = {order.name: order.tags for order in orders}
        for write in at.writes:
            assert sum(len(tags[name]) for name in write) == len(frozenset().union(*(tags[name] for name in write)))
        for tag in "xyz":
            written = [int(name) for write in at.writes for name in write if tag in tags[name]]
            assert written == sorted(written)

    asyncio.run(story())


async def test_an_order_that_was_refused_raises_where_it_is_waited_for() -> None:
    at = desk(in_flight=1)
    at.hold("a")
    first = at.send(Order("a"))
    await turns()
    second = at.send(Order("b", refused=True))
    await turns()
    at.let_go("a")
    with pytest.raises(Refused):
        await second
    await first
