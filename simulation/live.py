"""A subscription over a real WebSocket (graphql-transport-ws) that comes back by itself after it was cut."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from simulation.client import RETRIED, Refused
from simulation.keep_alive import Endpoint
from simulation.made_up_address import made_up_address
from simulation.operations import RENEW

_PROTOCOL = Subprotocol("graphql-transport-ws")
_OPERATION, _RENEWAL = "1", "renewal"
_PAUSE = 0.2
_TRIES = 60

# Closings that a client answers by coming back: the connection broke, the server is restarting or too busy.
_COME_BACK = frozenset({1000, 1001, 1005, 1006, 1011, 1012, 1013, 4408, 4429, 4503})


class LiveOperation:
    """One subscription of one account.

    `variables` is asked at each connection, so that it can name the last cursor, and so is `token`; `take` gets the
    data of each event, in the loop that reads the socket: no task is made for a message.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        token: Callable[[], str],
        document: str,
        variables: Callable[[], dict[str, Any]],
        take: Callable[[dict[str, Any]], None],
    ) -> None:
        self._endpoint = endpoint
        self._token = token
        self._document = document
        self._variables = variables
        self._take = take
        self._socket: ClientConnection | None = None
        self.opened = asyncio.Event()
        self.connections = 0
        self._shown = ""
        # Of its first token: somebody stays where they are while their tokens change.
        self._address = made_up_address(token())

    @property
    def open(self) -> bool:
        """Whether the socket is open at this moment."""
        return self._socket is not None

    async def run(self) -> None:
        """Stays subscribed until it is cancelled. Raises Refused where the server will not have it."""
        failures = 0
        while True:
            try:
                await self._connected()
                failures = 0
            except (OSError, InvalidHandshake, TimeoutError) as error:
                failures += 1
                if failures > _TRIES:
                    raise Refused("UNREACHABLE", str(error)) from error
            await asyncio.sleep(_PAUSE)

    async def renew(self) -> None:
        """Shows the newer token, where the socket is open: without it the server would end the subscription."""
        if self._socket is not None:
            self._shown = self._token()
            payload = {"query": RENEW, "variables": {"input": {"token": self._shown}}}
            # A socket that breaks meanwhile comes back with the newer token in any case.
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(_text({"id": _RENEWAL, "type": "subscribe", "payload": payload}))

    def cut(self) -> None:
        """Tears the connection without a word, as a dead mobile link would."""
        if self._socket is not None:
            self.opened.clear()
            self._socket.transport.abort()

    async def _connected(self) -> None:
        # No pings of ours: the server asks for signs of life, and its question is answered below.
        async with connect(
            self._endpoint.websocket,
            subprotocols=[_PROTOCOL],
            compression=None,
            ping_interval=None,
            open_timeout=30,
            close_timeout=1,
            max_size=None,
            proxy=None,
            additional_headers={"X-Forwarded-For": self._address},
        ) as socket:
            try:
                await self._begin(socket)
                await self._read(socket)
            except ConnectionClosed as error:
                code = error.rcvd.code if error.rcvd else 1006
                if code not in _COME_BACK:
                    reason = error.rcvd.reason if error.rcvd else ""
                    raise Refused(f"CLOSED_{code}", reason) from error
            finally:
                self._socket = None
                self.opened.clear()

    async def _begin(self, socket: ClientConnection) -> None:
        self._shown = self._token()
        await socket.send(_text({"type": "connection_init", "payload": {"authorization": f"Bearer {self._shown}"}}))
        while orjson.loads(await socket.recv(decode=False))["type"] != "connection_ack":
            pass
        payload = {"query": self._document, "variables": self._variables()}
        await socket.send(_text({"id": _OPERATION, "type": "subscribe", "payload": payload}))
        self._socket = socket
        self.connections += 1
        self.opened.set()

    async def _read(self, socket: ClientConnection) -> None:
        while True:
            message = orjson.loads(await socket.recv(decode=False))
            kind = message["type"]
            if message.get("id") == _RENEWAL:
                # One that was refused shows itself in the operation's end.
                continue
            if kind == "next":
                payload = message["payload"]
                if errors := payload.get("errors"):
                    return _refuse_unless_passing(errors)
                self._take(payload["data"])
            elif kind == "ping":
                await socket.send('{"type":"pong"}')
            elif kind == "error":
                # Its token was renewed too late, or its session is another one by now: come back with the newest.
                if _code(message["payload"]) == "UNAUTHENTICATED" and self._token() != self._shown:
                    return None
                if _code(message["payload"]) == "OVERLOADED":
                    # Told when to come back, as anybody may be on a busy machine: it had not come in.
                    self.connections -= 1
                return _refuse_unless_passing(message["payload"])
            elif kind == "complete":
                return None


def _refuse_unless_passing(errors: list[dict[str, Any]]) -> None:
    """Raises Refused, unless the error will pass: then the operation is asked for anew, from its last cursor."""
    code = _code(errors)
    if code not in RETRIED:
        raise Refused(code, str(errors[0].get("message")))


def _code(errors: list[dict[str, Any]]) -> str:
    return str((errors[0].get("extensions") or {}).get("code", "ERROR"))


def _text(message: dict[str, Any]) -> str:
    return orjson.dumps(message).decode()
