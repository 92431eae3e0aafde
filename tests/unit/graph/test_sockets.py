"""What a socket does to a client that is slow, silent or cut: nothing that it holds may grow."""

import asyncio
from typing import Any

import orjson
import pytest
from starlette.types import Message

from access.keys import Key
from access.passwords import Passwords
from access.pseudonym import Pseudonymiser
from access.sealing import Sealer
from alerts.hub import Hub
from clock import Clock
from graph.admission import Admission
from graph.api import build_schema
from graph.limits import Limits
from graph.over_websocket import OverWebSocket
from graph.running import Engine
from models.database import service_connection
from models.state import Mode
from services.protocols import Protocols
from services.runtime import Runtime
from tests.both_ways import COMPILED

LIMITS = Limits(compiled=COMPILED, socket_send_seconds=0.05, socket_init_seconds=0.3)
INIT = {"type": "connection_init"}
QUERY = {"type": "subscribe", "id": "1", "payload": {"query": "{ installation { mode } }"}}


@pytest.fixture
def endpoint() -> OverWebSocket:
    """The endpoint of an installation without a database: what is asked here needs none."""
    key, clock = Key("test", b"k" * 32), Clock()
    hub = Hub("memory://", service_connection, clock.now)
    passwords = Passwords(cheap=True)
    runtime = Runtime(clock, hub, Sealer(key), Pseudonymiser(key), passwords, Protocols([]), mode=Mode.TEST)
    return OverWebSocket(Engine(build_schema(), LIMITS), runtime, Admission(LIMITS, runtime, {}))


async def _for_ever() -> Message:
    silence: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
    return await silence


class Client:
    """The other side of a socket, which stops reading at the message of a kind."""

    def __init__(self, *messages: dict[str, Any], stops_at: str = "") -> None:
        self.sent: list[Message] = []
        self._stops_at = stops_at
        self._messages = [{"type": "websocket.connect"}]
        self._messages += [{"type": "websocket.receive", "text": orjson.dumps(one).decode()} for one in messages]

    async def receive(self) -> Message:
        """The next message, then silence."""
        if self._messages:
            return self._messages.pop(0)
        return await _for_ever()

    async def send(self, message: Message) -> None:
        """Takes a message, or never does."""
        if self._stops_at and f'"type":"{self._stops_at}"' in message.get("text", ""):
            await _for_ever()
        self.sent.append(message)

    async def closing(self, endpoint: OverWebSocket) -> tuple[int, str]:
        """How the server ends the socket."""
        scope = {"type": "websocket", "subprotocols": ["graphql-transport-ws"], "headers": []}
        async with asyncio.timeout(5):
            await endpoint(scope, self.receive, self.send)
        last = self.sent[-1]
        assert last["type"] == "websocket.close"
        return last["code"], last["reason"]


async def test_a_client_that_does_not_read_is_closed_and_may_come_back(endpoint: OverWebSocket) -> None:
    assert await Client(INIT, QUERY, stops_at="next").closing(endpoint) == (1013, "SLOW_SUBSCRIBER")


async def test_a_client_that_reads_nothing_at_all_holds_nothing(endpoint: OverWebSocket) -> None:
    assert (await Client(INIT, stops_at="connection_ack").closing(endpoint))[0] == 1013


async def test_a_client_that_never_says_who_it_is_is_closed(endpoint: OverWebSocket) -> None:
    assert (await Client().closing(endpoint))[0] == 4408


async def test_another_protocol_is_not_spoken(endpoint: OverWebSocket) -> None:
    client = Client()
    await endpoint({"type": "websocket", "subprotocols": ["graphql-ws"], "headers": []}, client.receive, client.send)
    assert client.sent[-1]["code"] == 4406
