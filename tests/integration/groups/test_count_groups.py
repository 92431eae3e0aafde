"""Groups of those who watch figures: read once for all who stand alike, and shown to nobody who stands otherwise."""

import asyncio
import os
import random
from contextlib import aclosing
from functools import partial

import orjson
import pytest

from access.actor import ANONYMOUS, Actor
from alerts.shared_event import SharedEvent
from graph.context import Context
from graph.request import GraphQLRequest
from models.account import Account
from models.area import Area
from models.database import service_connection, service_transaction
from models.state import Role
from services.declare import declare
from services.end_sessions import bump_access, end_sessions
from services.open_session import open_session
from services.runtime import Runtime
from tests.integration.groups.screens import Screen, engine, members, until, watching_figures
from tests.integration.made import BREATHLESS, account, household, person, wards

SUMMARY = "subscription { areaSummary { area { id } declared severe alerts { open } } }"
WORK = "subscription { worklistChanged { area { id } items kinds { kind items } } }"
ROUNDS = int(os.environ.get("KHAIBAO_SHARED_ROUNDS", "2"))
STEPS = 6


async def signed_in(runtime: Runtime, actor: Actor) -> Actor:
    """The actor with a session that can be ended."""
    return (await open_session(runtime, service_connection(), account_id=actor.account_id)).actor


async def now(runtime: Runtime, screen: Screen) -> bytes:
    """What whoever watches alone is told first: what there is, or that it is over."""
    served = engine(shared=False)
    request = GraphQLRequest(screen.document)
    context = Context(runtime, request, "alone", served.remembered, await _as_now(runtime, screen.actor), "en")
    async with aclosing(served.stream(context)) as answers:
        return orjson.dumps((await anext(answers)).payload())


async def _as_now(runtime: Runtime, actor: Actor) -> Actor:
    assert actor.session_id is not None
    return await runtime.standings.of(actor.session_id) or actor


def last(screen: Screen) -> bytes:
    """What the screen shows."""
    return screen.shown[-1]


@pytest.mark.parametrize("document", [SUMMARY, WORK])
async def test_those_of_one_post_share_what_has_changed(runtime: Runtime, document: str) -> None:
    (ward, other) = await wards()
    here = [Screen(await signed_in(runtime, await account(runtime, Role.STATION_STAFF, ward)), document) for _ in "123"]
    there = Screen(await signed_in(runtime, await account(runtime, Role.STATION_STAFF, other)), document)
    served = engine()
    async with watching_figures(runtime, served, [*here, there]):
        await until(lambda: members(served) == [1, 3])
        await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
        wanted = await now(runtime, here[0])
        assert wanted != last(there)
        await until(lambda: all(last(one) == wanted for one in here))
        assert len({id(one.shared[-1]) for one in here}) == 1
    assert last(there) != wanted
    assert members(served) == []


