"""Watching an area's worklist: at once, then on change, at most once a second."""

from collections.abc import AsyncGenerator
from functools import partial

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action
from alerts.count_watch import CountWatcher
from models.database import snapshot
from services.count_work import WorkCounts, count_work
from services.group import Group
from services.runtime import Runtime
from services.watch_counts import follow_counts, watch_counts


def follow_work(runtime: Runtime, watcher: CountWatcher) -> AsyncGenerator[tuple[Actor, WorkCounts], None]:
    """The same for a group, as the actor that all of it stands as."""
    return follow_counts(watcher, partial(_count, runtime, watcher.area_id))


def watch_work(
    runtime: Runtime, actor: Actor, area_id: str | None = None, group: Group | None = None
) -> AsyncGenerator[tuple[Actor, WorkCounts], None]:
    """How much there is to do whenever an item has come, gone or changed, as `services.watch_counts` gives it.

    Raises NotFound for an area outside the jurisdiction as well.
    """
    return watch_counts(runtime, actor, area_id, Action.SEE_CASES, partial(_count, runtime, area_id), group)


async def _count(runtime: Runtime, area_id: str | None, actor: Actor) -> WorkCounts:
    async with snapshot(bounds_of(actor)) as connection:
        return await count_work(runtime, actor, connection, area_id)
