"""The trail of one case: who did what to it and who has looked at it, newest first.

The audit itself has no index over what its rows name, for every declaration would pay for it: sealed rows are found
through `audit_subject`, which sealing writes, and the few that are not sealed yet by looking through them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action
from access.visible import scope, visible
from models.alert import Alert, AlertEvent
from models.case import Case
from models.database import service_connection
from models.declaration import Declaration
from services.cursor import page_cursor, read_page_cursor
from services.page import Page, page_size
from services.problem import NotFound
from services.runtime import Runtime
from services.seal_trail import newest_link, open_since
from services.sealed_records import reason_of

_LAST = UUID(int=2**128 - 1)

# The third part: whoever was shown the case's alerts live, by the range that the subscription left at its end.
_TRAIL = """
WITH found AS (
  SELECT s.audit_id AS id FROM audit_subject s WHERE s.subject = ANY($1::uuid[])
  UNION
  SELECT u.id FROM audit u WHERE u.id >= $3 AND u.objects ?| $2::text[]
  UNION
  SELECT w.id FROM audit w JOIN area r ON r.id = w.detail->>'area'
  WHERE w.action = 'watch_alerts_ended' AND w.id > $4 AND EXISTS (
    SELECT FROM unnest($5::bigint[], $6::int[], $7::text[]) AS e (seq, area_no, kind)
    WHERE e.seq BETWEEN (w.detail->>'first')::bigint AND (w.detail->>'last')::bigint
      AND e.area_no BETWEEN r.lo AND r.hi AND (w.detail->'kinds' IS NULL OR w.detail->'kinds' ? e.kind))
)
SELECT a.id, a.at, a.account_id, a.actor, a.action, a.why FROM audit a JOIN found f ON f.id = a.id
WHERE a.id < $8 ORDER BY a.id DESC LIMIT $9
"""


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One act; `reason` is what its account has typed, where a reason was asked for."""

    id: UUID
    at: datetime
    action: str
    actor: str
    account_id: UUID | None
    reason: str | None


async def list_trail(
    runtime: Runtime,
    actor: Actor,
    connection: AsyncpgDBClient,
    case_id: UUID,
    first: int | None = None,
    after: str | None = None,
) -> Page[TrailEntry]:
    """A page of what was done to a case and seen of it, by whomever.

    Raises NotFound for a case that is unknown or outside the jurisdiction, InvalidInput (`first`), InvalidCursor.
    """
    size = page_size(first)
    before = read_page_cursor("trail", after)[2] if after else _LAST
    case = await visible(actor, Case, connection).get_or_none(id=case_id)
    if case is None or not scope(actor, Action.SEE_AUDIT).covers(case.area_no):
        raise NotFound
    rows = await _rows(await _named(actor, connection, case), before, size + 1)
    entries = [_entry(runtime, row) for row in rows[:size]]
    return Page(entries, [page_cursor("trail", 0, one.at, one.id) for one in entries], len(rows) > size)


@dataclass(frozen=True, slots=True)
class _Named:
    """What a case's trail is found by: identifiers, and the events of its alerts."""

    ids: list[UUID]
    events: list[tuple[int, int, str]]


async def _named(actor: Actor, connection: AsyncpgDBClient, case: Case) -> _Named:
    alerts = await visible(actor, Alert, connection).filter(case_id=case.id).values_list("id", "kind")
    kinds = dict(alerts)
    declared = visible(actor, Declaration, connection).filter(case_id=case.id)
    declarations = await declared.values_list("id", "submission_id")
    events = (
        visible(actor, AlertEvent, connection)
        .filter(alert_id__in=list(kinds))
        .values_list("seq", "area_no", "alert_id")
    )
    ids = {case.id, *kinds, *(id for pair in declarations for id in pair)}
    return _Named(sorted(ids), [(seq, area_no, str(kinds[alert])) for seq, area_no, alert in await events])


async def _rows(named: _Named, before: UUID, how_many: int) -> Sequence[Any]:
    # The service's login: who has looked at a case may belong to another area, or to none. What is read is narrowed
    # to the one case that the actor was found to see, and its rows' other objects are not read at all.
    connection = service_connection()
    unsealed = open_since(await newest_link(connection))
    _, rows = await connection.execute_query(
        _TRAIL,
        [
            named.ids,
            [str(id) for id in named.ids],
            unsealed,
            min(named.ids),
            [seq for seq, _, _ in named.events],
            [area_no for _, area_no, _ in named.events],
            [kind for _, _, kind in named.events],
            before,
            how_many,
        ],
    )
    return list(rows)


def _entry(runtime: Runtime, row: Any) -> TrailEntry:
    reason = reason_of(row["id"], row["why"], runtime.sealer)
    # What does not open was changed since, and is for `khaibao audit verify` to find: the rest is shown all the same.
    typed = reason if isinstance(reason, str) else None
    return TrailEntry(row["id"], row["at"], row["action"], row["actor"], row["account_id"], typed)
