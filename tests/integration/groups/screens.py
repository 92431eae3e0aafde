"""Screens that watch, and take what was made for many."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import orjson

from access.actor import Actor
from alerts.shared_event import SharedEvent
from graph.api import build_schema
from graph.context import Context
from graph.limits import Limits
from graph.request import GraphQLRequest
from graph.running import Engine
from models.database import service_connection
from models.state import Role
from services.open_session import open_session
from services.runtime import Runtime
from tests.integration.made import account, wards

SCHEMA = build_schema()
WHO = "subscription { alerts { cursor alert { case { ageBand person { name } } } } }"


class Screen:
    """Somebody who watches: what came as an answer of their own, what came from a group, and both in order."""

    def __init__(self, actor: Actor, document: str = WHO) -> None:
        self.actor, self.document = actor, document
        self.alone: list[bytes] = []
        self.shared: list[bytes] = []
        self.shown: list[bytes] = []

    def now(self, event: SharedEvent) -> bool:
        """Takes what was made for many."""
        self.shared.append(event.body)
        self.shown.append(event.body)
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
            self.shown.append(self.alone[-1])


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


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Returns when it holds."""
    async with asyncio.timeout(20):
        while True:
            found = holds()
            if found if isinstance(found, bool) else await found:
                return
            # Figures are looked at once a second, and whoever has read them sets no event.
            await asyncio.sleep(0.02)


@asynccontextmanager
async def watching_figures(runtime: Runtime, served: Engine, screens: Sequence[Screen]) -> AsyncIterator[None]:
    """While all of them watch, each after its first answer."""
    tasks = [asyncio.create_task(one.watch(runtime, served)) for one in screens]
    try:
        await until(lambda: all(one.alone for one in screens))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def members(served: Engine) -> list[int]:
    """How many members each group has."""
    assert served.groups is not None
    return sorted(len(group) for group in served.groups._groups.values())
