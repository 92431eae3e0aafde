"""The relay: takes messages out of the outbox and hands each to a gateway, at least once."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import Sealer
from alerts.backoff import wait
from alerts.gateway import Gateway, Text
from alerts.outbox import place
from models.state import MessageState

LEASE_SECONDS = 30.0
"""How long a claimed message is left to the process that claimed it; longer than it may take to send it."""

TOO_LATE = "TOO_LATE"
"""Why a message was dropped: nobody could have used it any more."""

_LOOK_SECONDS = 1.0
_SEND_SECONDS = 10.0
_AT_ONCE = 8
_STOP_SECONDS = 3.0

# The claim is a moment that is pushed ahead, not a transaction that stays open: a process killed with -9 while a
# gateway thinks leaves nothing locked, and its messages are due again when the lease is over. The database's own time,
# because a lease is real seconds, also where a demo has moved the clock. SKIP LOCKED: no relay waits for another.
_CLAIM = """
WITH due AS (
  SELECT id FROM outbox_message WHERE state = 'QUEUED' AND not_before <= clock_timestamp()
  ORDER BY priority, not_before LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE outbox_message m
SET not_before = clock_timestamp() + make_interval(secs => $2), attempts = m.attempts + 1
FROM due WHERE m.id = due.id
RETURNING m.id, m.priority, m.created_at, m.sealed, m.useful_until, m.attempts
"""

# What is settled needs neither recipient nor text any more. `state` is asked for again, because a process that slept
# through its lease comes back to a message that another has settled.
_SETTLE = """
UPDATE outbox_message SET state = $2, reason = $3, gateway = $4, settled_at = $5, sealed = ''
WHERE id = $1 AND state = 'QUEUED'
"""

_PUT_OFF = """
UPDATE outbox_message SET not_before = clock_timestamp() + $2::interval WHERE id = $1 AND state = 'QUEUED'
"""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A message that this process has to itself until the lease is over."""

    id: UUID
    sealed: bytes
    useful_until: datetime
    attempts: int


class Relay:
    """One a process. It looks when it is woken and every second; several may be at work on one outbox.

    A message goes out at least once: a process that dies after the gateway has taken it and before that was written
    down leaves it to be sent again, under the same id. A gateway's failure is never final; only time is.
    """

    def __init__(
        self,
        database: Callable[[], AsyncpgDBClient],
        sealer: Sealer,
        gateway: Gateway,
        now: Callable[[], datetime],
        draw: Callable[[], float] = random.random,
    ) -> None:
        """Does nothing until `start`. `now` is the installation's time, `draw` the jitter of waits from 0 to 1."""
        self._database = database
        self._sealer = sealer
        self._gateway = gateway
        self._now = now
        self._draw = draw
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to look."""
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Ends after what is being sent at the moment, or without it where the gateway takes too long."""
        if self._task is None:
            return
        self._stopping.set()
        self._woken.set()
        await asyncio.wait({self._task}, timeout=_STOP_SECONDS)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    def wake(self) -> None:
        """To be called after a commit that has written a message; relays of other processes look within a second."""
        self._woken.set()

    async def send_due(self) -> int:
        """Claims what is due, most urgent first, and sends it all at once; how many were claimed.

        A few at a time, so that what is more urgent and comes meanwhile waits for those few at most. Raises what the
        database raises where it cannot be reached: what was claimed then is due again after the lease.
        """
        claimed = await self._claim()
        found = await asyncio.gather(*(self._deliver(message) for message in claimed), return_exceptions=True)
        for fault in found:
            if isinstance(fault, BaseException):
                raise fault
        return len(claimed)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with a wake-up.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._woken.wait()
            self._woken.clear()
            try:
                while not self._stopping.is_set() and await self.send_due():
                    pass
            except asyncio.CancelledError:
                raise
            except Exception as error:  # The database may be away for a while; the next look finds it again.
                logger.warning("outbox_not_read", error=type(error).__name__)

    async def _claim(self) -> list[_Claimed]:
        _, rows = await self._database().execute_query(_CLAIM, [_AT_ONCE, LEASE_SECONDS])
        # RETURNING keeps no order.
        rows = sorted(rows, key=lambda row: (row["priority"], row["created_at"], row["id"]))
        return [_Claimed(row["id"], row["sealed"], row["useful_until"], row["attempts"]) for row in rows]

    async def _deliver(self, message: _Claimed) -> None:
        if message.useful_until <= self._now():
            await self._settle(message, MessageState.DROPPED, reason=TOO_LATE)
            logger.info("message_dropped", message=str(message.id), reason=TOO_LATE, attempts=message.attempts)
            return
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                await self._gateway.send(self._text(message))
        except Exception as error:  # Whatever the gateway's fault, or a key that is missing: it may be put right.
            again = wait(message.attempts, self._draw())
            await self._database().execute_query(_PUT_OFF, [message.id, again])
            # The kind of error and no more: its text may quote the recipient.
            logger.warning(
                "message_put_off",
                message=str(message.id),
                gateway=self._gateway.name,
                error=type(error).__name__,
                attempts=message.attempts,
                again_in=round(again / timedelta(seconds=1), 1),
            )
            return
        await self._settle(message, MessageState.HANDED_OVER, gateway=self._gateway.name)

    def _text(self, message: _Claimed) -> Text:
        opened = self._sealer.open(place(message.id), message.sealed)
        return Text(message.id, str(opened["to"]), str(opened["body"]))

    async def _settle(
        self, message: _Claimed, state: MessageState, *, reason: str | None = None, gateway: str | None = None
    ) -> None:
        await self._database().execute_query(_SETTLE, [message.id, state.value, reason, gateway, self._now()])
