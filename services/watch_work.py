"""Watching an area's worklist: at once, then on change, at most once a second."""

import asyncio
import time
from collections.abc import AsyncGenerator

from access.actor import Actor
from access.authenticate import as_now
from access.bounds import bounds_of
from access.policy import Action
from models.database import service_connection, snapshot
from services.count_opening import count_opening
from services.count_work import WorkCounts, count_work
from services.runtime import Runtime

_PAUSE_SECONDS = 1.0

_REST = 9
"""For each second that counting took, so many without: a city's worklist must not take the database."""


async def watch_work(
    runtime: Runtime, actor: Actor, area_id: str | None = None
) -> AsyncGenerator[tuple[Actor, WorkCounts], None]:
    """How much there is to do whenever an item has come, gone or changed, each time with the actor as of then.

    Raises NotFound for an area outside the jurisdiction and Unauthenticated once the session has ended, both also while
    it runs; TooManyRequests. Between two it holds no connection.
    """
    await count_opening(runtime, actor)
    counts = await _count(runtime, actor, area_id)
    async with runtime.hub.watch_counts(actor, area_id, counts.where, Action.SEE_CASES) as watcher:
        told: tuple[str, ...] | None = None
        while True:
            await watcher.changed.wait()
            watcher.changed.clear()
            began = time.monotonic()
            actor = await as_now(actor, service_connection())
            counts = await _count(runtime, actor, area_id)
            # The tree may have been numbered anew since the last look, and the account moved.
            watcher.actor, watcher.where = actor, counts.where
            took = time.monotonic() - began
            if counts.mark != told:
                told = counts.mark
                yield actor, counts
            await asyncio.sleep(max(_PAUSE_SECONDS, took * _REST))


async def _count(runtime: Runtime, actor: Actor, area_id: str | None) -> WorkCounts:
    async with snapshot(bounds_of(actor)) as connection:
        return await count_work(runtime, actor, connection, area_id)
