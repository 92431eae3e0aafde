"""The alerts of an area, most dangerous first, then the longest waiting."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action
from alerts import log
from models.alert import Alert
from models.state import OPEN_ALERT_STATES, AlertKind, AlertState
from services.counted_disease import counted
from services.cursor import alert_cursor
from services.danger_order import ALERTS, LAST_RANK, Narrowing, read_page
from services.page import Page, page_size
from services.place import resolve_range
from services.runtime import Runtime

_RANKS: dict[AlertKind, frozenset[int]] = {
    AlertKind.SEVERE: frozenset({0, 1}),
    AlertKind.HIGH_RISK: frozenset({2}),
}
_OTHER_KINDS = frozenset({LAST_RANK})


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts: None leaves a property open, an empty collection matches nothing.

    `overdue` is whether an open alert has passed its due time.
    """

    area_id: str | None = None
    kinds: Collection[AlertKind] | None = None
    states: Collection[AlertState] | None = None
    overdue: bool | None = None
    disease: str | None = None


async def list_alerts(
    runtime: Runtime,
    actor: Actor,
    connection: AsyncpgDBClient,
    wanted: AlertFilter,
    first: int | None = None,
    after: str | None = None,
) -> Page[Alert]:
    """A page of alerts, with the position of this snapshot in the alert log.

    Raises NotFound (unknown area, or outside), InvalidInput (`first` out of bounds), InvalidCursor.
    """
    size = page_size(first)
    where = await resolve_range(actor, Action.SEE_ALERTS, connection, wanted.area_id)
    narrowing = await counted(_narrowing(wanted, runtime.clock.now()), wanted.disease)
    page = await read_page(actor, Alert, ALERTS, connection, where, narrowing, size, after)
    position = alert_cursor(await log.position(connection))
    return Page(page.items, page.cursors, page.has_next, position)


def _narrowing(wanted: AlertFilter, now: datetime) -> Narrowing:
    states = set(AlertState if wanted.states is None else wanted.states)
    conditions: list[tuple[str, object]] = []
    if wanted.overdue:
        states &= set(OPEN_ALERT_STATES)
        conditions.append(("t.due_at < {}", now))
    elif wanted.overdue is not None:
        conditions.append(("NOT (t.state IN ('RAISED', 'ESCALATED') AND t.due_at < {})", now))
    if wanted.disease is not None:
        conditions.append(("t.disease = {}", wanted.disease))
    ranks = frozenset(range(LAST_RANK + 1))
    if wanted.kinds is not None:
        # The rank follows from the kind and is in the index: so a kind that is rare is found without a search.
        ranks = frozenset(rank for kind in wanted.kinds for rank in _RANKS.get(kind, _OTHER_KINDS))
        if _OTHER_KINDS & ranks:
            conditions.append(("t.kind = ANY({}::text[])", [kind.value for kind in wanted.kinds]))
    return Narrowing(states, ranks, conditions)
