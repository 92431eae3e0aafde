"""Watching an area's figures: at once, then on change, at most once a second."""

import asyncio
import time
from collections.abc import AsyncGenerator

from access.actor import Actor
from access.authenticate import as_now
from access.bounds import bounds_of
from access.jurisdiction import Jurisdiction
from access.policy import Action
from alerts.count_watch import CountWatcher
from models.database import service_connection, snapshot
from services.count_opening import count_opening
from services.group import Group, stay_together
from services.place import resolve_area
from services.runtime import Runtime

_PAUSE_SECONDS = 1.0


async def follow_summary(watcher: CountWatcher) -> AsyncGenerator[Actor, None]:
    """The same ticks for a group, as the actor that all of it stands as."""
    while True:
        await watcher.begin()
        yield watcher.actor
        # At most once a second, as the subscription says of itself.
        await asyncio.sleep(_PAUSE_SECONDS)


async def watch_summary(
    runtime: Runtime, actor: Actor, area_id: str | None = None, group: Group | None = None
) -> AsyncGenerator[Actor, None]:
    """Ticks, each with the actor as of then: read the summary anew with that actor, in a snapshot opened after it.

    Whoever has read it once joins the `group` of those that get the same, where there is one; what the group reads is
    handed over without passing through here.

    Raises NotFound for an area outside the jurisdiction and Unauthenticated once the session has ended, both also while
    it runs; TooManyRequests. Between ticks it holds no connection.
    """
    await count_opening(runtime, actor)
    async with runtime.hub.watch_counts(actor, area_id, await _where(actor, area_id)) as watcher:
        while True:
            await watcher.begin()
            actor = await as_now(actor, service_connection())
            # The tree may have been numbered anew since the last tick, and the account moved.
            watcher.actor, watcher.where = actor, await _where(actor, area_id)
            looked = time.monotonic()
            yield actor
            await stay_together(runtime.hub, watcher, group)
            # At most once a second, as the subscription says of itself.
            await asyncio.sleep(looked + _PAUSE_SECONDS - time.monotonic())


async def _where(actor: Actor, area_id: str | None) -> Jurisdiction:
    async with snapshot(bounds_of(actor)) as connection:
        _, where = await resolve_area(actor, Action.SEE_SUMMARY, connection, area_id)
    return where
