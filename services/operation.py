"""One operation reads one moment: a snapshot that opens with the first row that is read."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TypeVar

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.bounds import bounds_of
from models.alone import Alone, Outdated
from models.database import REPLICA, snapshot
from models.replica import Replica
from services.seen import Seen
from services.shared_reads import SharedReads

T = TypeVar("T")


class OperationClosed(Exception):
    """Something was read after its operation had ended."""


class Operation:
    """The snapshot of one operation and the turns that its readers take on it.

    An operation that reads nothing opens nothing. What is read while it is open fits together: a page, the objects
    below it and the position in the alert log are of the same moment. What it has shown of persons is noted in `seen`.
    """

    def __init__(self, actor: Actor, replica: Replica | None = None, *, presumed: bool = False) -> None:
        """Opens nothing yet; what it will read is within the actor's bounds.

        `presumed` says that the actor was not looked up now, but is taken to stand as a moment ago: then the first
        thing that is read has to confirm it, which `alone` does.
        """
        self.seen = Seen()
        self._actor = actor
        self._replica = replica
        self._presumed = presumed
        self._alone: Alone | None = None
        self._may_be_older = False
        self._turn = asyncio.Lock()
        self._open: AbstractAsyncContextManager[AsyncpgDBClient] | None = None
        self._connection: AsyncpgDBClient | None = None
        self._closed = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncpgDBClient]:
        """The snapshot's connection, for this reader alone until it is done. Never ask for it again inside.

        Raises OperationClosed after `close`, Outdated for who is presumed and not confirmed, and what the database
        raises where it cannot be reached.
        """
        async with self._turn:
            # A field that outlives its operation would open a snapshot that nobody closes.
            if self._closed:
                raise OperationClosed
            if not self.stands:
                raise Outdated
            if self._connection is None:
                self._open, self._connection = await self._begin()
            yield self._connection

    def alone(self) -> Alone | None:
        """For an operation of which it is known that it reads a single time: without a transaction around it.

        None where a replica may answer, or where something was read already: then `reading` is the way.
        """
        if self._replica is not None or self._connection is not None or self._closed:
            return None
        self._alone = Alone(bounds_of(self._actor), self._actor.access_version if self._presumed else None)
        return self._alone

    async def shared(self, reads: SharedReads, alone: Alone, asked: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` finds with `alone`, or what it finds for somebody else and begins after this was asked.

        Raises what that reading raises. `asked` is all that it depends on besides who asks, and what is found has to be
        the same for everybody of one role, one place and one sight.
        """

        async def reading() -> tuple[T, bool]:
            return await read(), alone.has_read

        actor = self._actor
        # The bounds are the wall. The rest, because by it much is decided before a statement is made.
        who = actor.kind, actor.role, actor.restriction, actor.jurisdiction, actor.area_id, actor.station_id
        found, has_read = await reads.read((alone.sight, who, asked), reading)
        if has_read:
            # Where nothing had to be read nobody was confirmed to stand.
            alone.is_answered()
        return found

    @property
    def stands(self) -> bool:
        """Whether the actor is known to stand: looked up when it began, or confirmed by what was read."""
        return not self._presumed or self.read_alone

    @property
    def read_alone(self) -> bool:
        """Whether something was read without a transaction, which confirms who is presumed."""
        return self._alone is not None and self._alone.has_read

    def may_be_older(self) -> None:
        """Lets a replica answer, where there is one: for staff who only read, and before anything was read."""
        self._may_be_older = self._actor.kind == "ACCOUNT"

    async def refresh(self) -> None:
        """Ends the snapshot, so that the next read sees what was committed meanwhile: between two mutations."""
        async with self._turn:
            await self._end()

    async def close(self) -> None:
        """Gives the connection back; nothing can be read any more. Closing twice does nothing."""
        if self._open is None and not self._turn.locked():
            # As of nearly every mutation: nothing was read, so nobody's turn has to be waited for.
            self._closed = True
            return
        async with self._turn:
            self._closed = True
            await self._end()

    async def _begin(self) -> tuple[AbstractAsyncContextManager[AsyncpgDBClient], AsyncpgDBClient]:
        bounds = bounds_of(self._actor)
        if self._may_be_older and self._replica is not None:
            spare = partial(snapshot, bounds, REPLICA)
            found = await self._replica.open(spare, self._actor.wrote, self._actor.access_version)
            if found is not None:
                return found
        opening = snapshot(bounds)
        return opening, await opening.__aenter__()

    async def _end(self) -> None:
        opened, self._open, self._connection = self._open, None, None
        if opened is not None:
            # It has only read, and has read what was asked: a connection that breaks at the end takes nothing away.
            with contextlib.suppress(
                asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError
            ):
                await opened.__aexit__(None, None, None)
