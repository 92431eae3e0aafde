"""The worklist of an area: what to do next, for whom and why, most urgent first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.policy import Action
from access.visible import visible
from models.alert import Alert
from models.case import Case
from models.state import Danger
from services.batch import padded
from services.cursor import page_cursor, read_page_cursor
from services.load_cases import cases_by_id
from services.page import Page, page_size
from services.place import resolve_area
from services.problem import InvalidCursor
from services.runtime import Runtime
from services.work_facts import FACTS, ITEMS, ITEMS_CALLED
from services.work_kind import CALLS, IN_ORDER, OF_ALERTS, PLACE, WorkKind

_RANKS = 8
"""More than there are ranks of danger: place and rank are one number, by which the list is ordered and goes on."""

_START = (-1, datetime.min.replace(tzinfo=UTC), UUID(int=0))

_KEYS = f"""
SELECT i.kind * {_RANKS} + c.rank AS place, i.since, i.id FROM item i JOIN illness_case c ON c.id = i.id
WHERE (i.kind * {_RANKS} + c.rank, i.since, i.id) > ($4::int, $5::timestamptz, $6::uuid) {{where}}
ORDER BY 1, 2, 3 LIMIT $7
"""


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which items: None leaves a property open, an empty collection matches nothing.

    `kinds` are those of which an item has one, whichever of its kinds is the first. `mine` are those that the actor
    has claimed or whose alert the actor has taken.
    """

    area_id: str | None = None
    kinds: Collection[WorkKind] | None = None
    mine: bool = False
    dangers: Collection[Danger] | None = None


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One case and what it calls for: `kind` is the most urgent of `kinds`.

    `since` is since when, `due_at` until when where there is a time. `alert` is the one that `kind` is about,
    `subject_id` the declaration, referral, transfer, test or certificate that it is about.
    """

    case: Case
    kind: WorkKind
    kinds: tuple[WorkKind, ...]
    since: datetime
    due_at: datetime | None
    alert: Alert | None
    subject_id: UUID | None


async def list_work(
    runtime: Runtime,
    actor: Actor,
    connection: AsyncpgDBClient,
    wanted: WorkFilter,
    first: int | None = None,
    after: str | None = None,
) -> Page[WorkItem]:
    """A page of the worklist: each open case of the area once, and what else is left to do there.

    Raises NotFound (unknown area, outside, or a role that sees no cases), InvalidInput (`first` out of bounds),
    InvalidCursor.
    """
    size = page_size(first)
    _, where = await resolve_area(actor, Action.SEE_CASES, connection, wanted.area_id)
    start = _start(after)
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
        cursors=[page_cursor("work", key["place"], key["since"], key["id"]) for key in kept],
        has_next=len(keys) > size,
    )


def _start(after: str | None) -> tuple[int, datetime, UUID]:
    if after is None:
        return _START
    place, since, id = read_page_cursor("work", after)
    try:
        since = since.astimezone(UTC)
    except OverflowError as error:
        raise InvalidCursor from error
    if not 0 <= place < len(IN_ORDER) * _RANKS:
        raise InvalidCursor
    return place, since, id


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
    conditions, more = _narrowed(runtime, actor, wanted)
    sql = _KEYS.format(where=conditions)
    values = [where.lo, where.hi, zone, *start, limit, *more]
    begins_called = start[0] < len(CALLS) * _RANKS
    only_called = wanted.kinds is not None and set(wanted.kinds) <= CALLS
    if begins_called and (wanted.kinds is None or only_called):
        # Whoever looks at a city looks for its reds, and need not wait until all its cases are gathered.
        _, keys = await connection.execute_query(ITEMS_CALLED + sql, values)
        if only_called or len(keys) == limit:
            return list(keys)
    _, keys = await connection.execute_query(ITEMS + sql, values)
    return list(keys)


def _narrowed(runtime: Runtime, actor: Actor, wanted: WorkFilter) -> tuple[str, list[object]]:
    conditions: list[str] = []
    values: list[object] = []

    def given(value: object) -> str:
        values.append(value)
        return f"${7 + len(values)}"

    if wanted.kinds is not None:
        conditions.append(f"i.kinds & {given(sum(1 << PLACE[kind] for kind in set(wanted.kinds)))}::int <> 0")
    if wanted.dangers is not None:
        conditions.append(f"c.danger = ANY({given([danger.value for danger in wanted.dangers])}::text[])")
    if wanted.mine:
        me, now = given(actor.account_id), given(runtime.clock.now())
        conditions.append(
            f"(c.claimed_by = {me}::uuid AND c.claimed_until > {now}::timestamptz OR EXISTS (SELECT FROM alert a "
            f"WHERE a.case_id = i.id AND a.state = 'ACKNOWLEDGED' AND a.acknowledged_by = {me}::uuid))"
        )
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
        kinds=tuple(IN_ORDER[kind] for kind in dict.fromkeys(fact["kind"] for fact in facts)),
        since=counts["since"],
        due_at=about["due"],
        alert=alerts.get(about["subject"]),
        subject_id=about["subject"],
    )
