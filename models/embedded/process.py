"""PostgreSQL as a child process: bound to our life, and found again when a launcher died before it."""

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from models.embedded.account import Account

_PR_SET_PDEATHSIG = 1
_PROC = Path("/proc")


def environment() -> dict[str, str]:
    """Our environment without what would redirect PostgreSQL (PGDATA, PGPORT, ...) or translate its messages."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def initdb(programs: Path, folder: str, account: Account, data: int) -> subprocess.CompletedProcess[str]:
    """Makes a data folder in the empty `folder`, by the name that `account` has for the open folder `data`."""
    return subprocess.run(
        [
            programs / "initdb",
            # Trust, because the socket lies in a folder that only this account can enter.
            *("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres"),
            f"--pgdata={folder}",
        ],
        cwd="/",
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        pass_fds=(data,),
        **account.arguments(),
    )


def spawn(command: Sequence[str | Path], account: Account, data: int, log: Path) -> subprocess.Popen[bytes]:
    """Starts the server so that it stops when we die, even by kill -9; `data` is an open folder it inherits.

    What it says before its own log opens goes to `log`.

    Raises RuntimeError off the main thread: the kernel ties the signal to the thread that forked, not to the process.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start the embedded database from the main thread")
    with open(log, "wb") as output, warnings.catch_warnings():
        # Python warns of forking beside threads; the child only makes two system calls before it executes.
        warnings.simplefilter("ignore", DeprecationWarning)
        return subprocess.Popen(
            command,
            cwd="/",
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(data,),
            # A terminal sends Ctrl-C to the whole group; the server must outlive the program's own orderly end.
            start_new_session=True,
            # Runs after the change of account, which would clear the signal.
            preexec_fn=_die_with_parent(os.getpid()),
            **account.arguments(),
        )


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    if not _PROC.is_dir():
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
        # The parent may have died between fork and prctl, and then no signal comes any more.
        if os.getppid() != parent:
            os._exit(1)

    return bind


def ready(data: Path, pid: int) -> bool:
    """Whether the server with this very `pid` accepts connections; an older file may name another."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def survivors(data: Path) -> list[int]:
    """Processes of an earlier server that still work in `data`. A zombie is dead, although kill(pid, 0) finds it."""
    if _PROC.is_dir():
        return [pid for pid in _pids() if _works_in(pid, data)]
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return []
    return [pid]


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir(_PROC) if entry.isdigit()]


def _works_in(pid: int, data: Path) -> bool:
    with contextlib.suppress(OSError):
        # The folder is compared, not its name: it may have been given by another path.
        if os.path.samestat(os.stat(f"/proc/{pid}/cwd"), data.stat()):
            program = os.readlink(f"/proc/{pid}/exe")
            return Path(program.removesuffix(" (deleted)")).name == "postgres"
    return False
