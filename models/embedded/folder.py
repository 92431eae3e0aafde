"""Who holds a data folder: a lock for as long as its launcher lives, and what the last holder left behind."""

import contextlib
import fcntl
import json
import os
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from models.embedded.errors import FolderInUse

SOCKET_PREFIX = "khaibao-"


@dataclass(frozen=True)
class Holder:
    """The process that serves a folder: written beside the data, so that a second start can name it."""

    pid: int
    command: str
    since: str
    server_pid: int
    socket: str


class Hold:
    """The lock on one folder. It ends with our process however that ends, kill -9 included."""

    def __init__(self, file: IO[str], previous: Holder | None) -> None:
        self._file = file
        self.previous = previous

    def record(self, server_pid: int, socket: Path) -> None:
        """Writes down who serves, for whoever comes next."""
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]]) or "python"
        holder = Holder(os.getpid(), command, time.strftime("%Y-%m-%d %H:%M"), server_pid, str(socket))
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(asdict(holder)))
        self._file.flush()

    def release(self) -> None:
        """Lets go; the file stays, since removing it would let two processes lock two files of one name."""
        self._file.seek(0)
        self._file.truncate()
        self._file.close()


def take(folder: Path) -> Hold:
    """Locks `folder`. Raises FolderInUse, naming the process that holds it, or OSError."""
    # Opened without truncating: what the last holder wrote is needed below.
    # Ours alone: whoever may read a file may lock it.
    file = open(folder / "holder", "a+", encoding="utf-8", opener=_private)  # noqa: SIM115 - held while the server runs
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _read(file)
        file.close()
        who = "another process that is starting"
        if holder:
            who = f"process {holder.pid} ({holder.command}, since {holder.since})"
        raise FolderInUse(
            f"the database in {folder} is in use by {who}: stop that first, or set KHAIBAO_DATA_DIR to another folder"
        ) from None
    except OSError:
        file.close()
        raise
    return Hold(file, _read(file))


def holder_of(folder: Path) -> Holder | None:
    """Who serves `folder` at this moment, or None."""
    with contextlib.suppress(OSError), open(folder / "holder", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(file)
    return None


def remove_socket_folder(path: Path, uid: int) -> None:
    """Removes a folder of sockets that we made; a name in a world-writable folder may be somebody else's by now."""
    with contextlib.suppress(OSError):
        status = path.lstat()
        if path.name.startswith(SOCKET_PREFIX) and not path.is_symlink() and status.st_uid == uid:
            shutil.rmtree(path, ignore_errors=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _read(file: IO[str]) -> Holder | None:
    file.seek(0)
    try:
        return Holder(**json.loads(file.read()))
    except (ValueError, TypeError):
        return None
