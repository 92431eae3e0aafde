"""One subscriber of alerts: what it may hear, and a bounded queue of what it has not taken yet."""

import asyncio
from collections.abc import Callable

from access.actor import Actor
from access.authenticate import Place, Unauthenticated
from access.jurisdiction import NOWHERE, Jurisdiction
from access.policy import Action
from access.visible import scope
from alerts.log import LoggedAlert
from models.state import AlertKind

QUEUE_BOUND = 2_000


class SlowSubscriber(Exception):
    """The subscriber did not take its events in time; it may come back with its cursor and loses nothing."""


class OutOfSight(Exception):
    """The actor may see nothing any more of the area that was subscribed to."""


class AreasMoved(Exception):
    """Areas were numbered anew while events waited; the subscriber may come back with its cursor and loses nothing."""


class Listener:
    """Hears the events of an area that its actor may see, now and as long as the actor's session stands."""

    def __init__(self, actor: Actor, area_id: str | None, kinds: frozenset[AlertKind]) -> None:
        """`area_id` is the area subscribed to, None the actor's own. It hears nothing until it was told its place."""
        self.actor = actor
        self.area_id = area_id
        self.where: Jurisdiction = NOWHERE
        self.version = -1
        """The access version of the moment as of which `actor` and `where` hold."""
        self.joined_at = 0
        """The number of the last event before this listener: what comes after is heard, and nothing up to it."""
        self.moved: Callable[[], None] | None = None
        """Called where the actor or the range has become another one, or nothing is to be heard any more."""
        self.kinds = kinds
        # No deque and no asyncio.Event: each takes 600 bytes, of thousands whose queue is nearly always empty.
        self._queue: list[LoggedAlert] = []
        self._waiter: asyncio.Future[None] | None = None
        self._end: Exception | None = None

    def begin(self, position: int) -> None:
        """Hears what comes after this number of the log. Raises what has ended it already."""
        self.check()
        self._queue.clear()
        self.joined_at = position

    def offer(self, event: LoggedAlert) -> None:
        """Queues the event where the actor may see it. Scope is asked here, for every event."""
        if not self.where.covers(event.area_no) or event.alert.kind not in self.kinds:
            return
        if len(self._queue) >= QUEUE_BOUND:
            self._queue.clear()
            self.end(SlowSubscriber())
            return
        self._queue.append(event)
        self._wake()

    def stand(self, version: int, place: Place) -> None:
        """Takes its actor and area as they were at an access version; without an actor it ends."""
        # Two who ask at once may be answered in the other order.
        if version < self.version:
            return
        self.version = version
        before = (self.actor, self.where)
        self._place(place)
        if self.moved is not None and (self._end is not None or before != (self.actor, self.where)):
            self.moved()

    def take(self, actor: Actor, where: Jurisdiction) -> None:
        """Hears a range as an actor whom nobody asks for: others stand for it."""
        self.actor, self.where = actor, where

    @property
    def ended(self) -> Exception | None:
        """What has ended it, or will once what waits was taken."""
        return self._end

    @property
    def behind(self) -> bool:
        """Whether an event waits to be taken."""
        return bool(self._queue)

    def _place(self, place: Place) -> None:
        if place.actor is None:
            self._stop(Unauthenticated())
            return
        before, self.actor = self.actor, place.actor
        self.where = scope(self.actor, Action.SEE_ALERTS).narrow(place.area.lo, place.area.hi)
        if self.where.empty:
            self._stop(OutOfSight())
            return
        # What was queued under an area or a role that the actor has lost is not shown any more.
        kept = [event for event in self._queue if self.where.covers(event.area_no)]
        if len(kept) == len(self._queue):
            return
        if (before.area_id, before.role) == (self.actor.area_id, self.actor.role):
            # The actor has lost nothing: areas have other numbers, and the events in the queue still the old ones.
            self._stop(AreasMoved())
        else:
            self._queue = kept

    def end(self, reason: Exception) -> None:
        """Ends the subscription with this reason, once what is queued was taken."""
        self._end = self._end or reason
        self._wake()

    def check(self) -> None:
        """Raises what has ended it, if anything has: for whoever takes events from elsewhere than the queue."""
        if self._end:
            raise self._end

    async def next(self) -> LoggedAlert:
        """The next event. Raises SlowSubscriber, Unauthenticated, OutOfSight, AreasMoved, or what ended the hub."""
        while not self._queue:
            self.check()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._queue.pop(0)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _stop(self, reason: Exception) -> None:
        self.where = NOWHERE
        self._queue.clear()
        self.end(reason)
