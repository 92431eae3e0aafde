"""The hub of a process: reads the log once, and puts each event to every listener that may hear it."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.at_once import AtOnce
from access.authenticate import Asked, access_version, places
from access.jurisdiction import Jurisdiction
from access.policy import Action
from alerts import log, presence
from alerts.count_watch import CountWatch, CountWatcher
from alerts.listener import Listener
from alerts.waker import Waker
from models.state import AlertKind

LOOK_SECONDS = 1.0
STANDING_SECONDS = 5.0
_BATCH = 500
_ASKED = 250

logger = structlog.get_logger(__name__)


class HubClosed(Exception):
    """The process is ending; the subscriber comes back to another one with its cursor."""


class Hub:
    """One upstream for all subscribers of a process.

    It reads the log when it is woken, and every second whatever the broker does: the signal is a hint, the row is the
    truth. `database` gives the connection to read with, `now` the installation's time.

    With each batch comes the installation's access version of the same moment. Where it has grown, everybody is asked
    for before anybody is offered anything: an event that was written after somebody had lost something is never theirs.
    """

    def __init__(
        self, broadcast_url: str, database: Callable[[], AsyncpgDBClient], now: Callable[[], datetime]
    ) -> None:
        """Does nothing until `start`."""
        self.process: UUID = uuid4()
        self.position = 0
        self.lag_seconds = 0.0
        self._database = database
        self._now = now
        self._woken = asyncio.Event()
        self._moved = asyncio.Event()
        # Everybody who has subscribed is asked for; offered events are those who do not hear them from a group, and
        # the groups themselves.
        self._listeners: set[Listener] = set()
        self._hearing: set[Listener] = set()
        self._counts = CountWatch()
        self._waker = Waker(broadcast_url, self._woken.set)
        self._version = -1
        self._tasks: list[asyncio.Task[None]] = []
        self._joining: AtOnce[Listener, None] = AtOnce(self._ask_for)

    @property
    def listeners(self) -> int:
        """How many alert subscriptions are open in this process."""
        return len(self._listeners)

    @property
    def watchers(self) -> int:
        """How many subscriptions of figures are open in this process."""
        return len(self._counts.watchers)

    @property
    def deaf(self) -> bool:
        """Whether the broker has gone silent; delivery then takes up to a second instead of milliseconds."""
        return self._waker.deaf

    async def start(self) -> None:
        """Begins at the log's present end. Raises what the database raises where it cannot be reached."""
        self.position = await log.position(self._database())
        self._waker.start()
        self._tasks = [
            asyncio.create_task(self._follow_log(), name="hub-log"),
            asyncio.create_task(self._every(LOOK_SECONDS, self._look_at_counts), name="hub-counts"),
            asyncio.create_task(self._every(STANDING_SECONDS, self.check_standing), name="hub-standing"),
        ]

    async def stop(self) -> None:
        """Ends every subscription and task; clients come back elsewhere with their cursors."""
        for listener in self._listeners | self._hearing:
            listener.end(HubClosed())
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._waker.stop()
        with contextlib.suppress(
            Exception
        ):  # The database may be gone already; the rows then grow stale by themselves.
            await presence.leave(self._database(), self.process)

    def wake(self) -> None:
        """To be called after a commit that may have written to the log: this process looks at once, others soon."""
        self._woken.set()
        self._waker.publish()

    def begin_anew(self) -> None:
        """Forgets what was read: for a test that has emptied the log and the counters under this hub."""
        self.position = 0
        self._counts.forget()

    async def caught_up(self, position: int) -> None:
        """Returns when this process has read the log up to a position, and its listeners have what they may hear."""
        while self.position < position:
            self._woken.set()
            await self._moved.wait()

    @asynccontextmanager
    async def listen(self, actor: Actor, area_id: str | None, kinds: frozenset[AlertKind]) -> AsyncIterator[Listener]:
        """Joins the live events of an area; None is the actor's own, whichever that is.

        Join first, then replay the log up to the listener's `joined_at`: so nothing falls in between. Raises
        Unauthenticated or OutOfSight where the actor does not stand as they did when they asked.
        """
        listener = Listener(actor, area_id, kinds)
        # First among those who are asked for, then asked for: whatever changes from here on, the hub tells it.
        self._listeners.add(listener)
        self._hearing.add(listener)
        try:
            await self._joining.ask(listener, patient=True)
            listener.begin(self.position)
            yield listener
        finally:
            self._listeners.discard(listener)
            self._hearing.discard(listener)

    def hear(self, listener: Listener) -> None:
        """Offers a listener each event from here on. Raises what has ended it."""
        listener.begin(self.position)
        self._hearing.add(listener)

    def mute(self, listener: Listener) -> None:
        """Offers it nothing more; where it has subscribed it is still asked for."""
        self._hearing.discard(listener)

    @asynccontextmanager
    async def watch_counts(
        self, actor: Actor, area_id: str | None, where: Jurisdiction, action: Action = Action.SEE_SUMMARY
    ) -> AsyncIterator[CountWatcher]:
        """Notices when a figure within a range changes, or who watches it; at most once a second.

        With the action of seeing cases also when something was done to one.
        """
        watcher = CountWatcher(actor, area_id, where, action)
        self._counts.watchers.add(watcher)
        self._counts.hearing.add(watcher)
        try:
            yield watcher
        finally:
            self._counts.watchers.discard(watcher)
            self._counts.hearing.discard(watcher)

    def hear_counts(self, watcher: CountWatcher) -> None:
        """Tells a watcher of changes from here on."""
        self._counts.hearing.add(watcher)

    def mute_counts(self, watcher: CountWatcher) -> None:
        """Tells it of none any more; where it has subscribed it is still asked for."""
        self._counts.hearing.discard(watcher)

    async def still_stand(self) -> None:
        """Returns when everybody who watches figures knows how they stand now, or a moment ago.

        What was taken from somebody before this was called they have lost when it returns.
        """
        if await access_version(self._database()) != self._version:
            await self.ask((), self._counts.watchers)

    async def _follow_log(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with a wake-up.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
            self._woken.clear()
            started = loop.time()
            try:
                while await self._read_batch() == _BATCH:
                    pass
                self.lag_seconds = loop.time() - started
            except asyncio.CancelledError:
                raise
            except Exception as error:  # Whatever the database's fault, the next look goes on from the same number.
                self.lag_seconds += LOOK_SECONDS
                logger.warning("log_not_read", error=type(error).__name__, position=self.position)
                # A database that is away refuses at once: without a pause this loop would take the core.
                await asyncio.sleep(LOOK_SECONDS / 4)

    async def _read_batch(self) -> int:
        looked = await log.look(self._database(), self.position, limit=_BATCH)
        while looked.version != self._version:
            # Then once more, for areas and the rows that carry their numbers must be of the same moment.
            self._version = await self.ask(self._listeners, self._counts.watchers) or looked.version
            looked = await log.look(self._database(), self.position, limit=_BATCH)
        events = looked.events
        # No await from here on: a listener that joins sees either the whole batch or a later `joined_at`.
        for event in events:
            for listener in self._hearing:
                listener.offer(event)
            self.position = event.seq
        self._moved.set()
        self._moved = asyncio.Event()
        return len(events)

    async def _look_at_counts(self) -> None:
        await self._counts.look(self._database(), self._now())

    async def ask(self, listeners: Collection[Listener], watchers: Collection[CountWatcher] = ()) -> int:
        """Tells each where it stands now, in one statement; the access version as of which that holds, 0 of nobody."""
        # The same before and after: one that joins while the database is asked is not in its answer.
        hearing, watching = list(listeners), list(watchers)
        asked = [Asked(one.actor, one.area_id) for one in hearing]
        asked += [Asked(one.actor, one.area_id) for one in watching]
        if not asked:
            return 0
        version, found = await places(asked, self._database())
        for listener, place in zip(hearing, found, strict=False):
            listener.stand(version, place)
        for watcher, place in zip(watching, found[len(hearing) :], strict=True):
            watcher.stand(place)
        return version

    async def _ask_for(self, joining: list[Listener]) -> list[None]:
        await self.ask(joining)
        return [None] * len(joining)

    async def check_standing(self) -> None:
        """Ends the subscriptions whose session or token has ended by itself, and says which stations are connected."""
        # In parts: ten thousand at once would hold up for a tenth of a second and more whatever else is to be done.
        listeners, watchers = list(self._listeners), list(self._counts.watchers)
        for begin in range(0, len(listeners), _ASKED):
            await self.ask(listeners[begin : begin + _ASKED])
        for begin in range(0, len(watchers), _ASKED):
            await self.ask((), watchers[begin : begin + _ASKED])
        stations = Counter(
            listener.actor.station_id for listener in self._listeners if listener.actor.station_id is not None
        )
        await presence.report(self._database(), self.process, stations)

    async def _every(self, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await look()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # The database may be down for a while; the next look finds it again.
                logger.warning("look_failed", error=type(error).__name__)
            await asyncio.sleep(seconds)  # The interval itself: nothing tells us earlier.
