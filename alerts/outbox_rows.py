"""The relay's statements: claiming what is due, and writing down what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from alerts.lanes import Room
from alerts.outbox import Priority
from models.state import OPEN_ALERT_STATES, MessageKind, MessageState

LEASE_SECONDS = 30.0
"""How long a claimed message is left to the process that claimed it; longer than it may take to send it."""

_OPEN = ", ".join(f"'{state}'" for state in OPEN_ALERT_STATES)
_OF_A_CASE = "EXISTS (SELECT FROM illness_case c WHERE c.id = m.subject_id AND c.anonymised_at IS NULL)"

# What a message tells of may be over: an alert that somebody has taken, a person who was erased meanwhile. For each
# kind whether it is still wanted, as a condition on its row `m`; the others always are.
_STILL_WANTED = {
    MessageKind.ALERT: f"EXISTS (SELECT FROM alert a WHERE a.id = m.subject_id AND a.state IN ({_OPEN}))",
    MessageKind.RECEIVED: "EXISTS (SELECT FROM submission s WHERE s.id = m.subject_id AND s.anonymised_at IS NULL)",
    MessageKind.CONFIRMED: _OF_A_CASE,
    MessageKind.REFUSED: _OF_A_CASE,
    MessageKind.NEEDS_INFO: _OF_A_CASE,
    MessageKind.RELEASED: _OF_A_CASE,
    MessageKind.CERTIFICATE: _OF_A_CASE,
    MessageKind.REFERRAL: "EXISTS (SELECT FROM referral r WHERE r.id = m.subject_id AND r.state = 'REQUESTED')",
}
_WANTED = " ".join(f"WHEN '{kind.value}' THEN {condition}" for kind, condition in _STILL_WANTED.items())
_IS_WANTED = f"(m.subject_id IS NULL OR CASE m.kind {_WANTED} ELSE true END)"

# What may become one text waits for it: of each person and danger, all that is due goes into a text as soon as one may
# go again. The text is the first of them, and which go in it is written down before anything is sent, so that a text
# that is sent again after a crash is the same one. One row for each key decides between relays that gather at once.
_GATHER = """
WITH waiting AS MATERIALIZED (
  SELECT gather_key AS key, min(priority) AS priority FROM outbox_message
  WHERE state = 'QUEUED' AND gather_key IS NOT NULL AND gathered_in IS NULL AND not_before <= clock_timestamp()
    AND (priority = 0 OR $1) GROUP BY gather_key
), opened AS (
  INSERT INTO gathering AS g (key, open_at)
  SELECT key, clock_timestamp() + make_interval(secs => CASE WHEN priority = 0 THEN $2 ELSE $3::float8 END)
  FROM waiting ORDER BY key
  ON CONFLICT (key) DO UPDATE SET open_at = excluded.open_at WHERE g.open_at <= clock_timestamp()
  RETURNING key
), member AS MATERIALIZED (
  SELECT m.id, m.gather_key, m.created_at FROM outbox_message m
  WHERE m.state = 'QUEUED' AND m.gather_key IN (SELECT key FROM opened) AND m.gathered_in IS NULL
    AND m.not_before <= clock_timestamp() ORDER BY m.id FOR UPDATE
), text AS (
  SELECT DISTINCT ON (gather_key) gather_key, id FROM member ORDER BY gather_key, created_at, id
)
UPDATE outbox_message m SET gathered_in = text.id, attempts = m.attempts + CASE WHEN m.id = text.id THEN 0 ELSE 1 END
FROM member JOIN text USING (gather_key) WHERE m.id = member.id
RETURNING m.id
"""

# The claim is a moment that is pushed ahead, not a transaction that stays open: a process killed with -9 while a
# gateway thinks leaves nothing locked, and its messages are due again when the lease is over. The database's own time,
# because a lease is real seconds, also where a demo has moved the clock. SKIP LOCKED: no relay waits for another.
_CLAIM = f"""
WITH red AS MATERIALIZED (
  SELECT id FROM outbox_message WHERE state = 'QUEUED' AND priority = 0 AND not_before <= clock_timestamp()
    AND (gather_key IS NULL OR gathered_in = id)
  ORDER BY not_before LIMIT $1 FOR UPDATE SKIP LOCKED
), other AS MATERIALIZED (
  SELECT id FROM outbox_message WHERE state = 'QUEUED' AND priority > 0 AND not_before <= clock_timestamp()
    AND (gather_key IS NULL OR gathered_in = id)
  ORDER BY priority, not_before LIMIT least($2, $1 - (SELECT count(*) FROM red)) FOR UPDATE SKIP LOCKED
)
UPDATE outbox_message m
SET not_before = clock_timestamp() + make_interval(secs => $3), attempts = m.attempts + 1
FROM (SELECT id FROM red UNION ALL SELECT id FROM other) due WHERE m.id = due.id
RETURNING m.id, m.priority, m.created_at, m.sealed, m.useful_until, m.attempts, m.gather_key IS NOT NULL AS gathered,
  {_IS_WANTED} AS wanted
"""

# All that go in one text, the text's own message too.
_OF_A_TEXT = f"""
SELECT m.id, m.sealed, m.useful_until, {_IS_WANTED} AS wanted FROM outbox_message m
WHERE (m.id = $1 OR m.gathered_in = $1) AND m.state = 'QUEUED' ORDER BY m.created_at, m.id
"""

# What is settled needs neither recipient nor text any more. A receipt that was quicker than we are has settled it
# already, and a process that slept through its lease comes back to what another has settled: neither is undone.
_GIVE_UP = """
UPDATE outbox_message SET state = $2, reason = $3, gateway = NULL, settled_at = $4, sealed = '',
  gathered_in = CASE WHEN gathered_in = $1 THEN $1 END
