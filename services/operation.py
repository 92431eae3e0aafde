"""One operation reads one moment: a snapshot that opens with the first row that is read."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.bounds import bounds_of
from models.database import REPLICA, snapshot
from models.replica import Replica
from services.seen import Seen


class OperationClosed(Exception):
    """Something was read after its operation had ended."""


class Operation:
    """The snapshot of one operation and the turns that its readers take on it.

    An operation that reads nothing opens nothing. What is read while it is open fits together: a page, the objects
    below it and the position in the alert log are of the same moment. What it has shown of persons is noted in `seen`.
    """

    def __init__(self, actor: Actor, replica: Replica | None = None) -> None:
        """Opens nothing yet; what it will read is within the actor's bounds."""
        self.seen = Seen()
        self._actor = actor
        self._replica = replica
        self._may_be_older = False
        self._bounds = bounds_of(actor)
        self._turn = asyncio.Lock()
        self._open: AbstractAsyncContextManager[AsyncpgDBClient] | None = None
        self._connection: AsyncpgDBClient | None = None
        self._closed = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncpgDBClient]:
        """The snapshot's connection, for this reader alone until it is done. Never ask for it again inside.

        Raises OperationClosed after `close`, and what the database raises where it cannot be reached.
        """
        async with self._turn:
            # A field that outlives its operation would open a snapshot that nobody closes.
            if self._closed:
                raise OperationClosed
            if self._connection is None:
                self._open, self._connection = await self._begin()
            yield self._connection

    def may_be_older(self) -> None:
        """Lets a replica answer, where there is one: for staff who only read, and before anything was read."""
        self._may_be_older = self._actor.kind == "ACCOUNT"

    async def refresh(self) -> None:
        """Ends the snapshot, so that the next read sees what was committed meanwhile: between two mutations."""
        async with self._turn:
            await self._end()

    async def close(self) -> None:
        """Gives the connection back; nothing can be read any more. Closing twice does nothing."""
        async with self._turn:
            self._closed = True
            await self._end()

    async def _begin(self) -> tuple[AbstractAsyncContextManager[AsyncpgDBClient], AsyncpgDBClient]:
        if self._may_be_older and self._replica is not None:
            spare = partial(snapshot, self._bounds, REPLICA)
            found = await self._replica.open(spare, self._actor.wrote, self._actor.access_version)
            if found is not None:
                return found
        opening = snapshot(self._bounds)
        return opening, await opening.__aenter__()

    async def _end(self) -> None:
        opened, self._open, self._connection = self._open, None, None
        if opened is not None:
            # It has only read, and has read what was asked: a connection that breaks at the end takes nothing away.
            with contextlib.suppress(
                asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError
            ):
                await opened.__aexit__(None, None, None)
