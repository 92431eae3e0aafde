"""Rows of the audit as the chain binds them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from access.chain import Record
from access.sealing import Sealer, UnsealError
from access.trail import place_of

COLUMNS = (
    "a.id, a.at, a.account_id, a.session_id, a.actor, a.action, a.objects::text AS objects, a.detail::text AS detail,"
    " a.origin, a.request_id, a.why"
)
"""What has to be read of a row, of the audit called `a`."""


def record_of(row: Mapping[str, Any], sealer: Sealer) -> Record:
    """The record of a row that has COLUMNS."""
    return Record(
        id=row["id"],
        at=row["at"],
        account_id=row["account_id"],
        session_id=row["session_id"],
        actor=row["actor"],
        action=row["action"],
        objects=orjson.loads(row["objects"]),
        detail=orjson.loads(row["detail"]),
        origin=row["origin"],
        request_id=row["request_id"],
        why=reason_of(row["id"], row["why"], sealer),
    )


def reason_of(id: UUID, sealed: bytes | None, sealer: Sealer) -> str | bytes | None:
    """The reason as it was typed; the bytes themselves where they do not open, for sealing must not stop at them."""
    if sealed is None:
        return None
    try:
        return str(sealer.open(place_of(id), sealed).get("why", ""))
    except UnsealError:
        return bytes(sealed)
