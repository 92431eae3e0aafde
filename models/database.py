"""Connecting Tortoise to PostgreSQL, and the transactions that services open."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

import asyncpg
from tortoise import Tortoise
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from models.at_hand import AtHand, pool_of
from models.bounds import NOTHING, Bounds
from models.locks import NUMBERING_LOCK
from telemetry.doing import part

APPLICATION = "application"
SERVICE = "service"
REPLICA = "replica"

# Every read is narrowed to a range of areas. The plan for all ranges alike, to which PostgreSQL turns after five times,
# supposes that a range holds one row in two hundred: for the city it then walked over a million to show fifty.
_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL plan_cache_mode = force_custom_plan"

# Outside a transaction the application's login asks with `models.alone`, whose statements are made so that one plan
# fits all: to plan them costs three times what they do.
_PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}

# One round trip: the lock has to be held before the first look at an area's number.
_OPENING = f"BEGIN; SELECT pg_advisory_xact_lock_shared({NUMBERING_LOCK})"
_STAFF_OPENING = f"{_OPENING}; SET LOCAL plan_cache_mode = auto"


@dataclass(frozen=True)
class DatabaseUrls:
    """The three logins: the application's, the service's, and the owner's (migrations only).

    `replica` is the application's login on a standby, where there is one.
    """

    application: str
    service: str
    owner: str
    replica: str | None = None

    @classmethod
    def one(cls, url: str) -> "DatabaseUrls":
        """One login for everything: a server of one's own where no others were made."""
        return cls(url, url, url)


def tortoise_config(
    urls: DatabaseUrls, *, pool: int = 10, service_pool: int = 16, statement_seconds: float | None = None
) -> dict[str, Any]:
    """Tortoise's configuration; `pool` and `service_pool` are the most connections of each login in this process.

    With `statement_seconds` the database itself ends what the application's login asks and takes longer.
    """
    connections = {
        APPLICATION: _connection(urls.application, pool, statement_seconds, _PLANNED_ONCE),
        SERVICE: _connection(urls.service, service_pool),
    }
    if urls.replica is not None:
        connections[REPLICA] = _connection(urls.replica, pool, statement_seconds)
    return {
        "connections": connections,
        "apps": {"models": {"models": ["models"], "default_connection": APPLICATION, "migrations": "migrations"}},
        "use_tz": True,
        "timezone": "UTC",
    }


async def connect(
    urls: DatabaseUrls, *, pool: int = 10, service_pool: int = 16, statement_seconds: float | None = None
) -> TortoiseContext:
    """Opens the connections of this process; `close` ends them."""
    config = tortoise_config(urls, pool=pool, service_pool=service_pool, statement_seconds=statement_seconds)
    return await Tortoise.init(config=config, _enable_global_fallback=True)


async def close() -> None:
    """Closes every connection of this process."""
    await Tortoise.close_connections()


@asynccontextmanager
async def snapshot(
    bounds: Bounds = NOTHING, alias: str = APPLICATION, check: Callable[[Any], Awaitable[None]] | None = None
) -> AsyncIterator[TransactionWrapper]:
    """A transaction that only reads, and sees one moment throughout: a page and its cursor then agree.

    Of a person, a case or a counter it sees what lies within `bounds`, whatever it asks for. `alias` is which server is
    read; `check` looks at the connection before the snapshot is taken, and raises where it will not do.
    """
    async with _transaction(alias, f"{_READING}; {bounds.statement()}", check) as connection:
        yield connection


@asynccontextmanager
async def staff_transaction(bounds: Bounds) -> AsyncIterator[TransactionWrapper]:
    """A transaction of the application's login: what one member of staff does, within `bounds`.

    Areas keep their numbers in it.
    """
    async with _transaction(APPLICATION, f"{_STAFF_OPENING}; {bounds.statement()}") as connection:
        yield connection


@asynccontextmanager
async def service_transaction(*, lock_seconds: float | None = None) -> AsyncIterator[TransactionWrapper]:
    """A transaction of the service's login: what is written for somebody without an account, or for all.

    Areas keep their numbers in it. With `lock_seconds` no statement in it waits longer for what others have locked.
    """
    patience = "" if lock_seconds is None else f"; SET LOCAL lock_timeout = '{round(lock_seconds * 1000)}ms'"
    async with _transaction(SERVICE, _OPENING + patience) as connection:
        yield connection


