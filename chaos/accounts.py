"""The final account: what the database holds and what the gateway noted, read by nobody whom the run could deceive."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import asyncpg
import orjson

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""A connection of the owner's login."""

_SUBMISSIONS = """
SELECT s.idempotency_key AS key, s.receipt_code AS code, s.id, count(d.id) AS people, count(DISTINCT d.case_id) AS cases
FROM submission s LEFT JOIN declaration d ON d.submission_id = s.id GROUP BY s.id
"""
_MESSAGES = """
SELECT id, kind, priority, state, reason, subject_id, attempts, coalesce(gathered_in, id) AS goes_in,
  gather_key IS NOT NULL AS gathers, created_at > $1 AS late FROM outbox_message
"""
_REDS = "SELECT id FROM alert WHERE danger = 'RED'"
_WHOLE = """
SELECT (SELECT count(*) FROM illness_case) AS cases, (SELECT count(*) FROM declaration) AS declarations,
  (SELECT count(*) FROM alert) AS alerts, (SELECT count(*) FROM alert_event) AS events,
  (SELECT count(*) FROM alert WHERE danger = 'RED') AS reds,
  (SELECT count(*) FROM alert WHERE state IN ('RAISED', 'ESCALATED')) AS open_alerts,
  (SELECT count(*) FROM audit) AS audit_records
"""
# For each ward and day what its counters say, and what a count of its rows says.
_COUNTERS = """
WITH said AS (
  SELECT area_id, declared, severe, high_risk, alerts, open_alerts FROM area_count WHERE day = '-infinity'
), held AS (
  SELECT area_id, count(*) AS declared, count(*) FILTER (WHERE severe) AS severe,
    count(*) FILTER (WHERE high_risk) AS high_risk FROM declaration GROUP BY area_id
), raised AS (
  SELECT area_id, count(*) AS alerts, count(*) FILTER (WHERE state IN ('RAISED', 'ESCALATED')) AS open_alerts
  FROM alert GROUP BY area_id
)
SELECT area_id FROM said FULL JOIN held USING (area_id) FULL JOIN raised USING (area_id)
WHERE (coalesce(said.declared, 0), coalesce(said.severe, 0), coalesce(said.high_risk, 0), coalesce(said.alerts, 0),
  coalesce(said.open_alerts, 0)) IS DISTINCT FROM (coalesce(held.declared, 0), coalesce(held.severe, 0),
  coalesce(held.high_risk, 0), coalesce(raised.alerts, 0), coalesce(raised.open_alerts, 0))
ORDER BY area_id
"""
# Calls to ambers are held together for minutes on purpose: only what nobody may wait for is waited for here. And who
# does not answer is called again and again, so that there is always a newer call.
_WAITING = """
SELECT count(*) FROM outbox_message
WHERE state = 'QUEUED' AND (gather_key IS NULL OR priority = 0) AND created_at <= $1
"""
_NEWEST = "SELECT coalesce(max(created_at), '-infinity') FROM outbox_message"


@dataclass(frozen=True, slots=True)
class Kept:
    """A household's declaration as the database has it."""

    id: UUID
    code: str
    people: int
    cases: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the outbox; `goes_in` is the id under which it is sent, which several may share."""

    id: str
    kind: str
    priority: int
    state: str
    reason: str | None
    subject: UUID | None
    attempts: int
    goes_in: str
    gathers: bool
    late: bool
    """Whether it was written when the account was closed already."""

    @property
    def may_wait(self) -> bool:
        """Whether it may still be on its way, or held to go in one text with others."""
        return self.late or (self.gathers and self.priority > 0)


@dataclass(frozen=True, slots=True)
class Accounts:
    """What there is when everything is over."""

    submissions: dict[str, Kept]
    messages: dict[str, Message]
    reds: frozenset[UUID]
    whole: dict[str, int]
    miscounted: list[str]
    taken: Counter[str]
    """How often the gateway took a message of an id."""
    says: dict[str, set[str]]
    """The digests of what it was told to say under an id."""


async def read_accounts(owner: Owner, gateway_log: Path, newest: datetime) -> Accounts:
    """Reads both, while nobody writes any more; of messages after `newest` nobody asks whether they were sent."""
    submissions = {
        row["key"]: Kept(row["id"], row["code"], row["people"], row["cases"]) for row in await owner.fetch(_SUBMISSIONS)
    }
    messages = {
        str(row["id"]): Message(
            str(row["id"]),
            row["kind"],
            row["priority"],
            row["state"],
            row["reason"],
            row["subject_id"],
            row["attempts"],
            str(row["goes_in"]),
            row["gathers"],
            row["late"],
        )
        for row in await owner.fetch(_MESSAGES, newest)
    }
    whole = await owner.fetchrow(_WHOLE)
    miscounted = [row["area_id"] for row in await owner.fetch(_COUNTERS)]
    taken, says = _noted(gateway_log)
    reds = frozenset(row["id"] for row in await owner.fetch(_REDS))
    return Accounts(submissions, messages, reds, dict(whole or {}), miscounted, taken, says)


def _noted(gateway_log: Path) -> tuple[Counter[str], dict[str, set[str]]]:
    taken: Counter[str] = Counter()
    says: dict[str, set[str]] = {}
    for line in gateway_log.read_bytes().splitlines():
        noted = orjson.loads(line)
        taken[noted["key"]] += 1
        says.setdefault(noted["key"], set()).add(noted["says"])
    return taken, says


async def events(owner: Owner) -> int:
    """How many events the alert log has."""
    return int(await owner.fetchval("SELECT count(*) FROM alert_event"))


async def newest_message(owner: Owner) -> datetime:
    """When the newest message was written, by the installation's clock."""
    found: datetime = await owner.fetchval(_NEWEST)
    return found


async def waiting(owner: Owner, newest: datetime) -> int:
    """How many messages up to that one have not left the outbox."""
    return int(await owner.fetchval(_WAITING, newest))
