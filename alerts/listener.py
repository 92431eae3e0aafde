"""One subscriber of alerts: what it may hear, and a bounded queue of what it has not taken yet."""

import asyncio
from collections import deque

from access.actor import Actor
from access.authenticate import Unauthenticated
from access.jurisdiction import Jurisdiction
from access.policy import Action
from access.visible import scope
from alerts.log import LoggedAlert
from models.state import AlertKind

QUEUE_BOUND = 2_000


class SlowSubscriber(Exception):
    """The subscriber did not take its events in time; it may come back with its cursor and loses nothing."""


class Listener:
    """Hears the events of a range of areas that its actor may see, now and as long as the actor's session stands."""

    def __init__(self, actor: Actor, asked: Jurisdiction, kinds: frozenset[AlertKind], joined_at: int) -> None:
        """`asked` is the range subscribed to, `joined_at` the number of the last event before this listener."""
        self.actor = actor
        self.joined_at = joined_at
        self._asked = asked
        self._kinds = kinds
        self._where = self._scope()
        self._queue: deque[LoggedAlert] = deque()
        self._filled = asyncio.Event()
        self._end: Exception | None = None

    def offer(self, event: LoggedAlert) -> None:
        """Queues the event where the actor may see it. Scope is asked here, for every event."""
        if not self._where.covers(event.area_no) or event.alert.kind not in self._kinds:
            return
        if len(self._queue) >= QUEUE_BOUND:
            self._queue.clear()
            self.end(SlowSubscriber())
            return
        self._queue.append(event)
        self._filled.set()

    def renew(self, actor: Actor | None) -> None:
        """Takes the actor as it stands now; None ends the subscription, for its session has ended."""
        if actor is None:
            self._queue.clear()
            self.end(Unauthenticated())
            return
        self.actor = actor
        self._where = self._scope()
        # What was queued under an area or a role that the actor has lost is not shown any more.
        kept = [event for event in self._queue if self._where.covers(event.area_no)]
        if len(kept) != len(self._queue):
            self._queue = deque(kept)

    def end(self, reason: Exception) -> None:
        """Ends the subscription with this reason, once what is queued was taken."""
        self._end = self._end or reason
        self._filled.set()

    async def next(self) -> LoggedAlert:
        """The next event. Raises SlowSubscriber, Unauthenticated, or what ended the hub."""
        while not self._queue:
            if self._end:
                raise self._end
            self._filled.clear()
            await self._filled.wait()
        return self._queue.popleft()

    def _scope(self) -> Jurisdiction:
        return scope(self.actor, Action.SEE_ALERTS).narrow(self._asked.lo, self._asked.hi)
