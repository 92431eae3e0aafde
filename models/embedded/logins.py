"""The three logins and their databases on the embedded server."""

import re
from pathlib import Path
from urllib.parse import quote

import asyncpg

from models.database import DatabaseUrls

OWNER = "khaibao_owner"
APPLICATION = "khaibao_app"
SERVICE = "khaibao_service"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")

# None is a superuser and none a member of another, so row security holds for both that serve. The owner passes it by,
# because a back-fill in a migration must see every row.
_ATTRIBUTES = {
    OWNER: "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS",
    APPLICATION: "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
    SERVICE: "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
}


def urls(socket: Path, database: str) -> DatabaseUrls:
    """URLs that Tortoise and asyncpg both read: a socket's folder stands in the query, where its slashes may."""
    place = quote(str(socket), safe="")
    return DatabaseUrls(*(f"postgres://{login}@/{database}?host={place}" for login in (APPLICATION, SERVICE, OWNER)))


async def make_logins(socket: Path) -> None:
    """Makes what logins are missing, and sets right the attributes of those that exist."""
    connection = await _superuser(socket)
    try:
        there = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        for login, attributes in _ATTRIBUTES.items():
            await connection.execute(f"{'ALTER' if login in there else 'CREATE'} ROLE {login} {attributes}")
    finally:
        await connection.close()


async def make_database(socket: Path, name: str, *, fresh: bool) -> None:
    """Makes the database `name` for the three logins alone; with `fresh` it is dropped first, whoever is connected.

    Raises ValueError for a name that would need quoting.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a database: use lower-case letters, digits and underscores")
    connection = await _superuser(socket)
    try:
        if fresh:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
            await connection.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0")
        await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {OWNER}, {APPLICATION}, {SERVICE}")
    finally:
        await connection.close()


async def _superuser(socket: Path) -> asyncpg.Connection:
    connection: asyncpg.Connection = await asyncpg.connect(host=str(socket), user="postgres", database="postgres")
    return connection
