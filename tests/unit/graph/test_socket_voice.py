"""What is said on a socket: at once where that can be, and else in bounded time."""

import asyncio

import pytest
from starlette.types import Message

from graph.ready_frame import frame_of
from graph.socket_protocol import TRY_AGAIN, Closing
from graph.socket_voice import Voice
from telemetry.meters import Meters


async def never(message: Message) -> None:
    raise AssertionError(message)


async def test_what_can_go_out_at_once_goes_as_a_frame() -> None:
    written: list[bytes] = []

    def write(frame: bytes) -> bool:
        written.append(frame)
        return True

    await Voice(never, 10.0, Meters(), write).put({"type": "pong"})
    assert written == [frame_of(b'{"type":"pong"}')]


async def test_behind_a_client_that_reads_slowly_it_waits_as_every_message() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await Voice(send, 10.0, Meters(), lambda frame: False).put({"type": "pong", "payload": {"a": "ệ"}})
    assert sent == [{"type": "websocket.send", "text": '{"type":"pong","payload":{"a":"ệ"}}'}]


async def test_a_client_that_takes_nothing_is_told_to_come_back() -> None:
    async def send(message: Message) -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Closing, match="SLOW_SUBSCRIBER") as closing:
        await Voice(send, 0.001, Meters(), lambda frame: False).put({"type": "pong"})
    assert closing.value.code == TRY_AGAIN
