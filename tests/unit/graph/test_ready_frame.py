"""A frame that is made once for many: what every WebSocket library reads as the same message."""

import orjson
import pytest
from websockets.frames import Opcode
from websockets.server import ServerProtocol

from alerts.shared_event import SharedEvent
from graph.ready_frame import SocketSink, frame_of, message_of, writer_of


def from_the_library(text: bytes) -> bytes:
    """The frame that the server's own library makes."""
    protocol = ServerProtocol()
    protocol.state = protocol.state.OPEN  # as after its handshake
    protocol.send_text(text)
    return b"".join(protocol.data_to_send())


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_it_is_byte_for_byte_the_frame_of_the_servers_library(size: int) -> None:
    assert frame_of(b"x" * size) == from_the_library(b"x" * size)
    assert frame_of(b"x" * size)[0] == 0x80 | Opcode.TEXT


@pytest.mark.parametrize("id", ["1", "", 'a"b\\', "🏥", "\n"])
def test_the_message_is_byte_for_byte_what_is_sent_to_one_alone(id: str) -> None:
    payload = {"data": {"alerts": {"change": "RAISED", "name": "Lê"}}}
    alone = orjson.dumps({"id": id, "type": "next", "payload": payload})
    assert message_of(id, orjson.dumps(payload)) == alone


def test_one_frame_goes_to_all_who_use_one_id() -> None:
    written: list[bytes] = []

    async def send(text: bytes) -> None:
        raise AssertionError(text)

    def write(frame: bytes) -> bool:
        written.append(frame)
        return True

    event = SharedEvent(1, None, None, b"{}")
    sinks = [SocketSink(id, write, send) for id in ("1", "1", "2")]
    assert all(sink.now(event) for sink in sinks)
    assert written[0] is written[1]
    assert written[2] == frame_of(message_of("2", b"{}"))
    sinks[0].close()
    assert not sinks[0].now(event)


async def test_without_a_way_past_the_protocol_it_is_sent_as_every_message() -> None:
    sent: list[bytes] = []

    async def send(text: bytes) -> None:
        sent.append(text)

    assert writer_of({"type": "websocket"}) is None
    assert writer_of({"type": "websocket", "extensions": {"websocket.http.response": {}}}) is None
    sink = SocketSink("1", None, send)
    event = SharedEvent(1, None, None, b"{}")
    assert not sink.now(event)
    await sink.send(event)
    assert sent == [b'{"id":"1","type":"next","payload":{}}']
