"""Watching a hospital's referrals: at once, then on change, at most once a second."""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from access.actor import Actor
from access.bounds import bounds_of
from access.jurisdiction import Jurisdiction
from access.policy import Action, may
from access.visible import reachable
from alerts.count_watch import CountWatcher
from models.database import snapshot
from models.referral import Referral
from models.state import ReferralState
from services.group import Group
from services.problem import NotFound
from services.runtime import Runtime
from services.watch_counts import follow_counts, watch_counts


@dataclass(frozen=True, slots=True)
class ReferralCounts:
    """How many referrals to the hospital stand in each state. `mark` is another one where one of them, or its case, is
    another one."""

    where: Jurisdiction
    as_of: datetime
    states: Mapping[ReferralState, int]
    mark: frozenset[tuple[object, ...]]


def follow_referrals(runtime: Runtime, watcher: CountWatcher) -> AsyncGenerator[tuple[Actor, ReferralCounts], None]:
    """The same for a group, as the actor that all of it stands as."""
    return follow_counts(watcher, partial(_count, runtime))


def watch_referrals(
    runtime: Runtime, actor: Actor, group: Group | None = None
) -> AsyncGenerator[tuple[Actor, ReferralCounts], None]:
    """How many referrals the actor's hospital has whenever one has come, gone or changed, as `services.watch_counts`
    gives it. Raises NotFound for whoever is no hospital as well.
    """
    return watch_counts(runtime, actor, None, Action.ANSWER_REFERRAL, partial(_count, runtime), group)


async def _count(runtime: Runtime, actor: Actor) -> ReferralCounts:
    if not may(actor, Action.ANSWER_REFERRAL) or actor.station_id is None:
        raise NotFound
    async with snapshot(bounds_of(actor)) as connection:
        own = reachable(actor, Referral, connection).filter(hospital_id=actor.station_id)
        rows = await own.values_list("id", "state", "version", "case__version")
    found = Counter(ReferralState(row[1]) for row in rows)
    states = {state: found[state] for state in ReferralState if found[state]}
    return ReferralCounts(actor.jurisdiction, runtime.clock.now(), states, frozenset(rows))
