"""Subscribers of alerts: each keeps its cursor and comes back with it, at another server each time."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from chaos.book import Book
from simulation.audience import Seat, entry_of
from simulation.client import RETRIED
from simulation.journal import Journal
from simulation.keep_alive import Endpoint
from simulation.made_up_address import made_up_address

_PROTOCOL = Subprotocol("graphql-transport-ws")
_SIGN_OF_LIFE = 4.0
_PATIENCE = 8.0
_FOUND_SECONDS = 2.0
# What a client may be told when a server has trouble: that it should come back. Everything else is counted.
_COME_BACK = frozenset({1000, 1001, 1005, 1006, 1011, 1012, 1013})
_FAILED = 1011

_EVENT = "cursor change at alert { id kind danger area { id } case { id } }"
PLAIN = f"subscription Alerts($after: String) {{ alerts(after: $after) {{ {_EVENT} }} }}"

_STREETS = " ".join(f"s{number}: street" for number in range(26))
LONG = f"""subscription Alerts($after: String) {{
  alerts(after: $after) {{ {_EVENT} told: alert {{ case {{ person {{ {_STREETS} }} }} }} }}
}}"""
"""The same with much in each event: for those that will read nothing for a while, to have much waiting for them."""


class Subscriber:
    """One account's subscription; `hear` is told of each alert that was raised, with its identity and its case's."""

    def __init__(
        self,
        number: int,
        seat: Seat,
        endpoints: Sequence[Endpoint],
        token: str,
        begin: str,
        book: Book,
        document: str = PLAIN,
        hear: Callable[[str, str], None] | None = None,
    ) -> None:
        self.seat = seat
        self.journal = Journal(f"{seat.account} ({number})", seat.wards)
        self.open = asyncio.Event()
        self.heard_at: list[float] = []
        self.let_go = 0
        """How often a server has ended the connection while nothing was read, or it was found ended after that."""
        self._endpoints = endpoints
        self._token = token
        self._begin = begin
        self._book = book
        self._document = document
        self._hear = hear
        self._turn = number
        self._draw = random.Random(f"subscriber {number}")
        self._address = made_up_address(f"{seat.account} {number}")
        self._socket: ClientConnection | None = None
        self._hung_until = 0.0
        self._reads = asyncio.Event()
        self._reads.set()

    async def run(self) -> None:
        """Stays subscribed until it is cancelled."""
        while True:
            # Whatever happens to one connection, the next one goes on after what has come.
            with contextlib.suppress(OSError, InvalidHandshake, TimeoutError, ConnectionClosed, EOFError):
                await self._connected(self._turn % len(self._endpoints))
            self._turn += 1
            await asyncio.sleep(self._draw.uniform(0.1, 0.5))

    def cut(self) -> None:
        """Tears its connection."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def fall_silent(self, seconds: float) -> None:
        """Reads nothing for so long, and is still there: a screen whose browser hangs."""
        self._reads.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._hung_until = time.monotonic()
            self._reads.set()

    async def _connected(self, server: int) -> None:
        silent = self._document is LONG
        async with connect(
            self._endpoints[server].websocket,
            subprotocols=[_PROTOCOL],
            compression=None,
            # Who will fall silent would otherwise notice by itself that nothing comes back, and let go first.
            ping_interval=None if silent else _SIGN_OF_LIFE,
            ping_timeout=_PATIENCE,
            open_timeout=_PATIENCE,
            close_timeout=1,
            max_size=None,
            max_queue=4,
            proxy=None,
            additional_headers={"X-Forwarded-For": self._address},
        ) as socket:
            try:
                async with asyncio.timeout(_PATIENCE):
                    await self._begin_on(socket)
                if self.journal.entries:
                    self._book.resumed += 1
                await self._read(socket, server)
            except ConnectionClosed as closed:
                self._note(closed)
            finally:
                self._socket = None
                self.open.clear()

    async def _begin_on(self, socket: ClientConnection) -> None:
        await socket.send(_text({"type": "connection_init", "payload": {"authorization": f"Bearer {self._token}"}}))
        while orjson.loads(await socket.recv(decode=False))["type"] != "connection_ack":
            pass
        after = self.journal.last_cursor or self._begin
        payload = {"query": self._document, "variables": {"after": after}}
        await socket.send(_text({"id": "1", "type": "subscribe", "payload": payload}))
        self._socket = socket
        self.open.set()

    async def _read(self, socket: ClientConnection, server: int) -> None:
        while True:
            if not self._reads.is_set():
                await self._reads.wait()
            message = orjson.loads(await socket.recv(decode=False))
            match message["type"]:
                case "next":
                    if errors := message["payload"].get("errors"):
                        self._refused(errors)
                        return
                    self._take(message["payload"]["data"]["alerts"], server)
                case "ping":
                    await socket.send('{"type":"pong"}')
                case "error":
                    self._refused(message["payload"])
                    return
                case "complete":
                    return

    def _take(self, event: dict[str, Any], server: int) -> None:
        now = time.monotonic()
        self.heard_at.append(now)
        self._book.heard_at.append((now, server))
        entry = entry_of(event)
        new = entry.alert not in self.journal.raised
        self.journal.add(entry)
        if new and entry.change == "RAISED" and self._hear is not None:
            self._hear(entry.alert, event["alert"]["case"]["id"])

    def _refused(self, errors: list[dict[str, Any]]) -> None:
        code = str((errors[0].get("extensions") or {}).get("code", "ERROR"))
        if code not in RETRIED:
            self._book.unexpected[f"subscription {code}"] += 1

    def _note(self, closed: ConnectionClosed) -> None:
        code = closed.rcvd.code if closed.rcvd else 1006
        # The server's last word has no way to somebody who reads nothing: mostly the connection is just gone.
        slow = closed.rcvd is not None and closed.rcvd.reason == "SLOW_SUBSCRIBER"
        if slow or time.monotonic() - self._hung_until < _FOUND_SECONDS:
            self.let_go += 1
        if code not in _COME_BACK or (code == _FAILED and closed.rcvd and not closed.sent):
            self._book.unexpected[f"closed {code} {closed.rcvd.reason if closed.rcvd else ''}".strip()] += 1


def _text(message: dict[str, Any]) -> str:
    return orjson.dumps(message).decode()
