"""Clients as frontends have them: one over HTTP, one over graphql-transport-ws, one over server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Self

import aiohttp
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back over HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        return orjson.loads(self.body)

    @property
    def data(self) -> Any:
        """The data of an operation that had no errors."""
        assert "errors" not in self.json, self.json["errors"]
        return self.json["data"]

    @property
    def code(self) -> str:
        """The code of the first error."""
        code: str = self.json["errors"][0]["extensions"]["code"]
        return code


@dataclass(slots=True)
class Api:
    """The API of one server, over HTTP."""

    url: str
    session: aiohttp.ClientSession
    token: str | None = None

    def acting(self, token: str | None) -> "Api":
        """The same server for somebody else."""
        return Api(self.url, self.session, token)

    async def ask(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> Reply:
        """Sends one operation; further headers by their names with underscores."""
        return await self.post(orjson.dumps({"query": query, "variables": variables or {}}), **headers)

    async def data(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> Any:
        """The data of an operation that has no errors."""
        return (await self.ask(query, variables, **headers)).data

    async def post(self, body: bytes | BytesIO, **headers: str) -> Reply:
        """Sends these bytes."""
        sent = {
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if self.token:
            sent.setdefault("authorization", f"Bearer {self.token}")
        async with self.session.post(f"{self.url}/graphql", data=body, headers=sent) as response:
            return Reply(response.status, dict(response.headers), await response.read())

    async def get(self, path: str, **headers: str) -> Reply:
        """Fetches a path."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(f"{self.url}{path}", headers=sent) as response:
            return Reply(response.status, dict(response.headers), await response.read())

    @asynccontextmanager
    async def socket(self, token: str | None = None) -> AsyncIterator["Socket"]:
        """A socket that was acknowledged."""
        async with self.raw_socket() as connection:
            socket = Socket(connection)
            bearer = token or self.token
            await socket.initialise({"authorization": f"Bearer {bearer}"} if bearer else {})
            yield socket

    @asynccontextmanager
    async def raw_socket(self) -> AsyncIterator[ClientConnection]:
        """A socket that has said nothing yet."""
        url = self.url.replace("http", "ws", 1) + "/graphql"
        async with connect(
            url, subprotocols=[Subprotocol("graphql-transport-ws")], compression=None, proxy=None, close_timeout=1
        ) as connection:
            yield connection

    @asynccontextmanager
    async def events(self, query: str, variables: dict[str, Any] | None = None) -> AsyncIterator[AsyncIterator[Any]]:
        """The payloads of an operation over server-sent events."""
        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        body = orjson.dumps({"query": query, "variables": variables or {}})
        async with self.session.post(f"{self.url}/graphql", data=body, headers=headers) as response:
            assert response.status == 200
            assert response.headers["content-type"].startswith("text/event-stream")
            yield _payloads(response)


async def _payloads(response: aiohttp.ClientResponse) -> AsyncIterator[Any]:
    event = ""
    async for line in response.content:
        if line.startswith(b"event: "):
            event = line.removeprefix(b"event: ").decode().strip()
        elif line.startswith(b"data:") and event == "next":
            yield orjson.loads(line.removeprefix(b"data:"))
        elif event == "complete":
            return


@dataclass(slots=True)
class Socket:
    """One socket, and what has arrived on it for each operation."""

    connection: ClientConnection
    waiting: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    async def initialise(self, payload: dict[str, Any]) -> None:
        """Says who is here."""
        await self.send({"type": "connection_init", "payload": payload})
        assert (await self.receive())["type"] == "connection_ack"

    async def subscribe(self, id: str, query: str, variables: dict[str, Any] | None = None) -> Self:
        """Starts an operation."""
        payload = {"query": query, "variables": variables or {}}
        await self.send({"id": id, "type": "subscribe", "payload": payload})
        return self

    async def next(self, id: str) -> Any:
        """The data of the operation's next event."""
        message = await self.message(id)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def error(self, id: str) -> str:
        """The code of the error that the operation ends with."""
        message = await self.message(id)
        assert message["type"] == "error", message
        code: str = message["payload"][0]["extensions"]["code"]
        return code

    async def message(self, id: str) -> dict[str, Any]:
        """The operation's next message."""
        while not self.waiting.get(id):
            message = await self.receive()
            self.waiting.setdefault(message.get("id", ""), []).append(message)
        return self.waiting[id].pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        """Sends one message."""
        await self.connection.send(orjson.dumps(message).decode())

    async def receive(self) -> dict[str, Any]:
        """The next message of any operation."""
        async with asyncio.timeout(PATIENCE):
            message: dict[str, Any] = orjson.loads(await self.connection.recv())
            return message


async def closing(connection: ClientConnection) -> int:
    """The code that the server closes the socket with."""
    async with asyncio.timeout(PATIENCE):
        with suppress(ConnectionClosed):
            while True:
                await connection.recv()
    return connection.close_code or 0
