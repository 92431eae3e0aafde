"""GraphQL over one connection, as a careful client speaks it: what the server asks to repeat is repeated."""

import asyncio
import time
from typing import Any

import orjson

from simulation.keep_alive import Endpoint, KeepAlive

RETRIED = frozenset({"OVERLOADED", "RATE_LIMITED", "UNAVAILABLE"})
PATIENCE = 60.0


class Refused(Exception):
    """The server answered with an error that repeating does not heal; `code` is its extensions.code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Unreachable(Exception):
    """No answer within the client's patience, however often it was asked."""


def request(query: str, variables: dict[str, Any] | None = None) -> bytes:
    """The body of a request."""
    return orjson.dumps({"query": query, "variables": variables or {}})


class Client:
    """One client with one connection, who asks again for `patience` seconds; `retries` counts how often."""

    def __init__(self, endpoint: Endpoint, patience: float = PATIENCE) -> None:
        self._connection = KeepAlive(endpoint)
        self._patience = patience
        self.retries = 0

    async def call(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        token: str | None = None,
        address: str | None = None,
    ) -> Any:
        """The `data` of an operation. Raises Refused or Unreachable."""
        return await self.send(request(query, variables), token, address)

    async def send(self, body: bytes, token: str | None = None, address: str | None = None) -> Any:
        """The `data` of a request that was made before. Send nothing this way that may not be repeated.

        `address` is where it seems to come from, for a server that trusts this machine to say so.
        """
        deadline = time.monotonic() + self._patience
        pause = 0.05
        while True:
            try:
                data, wait = await self._once(body, token, address)
            except ConnectionError as error:
                if time.monotonic() > deadline:
                    raise Unreachable(str(error)) from error
                wait = pause
            else:
                if wait is None:
                    return data
                if time.monotonic() > deadline:
                    raise Unreachable("the server is overloaded")
            self.retries += 1
            await asyncio.sleep(max(wait, pause))
            pause = min(pause * 2, 2.0)

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    async def _once(self, body: bytes, token: str | None, address: str | None) -> tuple[Any, float | None]:
        """The data and None, or nothing and how long the server wants us to wait."""
        reply = await self._connection.post(body, token, address)
        try:
            answer = orjson.loads(reply.body)
        except orjson.JSONDecodeError:
            if reply.status >= 500:
                return None, reply.retry_after
            raise Refused(f"HTTP_{reply.status}", reply.body[:200].decode("utf-8", "replace")) from None
        errors = answer.get("errors")
        if not errors:
            return answer["data"], None
        extensions = errors[0].get("extensions") or {}
        code = str(extensions.get("code", f"HTTP_{reply.status}"))
        if code in RETRIED:
            return None, float(extensions.get("retryAfter") or reply.retry_after)
        raise Refused(code, str(errors[0].get("message")))
