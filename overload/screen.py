"""A screen that follows alerts and comes back as it is told to: after what a refusal says, or after a drawn pause."""

import asyncio
import contextlib
import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from simulation.made_up_address import made_up_address

_PROTOCOL = Subprotocol("graphql-transport-ws")
_TOLD = re.compile(r"retryAfter=(\d+)")
_DOCUMENT = "subscription Alerts { alerts { cursor change at alert { id kind danger area { id } } } }"


class Screen:
    """One socket with one subscription; `hear` is given each event."""

    def __init__(self, url: str, number: int, token: str, hear: Callable[[int, dict[str, Any]], None]) -> None:
        self.open = asyncio.Event()
        self.ends: Counter[str] = Counter()
        self._url, self._number, self._token, self._hear = url, number, token, hear
        self._draw = random.Random(f"screen {number}")

    async def run(self) -> None:
        """Stays until it is cancelled."""
        while True:
            wait = self._draw.uniform(0.2, 1.0)
            try:
                wait = await self._connected() or wait
            except ConnectionClosed as closed:
                reason = closed.rcvd.reason if closed.rcvd else ""
                self.ends[f"{closed.rcvd.code if closed.rcvd else 1006} {reason.partition(' ')[0]}"] += 1
                if told := _TOLD.search(reason):
                    wait = float(told[1]) * self._draw.uniform(1.0, 1.25)
            except InvalidStatus as refused:
                self.ends[f"status {refused.response.status_code}"] += 1
                if after := refused.response.headers.get("Retry-After"):
                    wait = float(after) * self._draw.uniform(1.0, 1.25)
            except (OSError, InvalidHandshake, TimeoutError, EOFError) as error:
                self.ends[type(error).__name__] += 1
            self.open.clear()
            await asyncio.sleep(wait)

    async def _connected(self) -> float | None:
        async with connect(
            self._url,
            subprotocols=[_PROTOCOL],
            compression=None,
            ping_interval=None,
            open_timeout=20,
            close_timeout=0.5,
            max_size=None,
            proxy=None,
            additional_headers={"X-Forwarded-For": made_up_address(f"screen {self._number}")},
        ) as socket:
            await _say(socket, {"type": "connection_init", "payload": {"authorization": f"Bearer {self._token}"}})
            while True:
                message = orjson.loads(await socket.recv(decode=False))
                match message["type"]:
                    case "connection_ack":
                        await _say(socket, {"id": "1", "type": "subscribe", "payload": {"query": _DOCUMENT}})
                        # What asks for signs of life answers in its order: then the subscription was taken up.
                        await _say(socket, {"type": "ping"})
                    case "pong":
                        self.open.set()
                    case "ping":
                        await _say(socket, {"type": "pong"})
                    case "next":
                        if message["payload"].get("data"):
                            self._hear(self._number, message["payload"]["data"]["alerts"])
                    case "error":
                        self.open.clear()
                        told = message["payload"][0].get("extensions", {})
                        self.ends[str(told.get("code"))] += 1
                        if told.get("code") != "OVERLOADED":
                            return None
                        await asyncio.sleep(float(told["retryAfter"]))
                        again = {"query": _DOCUMENT, "extensions": {"place": told["place"]}}
                        await _say(socket, {"id": "1", "type": "subscribe", "payload": again})
                        await _say(socket, {"type": "ping"})
                    case "complete":
                        return None


async def _say(socket: ClientConnection, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        await socket.send(orjson.dumps(message).decode())
