"""Watching an area's figures: at once, then on change, at most once a second."""

import asyncio
from collections.abc import AsyncGenerator

from access.actor import Actor
from access.authenticate import as_now
from access.bounds import bounds_of
from access.jurisdiction import Jurisdiction
from access.policy import Action
from models.database import service_connection, snapshot
from services.count_opening import count_opening
from services.place import resolve_area
from services.runtime import Runtime

_PAUSE_SECONDS = 1.0


async def watch_summary(runtime: Runtime, actor: Actor, area_id: str | None = None) -> AsyncGenerator[Actor, None]:
    """Ticks, each with the actor as of then: read the summary anew with that actor, in a snapshot opened after it.

    Raises NotFound for an area outside the jurisdiction and Unauthenticated once the session has ended, both also while
    it runs; TooManyRequests. Between ticks it holds no connection.
    """
    await count_opening(runtime, actor)
    async with runtime.hub.watch_counts(actor, area_id, await _where(actor, area_id)) as watcher:
        while True:
            await watcher.changed.wait()
            watcher.changed.clear()
            actor = await as_now(actor, service_connection())
            # The tree may have been numbered anew since the last tick, and the account moved.
            watcher.actor, watcher.where = actor, await _where(actor, area_id)
            yield actor
            await asyncio.sleep(_PAUSE_SECONDS)


async def _where(actor: Actor, area_id: str | None) -> Jurisdiction:
    async with snapshot(bounds_of(actor)) as connection:
        _, where = await resolve_area(actor, Action.SEE_SUMMARY, connection, area_id)
    return where
