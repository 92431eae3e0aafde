"""Wake-ups between processes over PostgreSQL, also after the broker's connection was cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest

from alerts.waker import Waker
from models.database import DatabaseUrls
from models.migrate import plain


class Ear:
    """Counts the wake-ups that arrive."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()

    def __call__(self) -> None:
        self.heard.set()

    async def hears(self) -> None:
        """Returns at the next wake-up, and fails after ten seconds of silence."""
        async with asyncio.timeout(10):
            await self.heard.wait()


@asynccontextmanager
async def waking(url: str) -> AsyncIterator[tuple[Waker, Ear]]:
    ear = Ear()
    waker = Waker(url, ear, heartbeat=0.1, deaf_after=0.5)
    waker.start()
    try:
        await ear.hears()  # The first wake-up says that it listens now.
        ear.heard.clear()
        yield waker, ear
    finally:
        await waker.stop()


async def cut_listeners(urls: DatabaseUrls) -> None:
    """Ends every connection that listens, as a broker's restart would."""
    connection = await asyncpg.connect(plain(urls.service))
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = current_user AND pid <> pg_backend_pid() AND query ~ '(LISTEN|pg_notify)'"
        )
    finally:
        await connection.close()


async def test_a_wake_up_reaches_the_other_processes_and_not_oneself(urls: DatabaseUrls) -> None:
    url = plain(urls.service)
    async with waking(url) as (speaker, own), waking(url) as (_, other):
        own.heard.clear()
        speaker.publish()
        await other.hears()
        assert not own.heard.is_set()


async def test_many_processes_that_speak_at_once_lose_no_wake_up(urls: DatabaseUrls) -> None:
    async with AsyncExitStack() as stack:
        wakers = [await stack.enter_async_context(waking(plain(urls.service))) for _ in range(8)]
        for _, ear in wakers:
            ear.heard.clear()
        for waker, _ in wakers:
            for _ in range(20):
                waker.publish()
        for _, ear in wakers:
            await ear.hears()


@pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning")  # The connection that the test has cut.
async def test_after_its_connection_was_cut_it_hears_again(urls: DatabaseUrls) -> None:
    url = plain(urls.service)
    async with waking(url) as (speaker, _), waking(url) as (_, other):
        await cut_listeners(urls)
        await other.hears()  # It has reopened, and looks at once at what it may have missed.
        other.heard.clear()
        async with asyncio.timeout(10):
            while not other.heard.is_set():
                speaker.publish()
                await asyncio.wait([asyncio.ensure_future(other.heard.wait())], timeout=0.2)


async def test_an_unreachable_broker_does_not_stop_anything(urls: DatabaseUrls) -> None:
    waker = Waker("redis://127.0.0.1:1", lambda: None, heartbeat=0.1, deaf_after=0.2)
    waker.start()
    waker.publish()
    await waker.stop()
