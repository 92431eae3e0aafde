"""Connections that are slow, endless or silent, against uvicorn with our protocol and an application of three lines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

from process.held_http import HeldHttp

PATIENCE = 10.0
PLAIN = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNK = b"x" * 65536


class Application:
    """Answers before it has read anything; at /endless until the client is gone; at /waits never."""

    def __init__(self) -> None:
        """Nobody has gone yet."""
        self.gone = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["path"] == "/waits":
            await asyncio.Event().wait()
        if scope["path"] == "/endless":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await receive()
            watching = asyncio.create_task(self._watch(receive))
            while not self.gone.is_set():
                await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
                await asyncio.sleep(0)  # Sending to who has gone returns at once.
            await watching
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    async def _watch(self, receive: Receive) -> None:
        await receive()
        self.gone.set()


class Quick(HeldHttp):
    """With times that a test has."""

    head_seconds = 0.3
    unread_seconds = 0.3
    most_waiting = 20


class Patient(HeldHttp):
    """Waits for as long as it must; what goes, goes for another reason."""

    most_waiting = 5


@asynccontextmanager
async def serving(protocol: type[HeldHttp], application: Application | None = None) -> AsyncIterator[int]:
    """The port of a server in this process."""
    config = uvicorn.Config(
        application or Application(), port=0, http=protocol, lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        for listening in server.servers:
            listening.close()
        for task in list(server.server_state.tasks):
            task.cancel()


@asynccontextmanager
async def connected(port: int, said: bytes = b"") -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection on which so much was said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    try:
        yield reader, writer
    finally:
        writer.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Everything until the server closes."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


async def test_half_a_head_is_told_that_it_was_too_slow() -> None:
    async with serving(Quick) as port, connected(port, b"GET / HTTP/1.1\r\nHost:") as (reader, _):
        said = await rest(reader)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b'"BAD_REQUEST"' in said


async def test_a_head_that_trickles_gains_no_time_by_it() -> None:
    async with serving(Quick) as port, connected(port, b"GET / HTTP/1.1\r\n") as (reader, writer):

        async def trickle() -> None:
            while True:
                writer.write(b"a: b\r\n")
                await asyncio.sleep(0.02)  # That is what is tested: something comes all the time.

        trickling = asyncio.create_task(trickle())
        assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")
        trickling.cancel()


async def test_silence_from_the_beginning_is_closed_without_a_word() -> None:
    async with serving(Quick) as port, connected(port) as (reader, _):
        assert await rest(reader) == b""


async def test_half_a_second_request_and_a_body_after_its_answer_hold_no_connection() -> None:
    late = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    async with serving(Quick) as port:
        for first, after in ((PLAIN, b"GET / HT"), (late, b"x")):
            async with connected(port, first) as (reader, writer):
                assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 ")
                writer.write(after)
                await rest(reader)


async def test_requests_in_time_go_on_for_as_long_as_they_come() -> None:
    async with serving(Quick) as port, connected(port) as (reader, writer):
        began = asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() - began < 3 * Quick.head_seconds:
            writer.write(PLAIN)
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 ")


async def test_an_endless_head_is_too_large_whatever_it_consists_of() -> None:
    heads = [
        b"GET /" + b"a" * 100_000,
        b"GET / HTTP/1.1\r\na: " + b"b" * 100_000,
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000,
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 101 + b"\r\n",
        b"GET / HTTP/1.1\r\na: " + b"b" * 40_000 + b"\r\n\r\n",
    ]
    async with serving(Patient) as port:
        for head in heads:
            async with connected(port, head) as (reader, _):
                assert (await rest(reader)).startswith(b"HTTP/1.1 431 ")


async def test_an_endless_head_behind_a_request_that_is_being_answered_is_cut_off() -> None:
    async with (
        serving(Patient) as port,
        connected(port, b"GET /waits HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n") as (reader, writer),
    ):

        async def flood() -> None:
            while True:
                writer.write(b"a: " + b"b" * 10_000)
                await writer.drain()

        flooding: asyncio.Task[Any] = asyncio.create_task(flood())
        assert await rest(reader) == b""
        await asyncio.gather(flooding, return_exceptions=True)


async def test_of_too_many_that_wait_the_oldest_goes() -> None:
    async with serving(Patient) as port, AsyncExitStack() as opened:
        waiting = [await opened.enter_async_context(connected(port, b"GET")) for _ in range(Patient.most_waiting)]
        async with connected(port, PLAIN) as (reader, _):
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 ")
        assert (await rest(waiting[0][0])).startswith(b"HTTP/1.1 408 ")
        assert not waiting[1][0].at_eof()


async def test_who_reads_nothing_of_an_answer_is_let_go() -> None:
    application = Application()
    async with serving(Quick, application) as port, connected(port, b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n"):
        # A reader of asyncio takes nothing more when its own buffer is full, and the kernels' are soon after.
        async with asyncio.timeout(PATIENCE):
            await application.gone.wait()
