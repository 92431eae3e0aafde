"""Groups of subscribers: who is in one, what they leave in the trail, and what is never shared."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import orjson

from access.actor import ANONYMOUS, Actor
from alerts import log
from alerts.shared_event import SharedEvent
from graph.api import build_schema
from graph.context import Context
from graph.limits import Limits
from graph.request import GraphQLRequest
from graph.running import Engine
from graph.shareable import Shareable
from models.alert import Alert
from models.audit import Audit
from models.database import service_connection
from models.state import Role
from services.acknowledge import acknowledge
from services.claim import claim
from services.declare import declare
from services.end_sessions import end_sessions
from services.open_session import open_session
from services.runtime import Runtime
from tests.integration.made import TIRED, account, household, person, wards

SCHEMA = build_schema()
WHO = "subscription { alerts { cursor alert { case { ageBand person { name } } } } }"
MAY = "subscription { alerts { change alert { case { episodes { allowedActions } } } } }"


class Screen:
    """Somebody who watches: what came as an answer of their own, and what came from a group."""

    def __init__(self, actor: Actor, document: str = WHO) -> None:
        self.actor, self.document = actor, document
        self.alone: list[bytes] = []
        self.shared: list[bytes] = []

    def now(self, event: SharedEvent) -> bool:
        """Takes what was made for many."""
        self.shared.append(event.body)
        return True

    async def send(self, event: SharedEvent) -> None:
        """Takes it."""
        self.now(event)

    async def watch(self, runtime: Runtime, engine: Engine) -> None:
        """Until it ends."""
        context = Context(runtime, GraphQLRequest(self.document), "test", engine.remembered, self.actor, "en")
        context.sink = self
        async for answer in engine.stream(context):
            self.alone.append(orjson.dumps(answer.payload()))


def engine(*, shared: bool = True) -> Engine:
    return Engine(SCHEMA, Limits(shared=shared))


@asynccontextmanager
async def watching(runtime: Runtime, engine: Engine, screens: Sequence[Screen]) -> AsyncIterator[None]:
    """While all of them watch."""

    def watched() -> int:
        groups = engine.groups
        return runtime.hub.listeners if groups is None else sum(map(len, groups._groups.values()))

    wanted = watched() + len(screens)
    tasks = [asyncio.create_task(one.watch(runtime, engine)) for one in screens]
    try:
        async with asyncio.timeout(10):
            while True:
                if watched() + sum(task.done() for task in tasks) >= wanted:
                    break
                # A subscription that has caught up sets no event.
                await asyncio.sleep(0.005)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def all_have(screens: Sequence[Screen], events: int) -> None:
    """Returns when each has had so many events."""
    async with asyncio.timeout(10):
        while True:
            if all(len(one.alone) + len(one.shared) >= events for one in screens):
                return
            # A screen that hears sets no event.
            await asyncio.sleep(0.005)


async def nurses(runtime: Runtime, how_many: int) -> list[Actor]:
    (ward, *_) = await wards()
    made = [await account(runtime, Role.STATION_STAFF, ward) for _ in range(how_many)]
    return [(await open_session(runtime, service_connection(), account_id=one.account_id)).actor for one in made]


async def alert(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    await declare(runtime, ANONYMOUS, household(person(TIRED, name="Nguyễn Thị Thử"), ward=ward))


async def test_those_of_one_post_share_and_a_committee_of_the_same_ward_has_its_own(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    staff = [Screen(actor) for actor in await nurses(runtime, 3)]
    committee = [Screen(await account(runtime, Role.COMMITTEE, ward)) for _ in range(2)]
    served = engine()
    async with watching(runtime, served, [*staff, *committee]):
        assert served.groups is not None
        assert sorted(len(group) for group in served.groups._groups.values()) == [2, 3]
        await alert(runtime)
        await all_have([*staff, *committee], 1)
    assert len({one.shared[0] for one in staff}) == len({one.shared[0] for one in committee}) == 1
    assert "Nguyễn Thị Thử".encode() in staff[0].shared[0]
    assert b'"person":null' in committee[0].shared[0]
    assert len(served.groups) == 0


async def test_what_is_switched_off_is_run_for_each(runtime: Runtime) -> None:
    screens = [Screen(actor) for actor in await nurses(runtime, 2)]
    async with watching(runtime, engine(shared=False), screens):
        await alert(runtime)
        await all_have(screens, 1)
    assert [one.shared for one in screens] == [[], []]


async def test_each_member_leaves_the_range_of_what_it_was_given_in_the_trail(runtime: Runtime) -> None:
    first, second = [Screen(actor) for actor in await nurses(runtime, 2)]
    served = engine()
    async with watching(runtime, served, [first]):
        await alert(runtime)
        await all_have([first], 1)
        async with watching(runtime, served, [second]):
            await alert(runtime)
            await all_have([first, second], 1)
            async with asyncio.timeout(10):
                await runtime.hub.caught_up(await log.position(service_connection()))
            await all_have([first], 2)
    await runtime.trail.drain()
    rows = await Audit.filter(action="watch_alerts_ended").using_db(service_connection())
    end = await log.position(service_connection())
    given = {row.account_id: (row.detail["first"], row.detail["last"], row.detail["count"]) for row in rows}
    assert given == {first.actor.account_id: (end - 1, end, 2), second.actor.account_id: (end, end, 1)}


async def test_a_member_whose_session_was_ended_is_given_nothing_of_what_comes_after(runtime: Runtime) -> None:
    stays, goes = [Screen(actor) for actor in await nurses(runtime, 2)]
    served = engine()
    async with watching(runtime, served, [stays, goes]):
        await alert(runtime)
        await all_have([stays, goes], 1)
        await end_sessions(service_connection(), session_id=goes.actor.session_id, reason="sign_out")
        # Nobody is woken: the event itself brings the news.
        await alert(runtime)
        await all_have([stays], 2)
    assert len(goes.shared) == 1
    assert [orjson.loads(body)["errors"][0]["extensions"]["code"] for body in goes.alone] == ["UNAUTHENTICATED"]


async def test_a_field_that_reads_the_account_unmarked_is_shown_to_nobody_from_a_group(runtime: Runtime) -> None:
    has, sees = screens = [Screen(actor, MAY) for actor in await nurses(runtime, 2)]
    await alert(runtime)
    called = await Alert.get(using_db=service_connection())
    await claim(runtime, has.actor, called.case_id)
    async with asyncio.timeout(10):
        await runtime.hub.caught_up(await log.position(service_connection()))
    served = engine()
    assert served.groups is not None
    # As if somebody had forgotten to mark it.
    served.groups._operations._known[MAY, None] = Shareable(frozenset())
    async with watching(runtime, served, screens):
        await acknowledge(runtime, sees.actor, called.id)
        await all_have(screens, 1)
        assert len(served.groups) == 0
    assert [one.shared for one in screens] == [[], []]
    assert [len(one.alone) for one in screens] == [1, 1]
    assert b"RELEASE_CLAIM" in has.alone[0]
    assert b"RELEASE_CLAIM" not in sees.alone[0]
