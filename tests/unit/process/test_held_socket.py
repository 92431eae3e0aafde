"""A socket keeps no more than it needs: there are thousands."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from process.held_socket import HeldSocket
from process.paced_upgrades import Pace, PacedHttp

HEAD = (
    b"GET /graphql HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nX-Odd: %s\r\n\r\n"
)


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.protocol: asyncio.BaseProtocol | None = None

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)}.get(name, default)

    def write(self, data: Any) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """It is kept open."""

    def pause_reading(self) -> None:
        """Nothing comes by itself."""

    def resume_reading(self) -> None:
        """As above."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol


async def accepts(scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """An application that opens each socket, and waits for what it says."""
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


def configured() -> Config:
    config = Config(
        accepts,
        interface="asgi3",
        log_config=None,
        ws="process.held_socket:HeldSocket",
        http="process.paced_upgrades:PacedHttp",
    )
    config.load()
    return config


async def test_nothing_of_a_socket_stands_in_a_dictionary_of_its_own() -> None:
    socket = HeldSocket(configured(), ServerState(), {}, asyncio.get_running_loop())
    # What a newer uvicorn sets beside is to be named among the slots, or each socket takes a kilobyte more.
    assert socket.__dict__ == {}


# The second has a value that websockets is to judge by itself.
@pytest.mark.parametrize("odd", [b"nothing", "ệ".encode()])
async def test_a_connection_that_became_a_socket_leaves_nothing_for_the_collector(
    monkeypatch: pytest.MonkeyPatch, odd: bytes
) -> None:
    monkeypatch.setattr(PacedHttp, "pace", Pace(4, 60.0, 1.0))
    state, wire = ServerState(), Wire()
    gc.disable()
    try:
        connection = PacedHttp(configured(), state, {})
        connection.connection_made(wire)
        connection.data_received(HEAD % odd)
        left = weakref.ref(connection)
        del connection
        assert left() is None
    finally:
        gc.enable()
    assert isinstance(wire.protocol, HeldSocket)
    # A masked frame of "hi" from here on, read as one.
    wire.protocol.data_received(b"\x81\x82\0\0\0\0hi")
    await asyncio.wait(state.tasks, timeout=10)
    assert wire.written[0].startswith(b"HTTP/1.1 101 ")
    wire.protocol.connection_lost(None)
