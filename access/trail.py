"""The audit's lines: who did what to whom, from where and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.sealing import Sealer
from models.at_hand import Runner
from models.audit import Audit
from models.identifier import uuid7

_APPEND = """
INSERT INTO audit (id, at, account_id, session_id, actor, action, objects, detail, origin, request_id, area_no)
SELECT id, at, account_id, session_id, actor, action, objects, detail, origin, request_id, area_no
FROM json_to_recordset($1::json) AS lines (id uuid, at timestamptz, account_id uuid, session_id uuid, actor text,
  action text, objects jsonb, detail jsonb, origin text, request_id text, area_no int)
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One act that is written together with others. Only a transaction that holds the lock of numbering gives one an
    `area_no`: `append` says why."""

    actor: Actor
    action: str
    at: datetime
    objects: Sequence[str]
    detail: dict[str, object] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid7)
    area_no: int | None = None


async def record(
    connection: AsyncpgDBClient,
    actor: Actor,
    action: str,
    at: datetime,
    objects: list[str],
    *,
    area_no: int | None = None,
    detail: dict[str, object] | None = None,
    why: str | None = None,
    sealer: Sealer | None = None,
) -> None:
    """Writes one line in the transaction of the act itself, with the session, request and origin of the actor.

    `objects` are identifiers, `detail` holds nothing of a person. `why` is what somebody typed, and may well name a
    person: it is sealed at the place "audit:<id>". Raises TypeError for a `why` without the sealer.
    """
    id = uuid7()
    sealed: bytes | None = None
    if why is not None:
        if sealer is None:
            raise TypeError("a reason is never stored as plain text: hand over the sealer")
        sealed = sealer.seal(place_of(id), {"why": why})
    await Audit.create(
        using_db=connection,
        id=id,
        at=at,
        account_id=actor.account_id,
        session_id=actor.session_id,
        actor=actor.kind,
        action=action,
        area_no=area_no,
        objects=objects,
        detail=_detail(actor, detail),
        origin=actor.origin,
        request_id=actor.request_id,
        why=sealed,
    )


async def append(connection: Runner, lines: Sequence[Line]) -> None:
    """Writes many lines at once, each of an act of its own.

    Those of reads have no `area_no`: whoever writes one holds the lock of numbering, and then nobody could read while
    areas are numbered anew. An area is named in the detail instead.
    """
    # As one text: eleven arrays of values took half as much again of the writer, and as much of the database.
    rows = [
        {
            "id": line.id,
            "at": line.at,
            "account_id": line.actor.account_id,
            "session_id": line.actor.session_id,
            "actor": line.actor.kind,
            "action": line.action,
            "objects": line.objects,
            "detail": _detail(line.actor, line.detail),
            "origin": line.actor.origin,
            "request_id": line.actor.request_id,
            "area_no": line.area_no,
        }
        for line in lines
    ]
    # The driver's own kind of UUID is one that orjson does not know.
    await connection.execute_query(_APPEND, [orjson.dumps(rows, default=str).decode()])


def place_of(id: UUID) -> str:
    """The place at which a line's reason is sealed."""
    return f"audit:{id}"


def _detail(actor: Actor, detail: dict[str, object] | None) -> dict[str, object]:
    operator = {} if actor.operator is None else {"operator": actor.operator}
    return {**(detail or {}), **operator}
