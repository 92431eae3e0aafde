"""Those who get the same: one execution hears the log, and each answer goes to all of them."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from itertools import islice

import orjson
import structlog

from access.shared_actor import SharedActor
from alerts.hub import Hub
from alerts.listener import Listener, SlowSubscriber
from alerts.log import LoggedAlert
from alerts.member import Member
from alerts.shared_event import SharedEvent
from graph.context import Context
from services.watch_alerts import AlertEventView, follow_alerts
from telemetry.meters import Meters

_AT_ONCE = 250
"""Members that are given an event before others have a turn: some two milliseconds."""

logger = structlog.get_logger(__name__)


class _Ears(Listener):
    """Hears for the group; nobody asks for its actor, for its members are asked for."""

    heard: Callable[[], None]

    def offer(self, event: LoggedAlert) -> None:
        super().offer(event)
        self.heard()

    def end(self, reason: Exception) -> None:
        super().end(reason)
        self.heard()


def _nothing() -> None:
    """What an ended group does when it hears."""


class Group:
    """Subscribers of one operation who stand alike. It costs a task and an execution from its first event on.

    It ends with its last member, and where its execution does: then its members go on alone, after what they had.
    """

    def __init__(
        self,
        context: Context,
        first: Listener,
        run: Callable[[Context], AsyncGenerator[bytes | None, None]],
        ended: Callable[["Group"], None],
    ) -> None:
        """Of whoever stands as `first` does. `run` executes the context's operation, and gives the JSON of each answer,
        None where it must not be shown; `ended` is called once."""
        self._context, self._run, self._ended = context, run, ended
        self._hub: Hub = context.runtime.hub
        self._meters: Meters = context.runtime.meters
        self._members: dict[Member, None] = {}
        self._ears = _Ears(context.actor, None, first.kinds)
        self._ears.take(context.actor, first.where)
        self._ears.heard = self._begin
        self._task: asyncio.Task[None] | None = None
        self._busy = False
        self._over = False
        self._seq = 0
        context.events = self._events
        self._hub.hear(self._ears)

    def __len__(self) -> int:
        """How many members it has."""
        return len(self._members)

    def join(self, member: Member) -> None:
        """Gives the member what comes after the number that it has."""
        member.begin(self._leave, self._handed)
        self._members[member] = None

    def _leave(self, member: Member) -> int:
        """Up to where the member has had everything that is its."""
        self._members.pop(member, None)
        idle = not (self._busy or self._ears.behind or self._ears.ended)
        caught_up = self._hub.position if idle else 0
        if not self._members:
            self._end()
        return caught_up

    def _begin(self) -> None:
        if self._task is None and not self._over:
            self._task = asyncio.create_task(self._give_all(), name="group")

    def _end(self) -> None:
        if self._over:
            return
        self._over = True
        self._hub.mute(self._ears)
        self._ended(self)
        # What holds each other is let go by hand: groups come and go with those who watch.
        self._ears.heard = _nothing
        self._context.events = None
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    async def _events(self) -> AsyncGenerator[AlertEventView, None]:
        """What the operation's resolver yields, in the place of what a single subscriber hears."""
        async with contextlib.aclosing(follow_alerts(self._ears)) as events:
            async for event in events:
                self._seq = event.logged.seq
                self._busy = True
                yield event
                self._busy = False

    async def _give_all(self) -> None:
        try:
            async with contextlib.aclosing(self._run(self._context)) as bodies:
                async for body in bodies:
                    actor = self._context.actor
                    if body is None or (isinstance(actor, SharedActor) and actor.asked):
                        break
                    await self._give(SharedEvent(self._seq, self._context.cursor, self._context.written_at, body))
        except Exception as error:  # Whatever it is: its members go on alone, and meet it for themselves.
            logger.warning("group_failed", error=type(error).__name__)
        finally:
            self._busy = True
            self._end()
            slow = isinstance(self._ears.ended, SlowSubscriber)
            for member in list(self._members):
                if slow:
                    # More waits than this process can give out, as it would for each of them.
                    member.fail(SlowSubscriber())
                else:
                    member.go()

    async def _give(self, event: SharedEvent) -> None:
        """To all, a part of them at a time: whoever comes or goes meanwhile has this event in another way, or never."""
        waiting = iter(list(self._members))
        while part := list(islice(waiting, _AT_ONCE)):
            handed = 0
            for member in part:
                handed += member.give(event)
            self._delivered(event, handed)
            if len(part) == _AT_ONCE:
                # Others have their turn between the parts of a large group.
                await asyncio.sleep(0)

    def _handed(self, event: SharedEvent) -> None:
        self._delivered(event, 1)

    def _delivered(self, event: SharedEvent, times: int) -> None:
        if event.written_at is not None and times:
            late = (self._context.runtime.clock.unmoved() - event.written_at).total_seconds()
            self._meters.delivered(late, times)


def body_of(payload: dict[str, object]) -> bytes:
    """An answer's JSON."""
    return orjson.dumps(payload, default=str)
