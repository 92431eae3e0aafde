"""The audit's lines: who did what to whom, from where and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.sealing import Sealer
from models.audit import Audit
from models.identifier import uuid7

_APPEND = """
INSERT INTO audit (id, at, account_id, session_id, actor, action, objects, detail, origin, request_id, area_no)
SELECT u.id, u.at, u.account_id, u.session_id, u.actor, u.action, u.objects::jsonb, u.detail::jsonb, u.origin,
  u.request_id, u.area_no
FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::text[], $10::text[], $11::int[])
  AS u (id, at, account_id, session_id, actor, action, objects, detail, origin, request_id, area_no)
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


async def append(connection: AsyncpgDBClient, lines: Sequence[Line]) -> None:
    """Writes many lines at once, each of an act of its own.

    Those of reads have no `area_no`: whoever writes one holds the lock of numbering, and then nobody could read while
    areas are numbered anew. An area is named in the detail instead.
    """
    await connection.execute_query(
        _APPEND,
        [
            [line.id for line in lines],
            [line.at for line in lines],
            [line.actor.account_id for line in lines],
            [line.actor.session_id for line in lines],
            [line.actor.kind for line in lines],
            [line.action for line in lines],
            [orjson.dumps(line.objects).decode() for line in lines],
            [orjson.dumps(_detail(line.actor, line.detail)).decode() for line in lines],
            [line.actor.origin for line in lines],
            [line.actor.request_id for line in lines],
            [line.area_no for line in lines],
        ],
    )


def place_of(id: UUID) -> str:
    """The place at which a line's reason is sealed."""
    return f"audit:{id}"


def _detail(actor: Actor, detail: dict[str, object] | None) -> dict[str, object]:
    operator = {} if actor.operator is None else {"operator": actor.operator}
    return {**(detail or {}), **operator}
