"""A client who asks until it is answered: at the next server when one is silent, and always under the same key."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import orjson

from chaos.book import Book
from simulation.client import RETRIED
from simulation.keep_alive import Endpoint, KeepAlive

PATIENCE = 4.0
"""How long it waits for one answer before it asks elsewhere."""

_PAUSE = 0.1
_LONGEST_PAUSE = 1.0


class NeverAnswered(Exception):
    """Nobody answered in all the time there was."""


class Asker:
    """One client with a connection to each server."""

    def __init__(self, endpoints: Sequence[Endpoint], book: Book, draw: random.Random) -> None:
        self._connections = [KeepAlive(endpoint) for endpoint in endpoints]
        self._book = book
        self._draw = draw
        self.server = draw.randrange(len(endpoints))
        """The number of the server that it asks now, or that has given the last answer."""

    async def ask(self, body: bytes, until: float, token: str | None = None, address: str | None = None) -> Any:
        """The data of the first answer. Raises NeverAnswered at a moment of the loop's clock."""
        loop = asyncio.get_running_loop()
        pause = _PAUSE
        # Any of them, as through a balancer that has not noticed yet that one is away.
        self.server = self._draw.randrange(len(self._connections))
        while True:
            found = await self._once(body, token, address)
            if found is not None:
                return found
            if loop.time() > until:
                raise NeverAnswered
            self._book.retries += 1
            self.server = (self.server + 1) % len(self._connections)
            await asyncio.sleep(pause * self._draw.uniform(0.5, 1.5))
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def lose(self, body: bytes, address: str | None = None) -> None:
        """Sends a request and hangs up before its answer, as a phone in a lift does."""
        connection = self._connections[self.server]
        asking = asyncio.create_task(connection.post(body, None, address, PATIENCE))
        await asyncio.sleep(self._draw.uniform(0.0, 0.05))
        connection.close()
        await asyncio.gather(asking, return_exceptions=True)

    def close(self) -> None:
        """Ends its connections."""
        for connection in self._connections:
            connection.close()

    async def _once(self, body: bytes, token: str | None, address: str | None) -> Any:
        """The data, or None where it has to ask again."""
        try:
            reply = await self._connections[self.server].post(body, token, address, PATIENCE)
        except ConnectionError:
            return None
        try:
            answer = orjson.loads(reply.body)
        except orjson.JSONDecodeError:
            if reply.status < 500:
                self._book.unexpected[f"HTTP_{reply.status}"] += 1
            return None
        errors = answer.get("errors")
        if not errors:
            return answer["data"]
        code = str((errors[0].get("extensions") or {}).get("code", f"HTTP_{reply.status}"))
        if code not in RETRIED:
            self._book.unexpected[code] += 1
        return None
