"""Trying a protocol on what was declared: how many reports it would judge otherwise, and which way."""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID

from access.actor import Actor
from access.trail import record
from models.database import service_connection, service_transaction
from services.report_record import from_record
from services.runtime import Runtime
from triage.protocol import Protocol
from triage.trial import Recorded, Trial, compare

_BATCH = 2000
_NO_ID = UUID(int=0)

# Raw, because it reads every report of the installation, each once: the ORM's rows would take three times as long.
_REPORTS = """
SELECT d.id, d.report, d.day, a.severe, a.high_risk, a.danger
FROM declaration d JOIN assessment a ON a.declaration_id = d.id
WHERE d.disease = $1 AND d.day >= $2 AND d.id > $3 AND d.report <> '' ORDER BY d.id LIMIT $4
"""
_COUNT = "SELECT count(*) AS n FROM declaration WHERE disease = $1 AND day >= $2 AND report <> ''"


async def trial_protocol(
    runtime: Runtime, actor: Actor, protocol: Protocol, days: int, progress: Callable[[int, int], None]
) -> Trial:
    """Judges the reports of the last `days` days again, each on its own day; nothing changes but the audit.

    `progress` hears how many of how many are done. Raises UnsealError where a report was sealed with another key.
    """
    since = runtime.clock.day() - timedelta(days=days)
    connection = service_connection()
    _, counted = await connection.execute_query(_COUNT, [protocol.disease, since])
    whole = Trial(protocol.version)
    after = _NO_ID
    while True:
        # A batch is a statement of its own: a long read must not keep the database from tidying up behind writers.
        _, rows = await connection.execute_query(_REPORTS, [protocol.disease, since, after, _BATCH])
        _add(whole, compare([_recorded(runtime, row) for row in rows], protocol))
        progress(whole.total, counted[0]["n"])
        if len(rows) < _BATCH:
            break
        after = rows[-1]["id"]
    async with service_transaction() as writing:
        detail: dict[str, object] = {"since": since.isoformat(), "reports": whole.total}
        await record(writing, actor, "trial_protocol", runtime.clock.now(), [protocol.version], detail=detail)
    return whole


def _recorded(runtime: Runtime, row: Any) -> Recorded:
    report = from_record(runtime.sealer.open(f"declaration:{row['id']}", row["report"]))
    return Recorded(report, row["day"], row["severe"], row["high_risk"], row["danger"])


def _add(whole: Trial, part: Trial) -> None:
    for field in fields(Trial):
        if field.name != "protocol":
            setattr(whole, field.name, getattr(whole, field.name) + getattr(part, field.name))