WHERE (id = $1 OR gathered_in = $1) AND state = 'QUEUED'
"""

# The gateway may have reported already that it failed: then its word is the later one.
_HAND_OVER = """
UPDATE outbox_message SET gateway = $2::varchar, gateway_id = coalesce($3, gateway_id), settled_at = $4, sealed = '',
  state = CASE WHEN reported_at IS NOT NULL AND gateway = $2::varchar THEN 'FAILED' ELSE 'HANDED_OVER' END,
  reason = CASE WHEN reported_at IS NOT NULL AND gateway = $2::varchar THEN reason END
WHERE (id = $1 OR gathered_in = $1) AND state = 'QUEUED'
"""

# Only by whoever claimed it last: who slept through the lease must not shorten another's.
_PUT_OFF = """
UPDATE outbox_message SET not_before = clock_timestamp() + $3::interval
WHERE id = $1 AND state = 'QUEUED' AND attempts = $2
"""

_BACKLOG = """
SELECT count(*) AS waiting, count(*) FILTER (WHERE priority = 0) AS reds,
  min(created_at) AS oldest, min(created_at) FILTER (WHERE priority = 0) AS oldest_red
FROM outbox_message WHERE state = 'QUEUED'
"""


# One look at the beginning of each priority's part of the index of what is due.
_LONGEST_DUE = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - m.not_before)), 0)::float8 AS seconds
FROM unnest($1::smallint[]) AS p (priority)
CROSS JOIN LATERAL (SELECT not_before FROM outbox_message
  WHERE state = 'QUEUED' AND priority = p.priority AND not_before <= clock_timestamp()
  ORDER BY not_before LIMIT 1) m
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this process has to itself until the lease is over; where `gathered`, others may go with it."""

    id: UUID
    priority: int
    sealed: bytes
    useful_until: datetime
    attempts: int
    wanted: bool
    gathered: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A message that goes in a text, perhaps with others."""

    id: UUID
    sealed: bytes
    useful_until: datetime
    wanted: bool


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in the outbox, for all processes; ages in seconds of the installation's time, 0 where nothing does."""

    waiting: int
    reds: int
    oldest_seconds: float
    oldest_red_seconds: float


async def longest_due(connection: AsyncpgDBClient) -> float:
    """For how many real seconds a message that is due has been taken by no relay; 0 where none is."""
    _, rows = await connection.execute_query(_LONGEST_DUE, [[int(priority) for priority in Priority]])
    return float(rows[0]["seconds"])


class OutboxRows:
    """The rows of the outbox as a relay sees them; each method is one statement and raises what the database raises."""

    def __init__(self, database: Callable[[], AsyncpgDBClient]) -> None:
        """Of the service's login: what is sent is sent for everybody."""
        self._database = database

    async def gather(self, red_seconds: float, other_seconds: float, *, others: bool) -> None:
        """Puts what is due and waits for a text into one, for each person to whom one may go again.

        After it none goes to them for so many seconds; without `others` only what calls to RED alerts is looked at.
        """
        await self._database().execute_query(_GATHER, [others, red_seconds, other_seconds])

    async def claim(self, room: Room) -> list[Claimed]:
        """What is due, as much as there is room for, most urgent first."""
        _, rows = await self._database().execute_query(_CLAIM, [room.reds, room.others, LEASE_SECONDS])
        # RETURNING keeps no order.
        rows = sorted(rows, key=lambda row: (row["priority"], row["created_at"], row["id"]))
        return [
            Claimed(
                row["id"],
                row["priority"],
                row["sealed"],
                row["useful_until"],
                row["attempts"],
                row["wanted"],
                row["gathered"],
            )
            for row in rows
        ]

    async def of_text(self, id: UUID) -> list[Member]:
        """What still waits to go in a text, oldest first; `id` is the text's own message."""
        _, rows = await self._database().execute_query(_OF_A_TEXT, [id])
        return [Member(row["id"], row["sealed"], row["useful_until"], row["wanted"]) for row in rows]

    async def hand_over(self, id: UUID, gateway: str, own: str | None, at: datetime) -> None:
        """A gateway took the message, and all that went in it, and calls it `own`."""
        await self._database().execute_query(_HAND_OVER, [id, gateway, own, at])

    async def give_up(self, id: UUID, state: MessageState, reason: str, at: datetime) -> None:
        """The message, with all that was to go in it, leaves the queue unsent.

        DROPPED, or FAILED where no gateway will ever take it. One that was to go in another's text goes in it no more.
        """
        await self._database().execute_query(_GIVE_UP, [id, state.value, reason, at])

    async def put_off(self, message: Claimed, again: timedelta) -> None:
        """The message stays in the queue and is due again after this time."""
        await self._database().execute_query(_PUT_OFF, [message.id, message.attempts, again])

    async def backlog(self, now: datetime) -> Backlog:
        """How many wait and for how long; `now` is the installation's time."""
        _, rows = await self._database().execute_query(_BACKLOG)
        row = rows[0]
        return Backlog(row["waiting"], row["reds"], _age(row["oldest"], now), _age(row["oldest_red"], now))


def _age(moment: datetime | None, now: datetime) -> float:
    # A demo's clock can be set back.
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
