"""One subscriber among those that get the same: what it is given, and what it has not taken yet."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from alerts.listener import QUEUE_BOUND, SlowSubscriber
from alerts.shared_event import SharedEvent


class Standing(Protocol):
    """Whoever is told how they stand."""

    moved: Callable[[], None] | None
    """Called where they stand otherwise than before, or no more."""


class Sink(Protocol):
    """The client's side of a subscription."""

    def now(self, event: SharedEvent) -> bool:
        """Hands the event over at once; False where the client is not ready, or cannot be reached in this way."""

    async def send(self, event: SharedEvent) -> None:
        """Hands it over as soon as the client takes it. Never returns for one that is gone: whoever reads it ends."""


class Member:
    """A listener's place in a group, from the moment at which it has caught up until it stands otherwise.

    Its own task waits in `stay`. The group gives it each event, and what the client does not take at once waits in a
    bounded queue for that task. Where its listener is told another actor or range, or that its session has ended, it
    is given nothing more, at once: it goes on alone after the last event it has had.
    """

    def __init__(
        self, listener: Standing, sink: Sink, after: int, noted: Callable[[int], None], *, latest: bool = False
    ) -> None:
        """Begins after a number. `noted` is told the number of each event before it is handed over.

        With `latest` each event stands for all before it: only the newest waits for the client.
        """
        self.last = after
        """The number up to which it has everything that is its."""
        self._listener, self._sink, self._noted, self._latest = listener, sink, noted, latest
        # No deque and no asyncio.Event: each takes 600 bytes, of thousands for whom nearly never anything waits.
        self._behind: list[SharedEvent] = []
        self._waiter: asyncio.Future[None] | None = None
        self._gone = False
        self._fault: Exception | None = None
        self._leave: Callable[[Member], int] = lambda member: member.last
        self._handed: Callable[[SharedEvent], None] = lambda event: None

    def begin(self, leave: Callable[["Member"], int], handed: Callable[[SharedEvent], None]) -> None:
        """Joins a group: `leave` is to be called once, and says up to where it has had everything; `handed` is told of
        each event that has waited and was handed over."""
        self._leave, self._handed = leave, handed
        self._listener.moved = self.go

    @property
    def behind(self) -> int:
        """How many events wait for the client."""
        return len(self._behind)

    def give(self, event: SharedEvent) -> bool:
        """Whether the event was handed over at once. What it has had already is not given again."""
        if self._gone or event.seq <= self.last:
            return False
        if not self._behind and self._sink.now(event):
            self._noted(event.seq)
            self.last = event.seq
            return True
        if self._latest:
            # The first may be on its way already.
            del self._behind[1:]
        elif len(self._behind) >= QUEUE_BOUND:
            self.fail(SlowSubscriber())
            return False
        self._behind.append(event)
        self._wake()
        return False

    def fail(self, fault: Exception) -> None:
        """Leaves the group, and ends its subscription with this."""
        self._fault = fault
        self.go()

    def go(self) -> None:
        """Leaves the group at once; what still waits is not handed over, and read anew by whoever may see it then."""
        if self._gone:
            return
        self._gone = True
        self._listener.moved = None
        caught_up = self._leave(self)
        if not self._behind:
            self.last = max(self.last, caught_up)
        self._behind.clear()
        self._wake()

    async def stay(self) -> int:
        """Returns the number to go on after, once it is no member any more. Raises SlowSubscriber."""
        try:
            while not self._gone:
                if not self._behind:
                    await self._woken()
                while self._behind:
                    event = self._behind[0]
                    self._noted(event.seq)
                    await self._sink.send(event)
                    self.last = max(self.last, event.seq)
                    self._handed(event)
                    if self._behind:
                        self._behind.pop(0)
        finally:
            self.go()
        if self._fault:
            raise self._fault
        return self.last

    async def _woken(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