async def test_a_committee_of_the_same_ward_has_a_group_of_its_own(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    mine = await account(runtime, Role.STATION_STAFF, ward)
    screens = [Screen(await signed_in(runtime, mine), SUMMARY) for _ in "12"]
    committee = Screen(await signed_in(runtime, await account(runtime, Role.COMMITTEE, ward)), SUMMARY)
    served = engine()
    async with watching_figures(runtime, served, [*screens, committee]):
        await until(lambda: members(served) == [1, 2])


async def test_who_has_lost_the_session_is_shown_nothing_that_came_after(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    stays, goes = screens = [Screen(await signed_in(runtime, nurse), SUMMARY) for _ in "12"]
    served = engine()
    async with watching_figures(runtime, served, screens):
        await until(lambda: members(served) == [2])
        had = list(goes.shown)
        async with service_transaction() as connection:
            await end_sessions(connection, session_id=goes.actor.session_id, reason="sign_out")
        await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
        wanted = await now(runtime, stays)
        await until(lambda: last(stays) == wanted and len(goes.shown) > len(had))
        assert [orjson.loads(body)["errors"][0]["extensions"]["code"] for body in goes.shown[len(had) :]] == [
            "UNAUTHENTICATED"
        ]


async def test_with_sharing_switched_off_each_reads_for_itself(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    screen = Screen(await signed_in(runtime, await account(runtime, Role.STATION_STAFF, ward)), SUMMARY)
    async with watching_figures(runtime, engine(shared=False), [screen]):
        await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
        wanted = await now(runtime, screen)
        await until(lambda: last(screen) == wanted)
    assert screen.shared == []


class _Behind(Screen):
    """A screen whose client takes nothing until it may."""

    def __init__(self, actor: Actor, document: str) -> None:
        super().__init__(actor, document)
        self.may = asyncio.Event()

    def now(self, event: SharedEvent) -> bool:
        """Takes nothing at once."""
        return False

    async def send(self, event: SharedEvent) -> None:
        """Takes it when it may."""
        await self.may.wait()
        self.shared.append(event.body)
        self.shown.append(event.body)


async def test_a_client_that_is_behind_is_shown_the_newest_figures_and_none_in_between(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await signed_in(runtime, await account(runtime, Role.STATION_STAFF, ward))
    quick, slow = Screen(nurse, SUMMARY), _Behind(nurse, SUMMARY)
    served = engine()
    async with watching_figures(runtime, served, [quick, slow]):
        await until(lambda: members(served) == [2])
        for _ in range(4):
            await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
            await until(partial(_shows, quick, _says(await now(runtime, quick))))
        slow.may.set()
        await until(lambda: last(slow) == last(quick))
    assert len(slow.shared) == 2


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_whatever_happens_each_screen_comes_to_show_what_it_would_show_alone(
    runtime: Runtime, number: int
) -> None:
    chance = random.Random(f"count groups {number}")
    places = await wards(2)
    city = await Area.get(level=1, using_db=service_connection())
    posts = [(role, place) for place in places for role in (Role.STATION_STAFF, Role.COMMITTEE)]
    posts += [(Role.COMMITTEE, city), (Role.DEPARTMENT, city)]
    served = engine()
    watched: dict[Screen, asyncio.Task[None]] = {}

    async def join() -> None:
        role, place = chance.choice(posts)
        document = SUMMARY if role is Role.COMMITTEE or chance.random() < 0.6 else WORK
        screen = Screen(await signed_in(runtime, await account(runtime, role, place)), document)
        watched[screen] = asyncio.create_task(screen.watch(runtime, served))

    async def leave() -> None:
        task = watched.pop(chance.choice(list(watched)))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def happen() -> None:
        await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=chance.choice(places)))

    async def end() -> None:
        one = chance.choice(list(watched))
        async with service_transaction() as connection:
            await end_sessions(connection, session_id=one.actor.session_id, reason="sign_out")

    async def move() -> None:
        one = chance.choice(list(watched))
        async with service_transaction() as connection:
            where = chance.choice(places)
            await Account.filter(id=one.actor.account_id).using_db(connection).update(area_id=where.id)
            await bump_access(connection)

    try:
        for _ in range(10):
            await join()
        for _ in range(STEPS):
            for step in chance.choices([join, leave, happen, end, move], [2, 1, 4, 1, 2], k=3):
                await step()
            for screen in watched:
                wanted = await now(runtime, screen)
                await until(partial(_shows, screen, _says(wanted)))
        assert sum(len(one.shared) for one in watched) > 0
    finally:
        for task in watched.values():
            task.cancel()
        await asyncio.gather(*watched.values(), return_exceptions=True)
    assert members(served) == []


def _shows(screen: Screen, wanted: object) -> bool:
    return bool(screen.shown) and _says(last(screen)) == wanted


def _says(body: bytes) -> object:
    """An answer, or the code of a refusal: its texts name the request."""
    said = orjson.loads(body)
    return [one["extensions"]["code"] for one in said["errors"]] if "errors" in said else said
