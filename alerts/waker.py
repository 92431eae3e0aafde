"""Wake-ups between processes, carried by Broadcaster. They hold no data: the log in the database is the truth."""

import asyncio
import contextlib
from collections.abc import Callable
from uuid import uuid4

import structlog
from broadcaster import Broadcast
from broadcaster._base import Subscriber

CHANNEL = "khaibao"
HEARTBEAT_SECONDS = 3.0
DEAF_AFTER_SECONDS = 10.0
_MINIMUM_SPACING_SECONDS = 0.005

log = structlog.get_logger(__name__)


class Waker:
    """One Broadcast a process, one channel, subscribed once, and one publisher that sends one message after another.

    Broadcaster's backends lose messages or hang where these rules are broken: publishes at once fail on PostgreSQL,
    first subscribers at the same moment are lost, and a cut connection is never noticed. So a heartbeat listens for
    itself and opens everything anew when it has gone deaf; whoever waits looks at the log each second in any case.
    """

    def __init__(
        self,
        url: str,
        woken: Callable[[], None],
        *,
        heartbeat: float = HEARTBEAT_SECONDS,
        deaf_after: float = DEAF_AFTER_SECONDS,
    ) -> None:
        """`url` is memory://, postgres://... or redis://...; `woken` is called for every wake-up that arrives.

        A heartbeat goes out after so many seconds of silence, and nothing heard for `deaf_after` reopens everything.
        """
        self._heartbeat = heartbeat
        self._deaf_after = deaf_after
        self._url = url
        self._woken = woken
        self._process = uuid4().hex
        self._wanted = asyncio.Event()
        self._heard_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def deaf(self) -> bool:
        """Whether no message, not even our own heartbeat, has come for too long."""
        return asyncio.get_running_loop().time() - self._heard_at > self._deaf_after

    def start(self) -> None:
        """Begins to listen and to publish."""
        self._heard_at = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._run(), name="waker")

    async def stop(self) -> None:
        """Ends both."""
        self._stopping.set()
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def publish(self) -> None:
        """Wakes the other processes soon; many calls before the next message make one message."""
        self._wanted.set()

    async def _run(self) -> None:
        wait = 0.2
        # A cancellation is lost where a task of the group fails in the same moment: so the end is written down too.
        while not self._stopping.is_set():
            try:
                await self._carry()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # Any backend's any fault: reopen, for the log is read without us meanwhile.
                if self._stopping.is_set():
                    return
                log.warning("broker_lost", error=type(error).__name__)
            # Longer each time, so that a broker that is down is not stormed by every process.
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5.0)
            if not self.deaf:
                wait = 0.2

    async def _carry(self) -> None:
        broadcast = Broadcast(self._url)
        # asyncio.timeout throughout, for wait_for in Python 3.11 may swallow a cancellation.
        async with asyncio.timeout(self._deaf_after):
            await broadcast.connect()
        try:
            async with broadcast.subscribe(CHANNEL) as subscriber:
                self._heard_at = asyncio.get_running_loop().time()
                # What was written while nobody listened is in the log: look once as soon as we can hear.
                self._woken()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._hear(subscriber))
                    tasks.create_task(self._speak(broadcast))
                    tasks.create_task(self._notice_deafness())
        finally:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await broadcast.disconnect()

    async def _hear(self, subscriber: Subscriber) -> None:
        loop = asyncio.get_running_loop()
        while True:
            event = await subscriber.get()
            self._heard_at = loop.time()
            sender, _, kind = event.message.partition(":")
            if kind == "wake" and sender != self._process:
                self._woken()

    async def _speak(self, broadcast: Broadcast) -> None:
        while True:
            try:
                async with asyncio.timeout(self._heartbeat):
                    await self._wanted.wait()
                kind = "wake"
                self._wanted.clear()
            except TimeoutError:
                kind = "beat"
            async with asyncio.timeout(self._deaf_after):
                await broadcast.publish(CHANNEL, f"{self._process}:{kind}")
            # Wake-ups closer together than this tell nobody anything new.
            await asyncio.sleep(_MINIMUM_SPACING_SECONDS)

    async def _notice_deafness(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat)  # The interval itself: silence is what this listens for.
            if self.deaf:
                raise ConnectionError("the broker's connection has gone deaf")
