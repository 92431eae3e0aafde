"""Watching counts: at once, then whenever they have become others, at most once a second."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Protocol, TypeVar

from access.actor import Actor
from access.authenticate import as_now
from access.jurisdiction import Jurisdiction
from access.policy import Action
from alerts.count_watch import CountWatcher
from models.database import service_connection
from services.count_opening import count_opening
from services.group import Group, stay_together
from services.runtime import Runtime

_PAUSE_SECONDS = 1.0

_REST = 9
"""For each second that counting took, so many without: a city's screens must not take the database."""


class Counts(Protocol):
    """What was counted of somebody's range."""

    @property
    def where(self) -> Jurisdiction:
        """In which areas a change may make others of them."""

    @property
    def mark(self) -> object:
        """Another one where something of it is another one, though the counts be the same."""


C = TypeVar("C", bound=Counts)


async def follow_counts(
    watcher: CountWatcher, count: Callable[[Actor], Awaitable[C]]
) -> AsyncGenerator[tuple[Actor, C], None]:
    """The same for a group, as the actor that all of it stands as."""
    told: object = None
    while True:
        await watcher.begin()
        began = time.monotonic()
        counts = await count(watcher.actor)
        took = time.monotonic() - began
        if counts.mark != told:
            told = counts.mark
            yield watcher.actor, counts
        # A rest, or a screen would have the database count for it without an end.
        await asyncio.sleep(max(_PAUSE_SECONDS, took * _REST))


async def watch_counts(
    runtime: Runtime,
    actor: Actor,
    area_id: str | None,
    action: Action,
    count: Callable[[Actor], Awaitable[C]],
    group: Group | None,
) -> AsyncGenerator[tuple[Actor, C], None]:
    """The counts whenever something in them has come, gone or changed, each time with the actor as of then.

    Whoever has been told once joins the `group` of those that get the same, where there is one. `action` is that of
    seeing what is counted.

    Raises what counting raises and Unauthenticated once the session has ended, both also while it runs;
    TooManyRequests. Between two it holds no connection.
    """
    await count_opening(runtime, actor)
    where = (await count(actor)).where
    async with runtime.hub.watch_counts(actor, area_id, where, action) as watcher:
        told: object = None
        while True:
            await watcher.begin()
            began = time.monotonic()
            actor = await as_now(actor, service_connection())
            counts = await count(actor)
            # The tree may have been numbered anew since the last look, and the account moved.
            watcher.actor, watcher.where = actor, counts.where
            took = time.monotonic() - began
            if counts.mark != told:
                told = counts.mark
                yield actor, counts
            rests_until = began + took + max(_PAUSE_SECONDS, took * _REST)
            await stay_together(runtime.hub, watcher, group)
            # What is left of the rest, or a screen would have the database count for it without an end.
            await asyncio.sleep(rests_until - time.monotonic())
