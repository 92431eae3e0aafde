"""The worklist of an area: what to do next, for whom and why, most urgent first."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.policy import Action
from access.visible import visible
from models.alert import Alert
from models.case import Case
from services.batch import padded
from services.cursor import Cursors
from services.list_urgent import RANKS, list_urgent, start_of
from services.load_cases import cases_by_id
from services.operation import Operation
from services.page import Page, page_size
from services.place import own_range, resolve_range
from services.runtime import Runtime
from services.work_facts import FACTS, IN_HAND, ITEMS, ITEMS_CALLED, items_of
from services.work_item import WorkFilter, WorkItem
from services.work_kind import CALLS, IN_ORDER, OF_ALERTS, PLACE, WorkKind

_KEYS = f"""
SELECT i.kind * {RANKS} + c.rank AS place, i.since, i.id FROM item i JOIN illness_case c ON c.id = i.id
WHERE (i.kind * {RANKS} + c.rank, i.since, i.id) > ($4::int, $5::timestamptz, $6::uuid) {{where}}
ORDER BY 1, 2, 3 LIMIT $7
"""


async def list_work(
    runtime: Runtime,
    actor: Actor,
    operation: Operation,
    wanted: WorkFilter,
    first: int | None = None,
    after: str | None = None,
    *,
    at_hand: bool = False,
    gathered: bool = False,
) -> Page[WorkItem]:
    """A page of the worklist: each open case of the area once, and what else is left to do there.

    `at_hand` says that nothing is read beside the page: it is then read without a transaction around it where that can
    be in one go, which most pages of a city are. `gathered` says that it is known to be none of these. Raises NotFound
    (unknown area, outside, or a role that sees no cases), InvalidInput (`first` out of bounds), InvalidCursor.
    """
    asked = wanted, first, after
    page: Page[WorkItem] | None = None
    own = at_hand and not gathered and own_range(actor, Action.SEE_CASES, wanted.area_id) is not None
    if own and (alone := operation.alone()) is not None:
        page, gathered = await list_urgent(actor, alone, *asked), True
    if page is None:
        async with operation.reading() as connection:
            if not gathered:
                page = await list_urgent(actor, connection, *asked)
            if page is None:
                page = await gather_work(runtime, actor, connection, *asked)
    return page


async def kinds_of(
    runtime: Runtime, connection: AsyncpgDBClient, keys: Collection[tuple[Jurisdiction, UUID]]
) -> dict[tuple[Jurisdiction, UUID], tuple[WorkKind, ...]]:
    """All that cases call for within a range, most urgent first. `connection` is bound to what its reader may see."""
    found: dict[tuple[Jurisdiction, UUID], tuple[WorkKind, ...]] = {}
    for where in {where for where, _ in keys}:
        ids = [id for within, id in keys if within == where]
        facts = await _facts(connection, where, runtime.clock.zone().key, ids)
        found |= {(where, id): _kinds(rows) for id, rows in facts.items()}
    return found


async def gather_work(
    runtime: Runtime,
    actor: Actor,
    connection: AsyncpgDBClient,
    wanted: WorkFilter,
    first: int | None = None,
    after: str | None = None,
) -> Page[WorkItem]:
    """The page of `list_work`, wherever it is in the list: all there is in the area is gathered and sorted."""
    size = page_size(first)
    where = await resolve_range(actor, Action.SEE_CASES, connection, wanted.area_id)
    start = start_of(after)
    zone = runtime.clock.zone().key
    keys = await _keys(runtime, actor, connection, where, zone, wanted, start, size + 1)
    shown = keys[:size]
    cases = await cases_by_id(actor, connection, [key["id"] for key in shown])
    facts = await _facts(connection, where, zone, [key["id"] for key in shown])
    alerts = await _alerts(actor, connection, facts)
    # A key without a row is of a case that was handed over to a station that is not the actor's.
    kept = [key for key in shown if key["id"] in cases and key["id"] in facts]
    return Page(
        items=[_item(cases[key["id"]], facts[key["id"]], alerts) for key in kept],
        cursors=Cursors("work", [(key["place"], key["since"], key["id"]) for key in kept]),
        has_next=len(keys) > size,
    )


async def _keys(
    runtime: Runtime,
    actor: Actor,
    connection: AsyncpgDBClient,
    where: Jurisdiction,
    zone: str,
    wanted: WorkFilter,
    start: tuple[int, datetime, UUID],
    limit: int,
) -> Sequence[Any]:
    own = await _in_hand(runtime, actor, connection) if wanted.mine else None
    if own == []:
        return []
    conditions, more = _narrowed(wanted, own)
    sql = _KEYS.format(where=conditions)
    values = [where.lo, where.hi, zone, *start, limit, *more]
    if own is not None:
        # These are few, and are looked up: it does not matter how much else is open.
        _, keys = await connection.execute_query(items_of(f"${len(values)}") + sql, values)
        return list(keys)
    begins_called = start[0] < len(CALLS) * RANKS
    only_called = wanted.kinds is not None and set(wanted.kinds) <= CALLS
    if begins_called and (wanted.kinds is None or only_called):
        # Whoever looks at a city looks for its reds, and need not wait until all its cases are gathered.
        _, keys = await connection.execute_query(ITEMS_CALLED + sql, values)
        if only_called or len(keys) == limit:
            return list(keys)
    _, keys = await connection.execute_query(ITEMS + sql, values)
    return list(keys)


async def _in_hand(runtime: Runtime, actor: Actor, connection: AsyncpgDBClient) -> list[UUID]:
    _, rows = await connection.execute_query(IN_HAND, [actor.account_id, runtime.clock.now()])
    return [row["id"] for row in rows]


def _narrowed(wanted: WorkFilter, own: list[UUID] | None) -> tuple[str, list[object]]:
    """Conditions, and their values from `$8` on; `own` is the last of these."""
    conditions: list[str] = []
    values: list[object] = []

    def given(value: object) -> str:
        values.append(value)
        return f"${7 + len(values)}"

    if wanted.kinds is not None:
        conditions.append(f"i.kinds & {given(sum(1 << PLACE[kind] for kind in set(wanted.kinds)))}::int <> 0")
    if wanted.dangers is not None:
        conditions.append(f"c.danger = ANY({given([danger.value for danger in wanted.dangers])}::text[])")
    if own is not None:
        conditions.append(f"i.id = ANY({given(own)}::uuid[])")
    return "".join(f" AND {condition}" for condition in conditions), values


async def _facts(
    connection: AsyncpgDBClient, where: Jurisdiction, zone: str, ids: Sequence[UUID]
) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    if ids:
        _, rows = await connection.execute_query(FACTS, [where.lo, where.hi, zone, list(ids)])
        for row in rows:
            found.setdefault(row["id"], []).append(row)
    return found


async def _alerts(actor: Actor, connection: AsyncpgDBClient, facts: dict[UUID, list[Any]]) -> dict[UUID, Alert]:
    wanted = [_about(rows) for rows in facts.values() if IN_ORDER[rows[0]["kind"]] in OF_ALERTS]
    ids = [fact["subject"] for fact in wanted if fact["subject"] is not None]
    if not ids:
        return {}
    return {row.id: row for row in await visible(actor, Alert, connection).filter(id__in=padded(ids))}


def _about(facts: Sequence[Any]) -> Any:
    """The first fact of the first kind that is about something: a missed check-in and its alert are of one kind, and
    whoever is shown the item has to be able to take the alert, within the alert's time."""
    return next((fact for fact in facts if fact["kind"] == facts[0]["kind"] and fact["subject"]), facts[0])


def _item(case: Case, facts: Sequence[Any], alerts: dict[UUID, Alert]) -> WorkItem:
    counts, about = facts[0], _about(facts)
    return WorkItem(
        case=case,
        kind=IN_ORDER[counts["kind"]],
        kinds=_kinds(facts),
        since=counts["since"],
        due_at=about["due"],
        alert=alerts.get(about["subject"]),
        subject_id=about["subject"],
    )


def _kinds(facts: Sequence[Any]) -> tuple[WorkKind, ...]:
    return tuple(IN_ORDER[kind] for kind in dict.fromkeys(fact["kind"] for fact in facts))
