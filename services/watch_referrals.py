"""Watching a hospital's referrals: at once, then on change, at most once a second."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime

from access.actor import Actor
from access.authenticate import as_now
from access.bounds import bounds_of
from access.policy import Action, may
from access.visible import reachable
from models.database import service_connection, snapshot
from models.referral import Referral
from models.state import ReferralState
from services.count_opening import count_opening
from services.problem import NotFound
from services.runtime import Runtime

_PAUSE_SECONDS = 1.0
_REST = 9


@dataclass(frozen=True, slots=True)
class ReferralCounts:
    """How many referrals to the hospital stand in each state. `mark` is another one where one of them, or its case, is
    another one."""

    as_of: datetime
    states: Mapping[ReferralState, int]
    mark: frozenset[tuple[object, ...]]


async def watch_referrals(runtime: Runtime, actor: Actor) -> AsyncGenerator[tuple[Actor, ReferralCounts], None]:
    """How many referrals the actor's hospital has whenever one has come, gone or changed, each time with the actor as
    of then.

    Raises NotFound for whoever is no hospital and Unauthenticated once the session has ended, both also while it runs;
    TooManyRequests. Between two it holds no connection.
    """
    await count_opening(runtime, actor)
    await _count(runtime, actor)
    async with runtime.hub.watch_counts(actor, None, actor.jurisdiction, Action.ANSWER_REFERRAL) as watcher:
        told: frozenset[tuple[object, ...]] | None = None
        while True:
            await watcher.changed.wait()
            watcher.changed.clear()
            began = time.monotonic()
            actor = await as_now(actor, service_connection())
            counts = await _count(runtime, actor)
            watcher.actor, watcher.where = actor, actor.jurisdiction
            took = time.monotonic() - began
            if counts.mark != told:
                told = counts.mark
                yield actor, counts
            await asyncio.sleep(max(_PAUSE_SECONDS, took * _REST))


async def _count(runtime: Runtime, actor: Actor) -> ReferralCounts:
    if not may(actor, Action.ANSWER_REFERRAL) or actor.station_id is None:
        raise NotFound
    async with snapshot(bounds_of(actor)) as connection:
        own = reachable(actor, Referral, connection).filter(hospital_id=actor.station_id)
        rows = await own.values_list("id", "state", "version", "case__version")
    found = Counter(ReferralState(row[1]) for row in rows)
    states = {state: found[state] for state in ReferralState if found[state]}
    return ReferralCounts(runtime.clock.now(), states, frozenset(rows))
