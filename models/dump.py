"""A copy of the whole database in one file, and a database from such a file: by pg_dump and pg_restore."""

import asyncio
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from models.migrate import plain

FORGOTTEN = ("session", "refresh_token", "verification", "presence", "rate_limit")
"""Tables whose rows are not copied: a restored session could be one that was ended since, and everybody can sign in."""

# Made anew by the migration that follows a restore, for the logins that the new installation has.
_LEFT_OUT = re.compile(r"^\d+;.* (POLICY|ROW SECURITY|ACL|DEFAULT ACL|COMMENT) ")
_LOOK_SECONDS = 0.2


class DumpRefused(Exception):
    """The copy cannot be made or used; the text is one line that says what to do."""


async def dump(binaries: Path, url: str, file: Path, progress: Callable[[int], None]) -> None:
    """Writes the database as of one moment to `file`, which only its owner can read.

    The database goes on meanwhile. `progress` hears the bytes so far. The file appears when it is whole, and is on the
    disk then; a copy that was broken off leaves nothing of that name. Raises DumpRefused, OSError, PostgresError.
    """
    await _fits(binaries, url)
    await _holds_something(url)
    part = file.with_name(file.name + ".part")
    # Made first, and for its owner alone: pg_dump would give it whatever the umask allows.
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    process = await _run(
        binaries / "pg_dump",
        url,
        *("--format=custom", "--no-owner", "--no-privileges", "--enable-row-security", f"--file={part}"),
        *(f"--exclude-table-data={table}" for table in FORGOTTEN),
    )
    finished = asyncio.create_task(_finished(process, "pg_dump"))
    try:
        while not (await asyncio.wait({finished}, timeout=_LOOK_SECONDS))[0]:
            progress(part.stat().st_size)
        await finished
        _to_the_disk(part)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    finally:
        if process.returncode is None:
            process.kill()
        await asyncio.gather(finished, return_exceptions=True)
    part.replace(file)


async def restore(binaries: Path, url: str, file: Path) -> None:
    """Makes the tables and rows of `file` in an empty database, all or none of them. Its rights come by migrating.

    Raises DumpRefused where the database is not empty or the file is no copy, OSError, asyncpg.PostgresError.
    """
    await _fits(binaries, url)
    connection = await asyncpg.connect(plain(url))
    try:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')"):
            raise DumpRefused(
                "this database is not empty: restore into a new one (KHAIBAO_DATA_DIR or KHAIBAO_DATABASE_URL)"
            )
    finally:
        await connection.close()
    listing = await asyncio.create_subprocess_exec(
        binaries / "pg_restore", "--list", file, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    contents, said = await listing.communicate()
    if listing.returncode:
        raise DumpRefused(f"{file} is no copy that pg_restore can read: {_last_line(said)}")
    kept = [line for line in contents.decode().splitlines() if not _LEFT_OUT.match(line)]
    if not any(" TABLE public tortoise_migrations " in line for line in kept):
        raise DumpRefused(f"{file} is a copy of an empty database: there is nothing in it to restore")
    with tempfile.NamedTemporaryFile("w", prefix="khaibao-restore-") as wanted:
        wanted.write("\n".join(kept) + "\n")
        wanted.flush()
        process = await _run(
            binaries / "pg_restore",
            url,
            *("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"),
            *(f"--use-list={wanted.name}", str(file)),
        )
        await _finished(process, "pg_restore")


async def _run(program: Path, url: str, *arguments: str) -> asyncio.subprocess.Process:
    parts = urlsplit(plain(url))
    # A password among the arguments could be read by everybody on the machine.
    bare = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@", 1)) if parts.password else parts
    environment = os.environ | ({"PGPASSWORD": parts.password} if parts.password else {})
    return await asyncio.create_subprocess_exec(
        program,
        f"--dbname={urlunsplit(bare)}",
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def _finished(process: asyncio.subprocess.Process, name: str) -> None:
    _, said = await process.communicate()
    if process.returncode:
        raise DumpRefused(f"{name} did not finish: {_last_line(said)}; nothing was changed")


async def _holds_something(url: str) -> None:
    """A copy of the wrong place would look like a backup until the day on which somebody needs it."""
    connection = await asyncpg.connect(plain(url))
    try:
        if await connection.fetchval("SELECT to_regclass('public.tortoise_migrations') IS NULL"):
            raise DumpRefused(
                "there is nothing to copy: no installation has ever begun in this database (look at KHAIBAO_DATA_DIR, "
                "KHAIBAO_DATABASE_URL and KHAIBAO_MODE: a demo has a database of its own)"
            )
    finally:
        await connection.close()


async def _fits(binaries: Path, url: str) -> None:
    """pg_dump reads no server newer than itself, and pg_restore of one version writes what an older server refuses."""
    connection = await asyncpg.connect(plain(url))
    try:
        server = int(await connection.fetchval("SHOW server_version_num")) // 10_000
    finally:
        await connection.close()
    asked = await asyncio.create_subprocess_exec(binaries / "pg_dump", "--version", stdout=asyncio.subprocess.PIPE)
    said, _ = await asked.communicate()
    found = re.search(rb"\) (\d+)", said)
    if found is None or int(found[1]) != server:
        raise DumpRefused(
            f"the server is PostgreSQL {server} and the programs in {binaries} are of another version: set "
            f"KHAIBAO_POSTGRES_BIN to a folder with pg_dump and pg_restore {server}, "
            f"such as /usr/lib/postgresql/{server}/bin"
        )


def _last_line(said: bytes) -> str:
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it says nothing"


def _to_the_disk(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
