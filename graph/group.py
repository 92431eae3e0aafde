"""Those who get the same: there is one execution, and each of its answers goes to all of them."""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from itertools import islice

import orjson
import structlog

from access.shared_actor import SharedActor
from alerts.hub import Hub
from alerts.member import Member
from alerts.shared_event import SharedEvent
from graph.context import Context
from telemetry.meters import Meters

_AT_ONCE = 250
"""Members that are given an event before others have a turn: some two milliseconds."""

logger = structlog.get_logger(__name__)


Running = Callable[[Context], AsyncGenerator[bytes | None, None]]


def nothing() -> None:
    """What an ended group does when it hears."""


class Group(ABC):
    """Subscribers of one operation who stand alike.

    It ends with its last member, and where its execution does: then its members go on alone, after what they had.
    """

    def __init__(self, context: Context, run: Running, ended: Callable[["Group"], None]) -> None:
        """Nobody's yet. `run` executes the context's operation, and gives the JSON of each answer, None where it must
        not be shown; `ended` is called once."""
        self._context, self._run, self._ended = context, run, ended
        self._hub: Hub = context.runtime.hub
        self._meters: Meters = context.runtime.meters
        self._members: dict[Member, None] = {}
        self._task: asyncio.Task[None] | None = None
        self._busy = False
        self._over = False

    @property
    @abstractmethod
    def number(self) -> int:
        """Of the answer that is given out last, or is being made: each has a greater one than those before."""

    @abstractmethod
    def _mute(self) -> None:
        """Hears nothing more, and lets go what holds it."""

    def _caught_up(self) -> int:
        """Up to which number its members have had everything, though nothing was given to them; 0 of no use."""
        return 0

    def _fault(self) -> Exception | None:
        """With what its members end where it has ended; None where they go on alone."""
        return None

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
        caught_up = self._caught_up()
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
        # What holds each other is let go by hand: groups come and go with those who watch.
        self._mute()
        self._ended(self)
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    async def _give_all(self) -> None:
        try:
            async with contextlib.aclosing(self._run(self._context)) as bodies:
                async for body in bodies:
                    actor = self._context.actor
                    if body is None or (isinstance(actor, SharedActor) and actor.asked):
                        break
                    await self._give(SharedEvent(self.number, self._context.cursor, self._context.written_at, body))
                    if self._over:
                        # The last member left while it was made: nothing would ever be heard any more.
                        break
        except Exception as error:  # Whatever it is: its members go on alone, and meet it for themselves.
            logger.warning("group_failed", error=type(error).__name__)
        finally:
            self._busy = True
            self._end()
            fault = self._fault()
            for member in list(self._members):
                if fault is not None:
                    member.fail(fault)
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