def service_connection() -> AsyncpgDBClient:
    """The service's pool, for a single statement that is its own transaction."""
    return _client(SERVICE)


def service_at_hand() -> AtHand:
    """The same, for what is asked so often that taking a connection from the pool each time would be felt."""
    return _hand(SERVICE)


def application_at_hand() -> AtHand:
    """The application's pool in the same way: for `models.alone`, which tells each statement its bounds."""
    return _hand(APPLICATION)


def application_connection() -> AsyncpgDBClient:
    """The application's pool, for a single statement that is its own transaction: of what is public, for it has no
    bounds."""
    return _client(APPLICATION)


@dataclass(frozen=True, slots=True)
class PoolUse:
    """How many connections one login has in this process: at work, open, and allowed."""

    login: str
    in_use: int
    open: int
    most: int


def pools(*, replica: bool = False) -> list[PoolUse]:
    """The pools as they stand, that of the standby among them; one that nobody has used yet has nothing open."""
    found = []
    for login in (APPLICATION, SERVICE, *([REPLICA] if replica else ())):
        pool: Any = _client(login)._pool
        if pool is None:
            found.append(PoolUse(login, 0, 0, 0))
        else:
            size, idle = pool.get_size(), pool.get_idle_size() + _hand(login).idle
            found.append(PoolUse(login, size - idle, size, pool.get_max_size()))
    return found


def _client(alias: str) -> AsyncpgDBClient:
    client = get_connection(alias)
    if not isinstance(client, AsyncpgDBClient):
        raise TypeError(f"the connection {alias} is no PostgreSQL connection")
    return client


_hands: "WeakKeyDictionary[AsyncpgDBClient, AtHand]" = WeakKeyDictionary()


def _hand(alias: str) -> AtHand:
    client = _client(alias)
    found = _hands.get(client)
    if found is None:
        found = _hands[client] = AtHand(client)
    return found


@asynccontextmanager
async def _transaction(
    alias: str, opening: str, check: Callable[[Any], Awaitable[None]] | None = None
) -> AsyncIterator[TransactionWrapper]:
    """Tortoise's own in_transaction, without its context variable and with an opening statement of our choice.

    The context variable would make every task that is started inside inherit this connection, and cannot be reset from
    another task, as an operation must whose fields run in tasks of their own. So each query names its connection.
    """
    pool = await pool_of(_client(alias))
    # The wait for a connection is part of it: that is what a full pool costs.
    with part("transaction", login=alias):
        async with pool.acquire() as connection:
            wrapper = TransactionWrapper(_client(alias))
            wrapper._connection = connection
            if check is not None:
                await check(connection)
            await connection.execute(opening)
            try:
                yield wrapper
            except BaseException:
                if not connection.is_closed():
                    await asyncio.shield(connection.execute("ROLLBACK"))
                raise
            await connection.execute("COMMIT")


class _PlainConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """A connection whose session state nobody changes, so that giving it back costs no round trip to reset it."""

    def get_reset_query(self) -> str:
        """Nothing to reset; a transaction that was left open is still rolled back by asyncpg."""
        return ""


def _connection(
    url: str, pool: int, statement_seconds: float | None = None, more: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    described: dict[str, Any] = expand_db_url(url)
    # A process that hangs or is cut off cannot cancel what it has asked; then this is what ends it.
    ended = {} if statement_seconds is None else {"statement_timeout": f"{round(statement_seconds * 1000)}ms"}
    described["credentials"].update(
        {
            "minsize": 1,
            "maxsize": pool,
            # Our statements are few and hot; the default of 100 evicts them once filters vary.
            "statement_cache_size": described["credentials"].get("statement_cache_size", 512),
            "application_name": "khaibao",
            "connection_class": _PlainConnection,
            "server_settings": {"jit": "off", "timezone": "UTC", "lock_timeout": "10s", **ended, **more},
        }
    )
    return described
