"""Connections that are kept at hand between single statements, each of which is its own transaction.

Taking a connection from its pool and giving it back costs a task, two timers and six coroutines: a third of what asking
costs. While statements follow each other, a few connections stay with those who ask.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient

_MOST = 4
_IDLE_SECONDS = 0.05
"""So long may somebody wait for a connection that nobody uses, where all others of the pool are taken."""


class Runner(Protocol):
    """Whatever runs a statement: Tortoise's connections, and `AtHand`."""

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        """How many rows, and which; of a statement that only writes there may be none of either."""


class AtHand:
    """The connections at hand of one login, all of them the pool's own."""

    def __init__(self, client: AsyncpgDBClient) -> None:
        """Holds none yet."""
        self._client = client
        self._idle: list[Any] = []
        self._used = 0
        self._timer: asyncio.TimerHandle | None = None
        self._given: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> int:
        """How many are held and do nothing: of the pool they are in use."""
        return len(self._idle)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        """The rows of one statement. Raises what Tortoise's `execute_query` raises."""
        rows: Sequence[Any] = await self._client._translate_exceptions(self._fetch, query, values or [])  # type: ignore[assignment]  # it says that it gives an exception
        return len(rows), rows

    async def _fetch(self, client: AsyncpgDBClient, query: str, values: list[Any]) -> Sequence[Any]:
        client.log.debug("%s: %s", query, values)
        connection = await self._take()
        try:
            found: Sequence[Any] = await connection.fetch(query, *values)
        except BaseException:
            # Whatever it is in the middle of, the pool knows how to end that.
            await connection._holder._pool.release(connection)
            raise
        self._keep(connection)
        return found

    async def _take(self) -> Any:
        while self._idle:
            connection = self._idle.pop()
            # One that the server has closed was taken back by the pool already.
            if connection._con is not None and not connection._con.is_closed():
                return connection
        return await (await pool_of(self._client)).acquire()

    def _keep(self, connection: Any) -> None:
        pool = connection._holder._pool
        # Where no other is free somebody may be waiting for this one.
        if len(self._idle) >= _MOST or pool._queue.empty() or pool.is_closing():
            self._give_back(connection)
            return
        self._used += 1
        self._idle.append(connection)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._look, self._used)

    def _look(self, used: int) -> None:
        """Gives back what nobody has used since the last look; those at the end are used first."""
        self._timer = None
        if self._used == used:
            while self._idle:
                self._give_back(self._idle.pop())
        elif self._idle:
            self._give_back(self._idle.pop(0))
        if self._idle:
            self._timer = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._look, self._used)

    def _give_back(self, connection: Any) -> None:
        task = asyncio.ensure_future(_released(connection))
        self._given.add(task)
        task.add_done_callback(self._given.discard)


async def pool_of(client: AsyncpgDBClient) -> Any:
    """The client's pool, which is opened where nobody has used it yet."""
    if client._pool is None:
        async with client._pool_init_lock:
            if client._pool is None:
                await client.create_connection(with_db=True)
    return client._pool


async def _released(connection: Any) -> None:
    try:
        await connection._holder._pool.release(connection)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        # It broke while nobody used it, and the pool makes another.
        return
