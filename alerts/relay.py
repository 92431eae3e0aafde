"""The relay: takes messages out of the outbox and hands each to a gateway, at least once."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import Sealer, UnsealError
from alerts.backoff import wait
from alerts.gateway import GatewayFault, MessageRefused, Text
from alerts.gateways import AllResting, Gateways
from alerts.gathering import OTHER_SECONDS, RED_SECONDS, one_text
from alerts.lanes import Room, room
from alerts.mail import Mail, is_mail, mail_of
from alerts.outbox import Priority, place
from alerts.outbox_rows import LEASE_SECONDS, Backlog, Claimed, Member, OutboxRows
from alerts.wording import Wording
from models.state import MessageState

TOO_LATE = "TOO_LATE"
"""Why a message was dropped: nobody could have used it any more."""

NOT_WANTED = "NOT_WANTED"
"""Why a message was dropped: what it tells of is over; an alert was acknowledged, for instance."""

_LOOK_SECONDS = 1.0
_STOP_SECONDS = 3.0

# What a process needs beside its gateways' time to write down what came of a message, before another may claim it.
_TO_WRITE_SECONDS = 4.0

logger = structlog.get_logger(__name__)


class Relay:
    """One a process. It looks when it is woken and every second; several may be at work on one outbox.

    A message goes out at least once: a process that dies after the gateway has taken it and before that was written
    down leaves it to be sent again, under the same id. A gateway's failure is never final; only time is, and what a
    gateway says against one message. Several are on their way at once, and lanes are kept for calls to RED alerts, so
    that these never wait behind a gateway that hangs with other messages.
    """

    def __init__(
        self,
        database: Callable[[], AsyncpgDBClient],
        sealer: Sealer,
        gateways: Gateways,
        now: Callable[[], datetime],
        draw: Callable[[], float] = random.random,
        wording: Wording | None = None,
        mail: Gateways | None = None,
    ) -> None:
        """Does nothing until `start`. `now` is the installation's time, `draw` the jitter of waits from 0 to 1.

        `wording` is how several messages are put that become one text; `mail` takes what goes to an e-mail address.

        Raises ValueError where the gateways may take longer than a claimed message is left to its process.
        """
        longest = max(gateways.longest, mail.longest if mail else 0.0)
        if longest + _TO_WRITE_SECONDS > LEASE_SECONDS:
            raise ValueError("the gateways' time limits together are longer than a message's lease")
        self._rows = OutboxRows(database)
        self._sealer = sealer
        self._gateways = gateways
        self._mail = mail or Gateways([])
        self._now = now
        self._draw = draw
        self._wording = wording or Wording()
        self._woken = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._on_their_way: dict[asyncio.Task[None], int] = {}
        self._looked_at = time.monotonic()

    @property
    def late_seconds(self) -> float:
        """How long ago, in real seconds, it last saw the outbox; after more than a few nothing is sent from here."""
        return time.monotonic() - self._looked_at

    @property
    def in_flight(self) -> int:
        """How many messages are on their way from this process."""
        return len(self._on_their_way)

    @property
    def resting(self) -> list[str]:
        """The gateways that have failed and not recovered yet, by name."""
        return self._gateways.resting

    @property
    def gateways(self) -> list[str]:
        """The gateways, by name and in their order."""
        return self._gateways.names

    async def backlog(self) -> Backlog:
        """What waits in the outbox of all processes. Raises what the database raises."""
        return await self._rows.backlog(self._now())

    def start(self) -> None:
        """Begins to look."""
        self._looked_at = time.monotonic()
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Takes nothing more, ends what is on its way or leaves it to its lease, and closes the gateways."""
        self._stopping = True
        self._woken.set()
        if self._task is not None:
            # Not cancelled at once: what a claim has just taken would wait for the lease.
            await asyncio.wait({self._task}, timeout=_STOP_SECONDS)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if self._on_their_way:
            await asyncio.wait(self._on_their_way, timeout=_STOP_SECONDS)
        for task in list(self._on_their_way):
            task.cancel()
        await asyncio.gather(*self._on_their_way, return_exceptions=True)
        await self._gateways.close()
        await self._mail.close()

    def wake(self) -> None:
        """To be called after a commit that has written a message; relays of other processes look within a second."""
        self._woken.set()

    async def send_due(self) -> int:
        """Claims once what is due and there is room for, and returns when all of it is settled or put off; how many.

        Raises what the database raises where it cannot be reached: what was claimed then is due again after the lease.
        """
        begun = await self._begin()
        for found in await asyncio.gather(*begun, return_exceptions=True):
            if isinstance(found, BaseException):
                raise found
        return len(begun)

    async def _run(self) -> None:
        while not self._stopping:
            # Cleared before the look: who wakes during it is not forgotten.
            self._woken.clear()
            try:
                while await self._begin():
                    pass
            except Exception as error:  # The database may be away for a while; the next look finds it again.
                logger.warning("outbox_not_read", error=type(error).__name__)
            # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with a wake-up.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._woken.wait()

    async def _begin(self) -> list[asyncio.Task[None]]:
        """Puts on their way as many of those due as there is room for; their tasks."""
        free = self._room()
        if not free.reds:
            # Every lane is taken, or every gateway rests: nothing is late but what the gateways owe.
            self._looked_at = time.monotonic()
            return []
        await self._rows.gather(RED_SECONDS, OTHER_SECONDS, others=free.others > 0)
        claimed = await self._rows.claim(free)
        self._looked_at = time.monotonic()
        return [self._put_on_its_way(message) for message in claimed]

    def _room(self) -> Room:
        if self._stopping:
            return Room(0, 0)
        reds = sum(priority <= Priority.RED for priority in self._on_their_way.values())
        return room(reds, self.in_flight - reds, self._gateways.room())

    def _put_on_its_way(self, message: Claimed) -> asyncio.Task[None]:
        task = asyncio.create_task(self._deliver(message), name=f"message {message.id}")
        self._on_their_way[task] = message.priority
        task.add_done_callback(self._arrived)
        return task

    def _arrived(self, task: asyncio.Task[None]) -> None:
        del self._on_their_way[task]
        # Its lane is free, and something may be waiting for one.
        self._woken.set()
        if not task.cancelled() and (error := task.exception()):
            logger.warning("message_not_written_down", message=task.get_name(), error=type(error).__name__)

    async def _deliver(self, message: Claimed) -> None:
        own = Member(message.id, message.sealed, message.useful_until, message.wanted)
        members = await self._rows.of_text(message.id) if message.gathered else [own]
        gone = {member.id: reason for member in members if (reason := self._over(member))}
        if len(gone) == len(members):
            await self._drop(message, gone.get(message.id, NOT_WANTED))
            return
        # The text's own message stays as long as one goes in it: whatever becomes of the text is written beside it.
        for id in gone.keys() - {message.id}:
            await self._rows.give_up(id, MessageState.DROPPED, gone[id], self._now())
        await self._send(message, [member for member in members if member.id not in gone])

    def _over(self, member: Member) -> str | None:
        if member.useful_until <= self._now():
            return TOO_LATE
        return None if member.wanted else NOT_WANTED

    async def _send(self, message: Claimed, members: list[Member]) -> None:
        try:
            text = self._text(message, members)
            taken = await (self._mail if isinstance(text, Mail) else self._gateways).send(text)
        except MessageRefused as refusal:
            await self._rows.give_up(message.id, MessageState.FAILED, refusal.code, self._now())
            logger.warning("message_refused", message=str(message.id), reason=refusal.code, attempts=message.attempts)
        except Exception as error:  # Whatever the gateways' fault, or a key that is missing: it may be put right.
            await self._put_off(message, error)
        else:
            await self._rows.hand_over(message.id, taken.gateway, taken.own, self._now())

    def _text(self, message: Claimed, members: list[Member]) -> Text:
        opened = []
        for member in members:
            try:
                opened.append(self._sealer.open(place(member.id), member.sealed))
            except UnsealError:
                # One that does not open is no reason to keep the others from somebody who waits for them. It counts.
                if not opened and member is members[-1]:
                    raise
        to, body = one_text(self._wording, opened, len(members))
        text = Text(message.id, to, body, message.priority)
        return mail_of(text, opened[-1]) if is_mail(opened[-1]) else text

    async def _drop(self, message: Claimed, reason: str) -> None:
        await self._rows.give_up(message.id, MessageState.DROPPED, reason, self._now())
        logger.info("message_dropped", message=str(message.id), reason=reason, attempts=message.attempts)

    async def _put_off(self, message: Claimed, error: Exception) -> None:
        # A gateway that nobody could ask says nothing of the message: that one waits as if for the first time.
        attempts = 1 if isinstance(error, AllResting) else message.attempts
        again = wait(attempts, self._draw(), message.priority)
        await self._rows.put_off(message, again)
        logger.warning(
            "message_put_off",
            message=str(message.id),
            # The kind of error and no more: its text may quote the recipient.
            error=error.code if isinstance(error, GatewayFault) else type(error).__name__,
            attempts=message.attempts,
            again_in=round(again / timedelta(seconds=1), 1),
        )
