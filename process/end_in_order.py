"""Being told to end: first readiness says so, then the streams end, and only then the server."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import structlog

from services.ending import Ending

STREAMS_SECONDS = 3.0
"""How long what is on its way over sockets and streams of events has to arrive."""

logger = structlog.get_logger(__name__)


@contextmanager
def end_in_order(ending: Ending, notice_seconds: float) -> Iterator[None]:
    """Hears SIGTERM and SIGINT before the server does, and hands them on when the streams have ended.

    After SIGTERM everything is served for `notice_seconds` more, so that a balancer which asks `/health/ready` has seen
    it; a second signal, or SIGINT, cuts that short. Outside the main thread, where no signal arrives, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hurry = asyncio.Event()
    loop = asyncio.get_running_loop()
    servers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    tasks: list[asyncio.Task[None]] = []

    def told(number: int, _: FrameType | None) -> None:
        loop.call_soon_threadsafe(begin, number)

    def begin(number: int) -> None:
        if number == signal.SIGINT or tasks:
            hurry.set()
        if not tasks:
            tasks.append(loop.create_task(end(number), name="end-in-order"))

    async def end(number: int) -> None:
        ending.begin()
        logger.info("ending", notice_seconds=0 if hurry.is_set() else notice_seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(notice_seconds):
                await hurry.wait()
        await ending.end_streams(STREAMS_SECONDS)
        server = servers[signal.Signals(number)]
        if callable(server):
            server(number, None)

    for number in servers:
        signal.signal(number, told)
    try:
        yield
    finally:
        for number, server in servers.items():
            signal.signal(number, server)
        for task in tasks:
            task.cancel()
