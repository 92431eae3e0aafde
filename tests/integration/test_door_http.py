"""The door: what is refused there, what is let in, and that what is let in arrives as it was sent."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from process.door_http import DoorHttp
from process.paced_upgrades import Pace, PacedHttp

PATIENCE = 10.0
REFUSED = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\nno"


class Guard:
    """Refuses every body that says so, and remembers what it was shown."""

    def __init__(self) -> None:
        """Stands there."""
        self.guarded = True
        self.shown: list[bytes] = []
        self.connections: set[DoorHttp] = set()

    def refusal(self, headers: Mapping[bytes, bytes], peer: str | None, body: bytes) -> bytes | None:
        """Of this body."""
        assert headers[b"content-type"] == b"application/json"
        self.shown.append(body)
        return REFUSED if b"refuse me" in body else None

    def no_socket(self, headers: Mapping[bytes, bytes]) -> bytes:
        """Whoever asks."""
        assert headers[b"upgrade"] == b"websocket"
        return REFUSED


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what it was sent."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def serving(guard: Guard, http: type[DoorHttp] = DoorHttp) -> AsyncIterator[int]:
    """The port of a server in this process, with somebody at its door."""
    config = uvicorn.Config(echo, port=0, http=http, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    server.lifespan.state["door"] = guard
    await server.startup()
    guard.connections = cast("set[DoorHttp]", server.server_state.connections)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        for listening in server.servers:
            listening.close()


def post(body: bytes, *, path: bytes = b"/graphql", more: bytes = b"") -> bytes:
    head = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n"
    return head % (path, more, len(body)) + body


async def answers(port: int, *pieces: bytes, count: int = 1) -> list[bytes]:
    """The statuses and bodies that come back for what is sent piece by piece on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = []
    try:
        async with asyncio.timeout(PATIENCE):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                for _ in range(20):
                    await asyncio.sleep(0)  # Lets the server, in this same loop, read this piece before the next.
            for _ in range(count):
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                found.append(head[9:12] + b" " + await reader.readexactly(length))
    finally:
        writer.close()
    return found


async def test_what_is_refused_never_reaches_the_application_and_the_connection_goes_on() -> None:
    guard = Guard()
    async with serving(guard) as port:
        several = [post(b"refuse me"), post(b"let me in"), post(b"refuse me")]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        said = []
        for one in several:
            writer.write(one)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            said.append(head[9:12] + b" " + await reader.readexactly(length))
        writer.close()
    assert said == [b"503 no", b"200 let me in", b"503 no"]
    assert guard.shown == [b"refuse me", b"let me in", b"refuse me"]


async def test_requests_sent_in_one_piece_are_answered_in_their_order() -> None:
    async with serving(Guard()) as port:
        found = await answers(port, post(b"let me in") + post(b"refuse me") + post(b"me too"), count=3)
    # Behind one that is being answered nothing is refused: in front of that answer it would be taken for it.
    assert found == [b"200 let me in", b"200 refuse me", b"200 me too"]


async def test_a_body_that_comes_in_pieces_is_let_in_whole() -> None:
    guard = Guard()
    async with serving(guard) as port:
        request = post(b"refuse me, slowly")
        found = await answers(port, request[:-10], request[-10:])
    assert found == [b"200 refuse me, slowly"]
    assert guard.shown == []


async def test_a_large_body_arrives_as_it_was_sent() -> None:
    body = b"y" * 300_000
    async with serving(Guard()) as port:
        assert await answers(port, post(body)) == [b"200 " + body]


async def test_other_paths_and_an_unguarded_door_are_passed_by() -> None:
    guard = Guard()
    async with serving(guard) as port:
        assert await answers(port, post(b"refuse me", path=b"/health/live")) == [b"200 refuse me"]
        guard.guarded = False
        assert await answers(port, post(b"refuse me")) == [b"200 refuse me"]
    assert guard.shown == []


async def test_who_wants_the_connection_closed_is_answered_first() -> None:
    async with serving(Guard()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(post(b"refuse me", more=b"Connection: close\r\n"))
        assert await asyncio.wait_for(reader.read(), PATIENCE) == REFUSED
        writer.close()


async def test_a_connection_is_kept_for_as_long_after_a_refusal_as_after_an_answer() -> None:
    guard = Guard()
    async with serving(guard) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for one in (post(b"let me in"), post(b"refuse me"), post(b"refuse me")):
            writer.write(one)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        (server,) = guard.connections
        began = server.timeout_keep_alive_task
        assert began is not None
        # The timer that the answer has begun ends while the refusal is young: it begins anew, and nothing is closed.
        server._refused_at = server.loop.time()
        server.timeout_keep_alive_handler()
        assert server.timeout_keep_alive_task is not began
        server._refused_at = server.loop.time() - server.timeout_keep_alive - 1
        server.timeout_keep_alive_handler()
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.close()


async def test_who_would_wait_too_long_for_a_socket_is_answered_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PacedHttp, "pace", Pace(1, 60.0, 1.0))
    upgrade = (
        b"GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    async with serving(Guard(), PacedHttp) as port:
        # The first has its turn at once, whatever becomes of it; the next one's would be in a minute.
        first, one = await asyncio.open_connection("127.0.0.1", port)
        one.write(upgrade)
        assert await asyncio.wait_for(first.read(12), PATIENCE)
        second, other = await asyncio.open_connection("127.0.0.1", port)
        other.write(upgrade)
        assert await asyncio.wait_for(second.read(), PATIENCE) == REFUSED
        one.close()
        other.close()
