"""What can stand in the way of a database of our own. Each text is one line that says what to do."""

import errno
from pathlib import Path


class EmbeddedPostgresError(Exception):
    """The embedded database cannot serve; `str()` is one line for the person at the terminal."""


class BinariesMissing(EmbeddedPostgresError):
    """No folder with `initdb` and `postgres` in it."""


class FolderInUse(EmbeddedPostgresError):
    """Another process serves this folder."""


class FolderUnusable(EmbeddedPostgresError):
    """The folder cannot be made, entered or written to."""


class DiskFull(EmbeddedPostgresError):
    """There is no room for the database."""


class WrongVersion(EmbeddedPostgresError):
    """The folder was written by another major version of PostgreSQL."""


class StartFailed(EmbeddedPostgresError):
    """PostgreSQL refused for a reason of its own, quoted in the text."""


class Unsupported(EmbeddedPostgresError):
    """This system cannot run the embedded database."""


def disk_full(folder: Path) -> DiskFull:
    """The one text for a full disk, wherever it was noticed."""
    return DiskFull(
        f"the disk under {folder} is full: free some room, or set KHAIBAO_DATA_DIR to a folder on another disk"
    )


def of_folder(error: OSError, folder: Path) -> EmbeddedPostgresError:
    """What a failed system call on `folder` means to the person who chose it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder)
    why = {
        errno.EACCES: "you may not write there",
        errno.EPERM: "you may not write there",
        errno.EROFS: "it is on a read-only disk",
        errno.ENOTDIR: "a file is in the way",
        errno.EEXIST: "a file is in the way",
    }.get(error.errno or 0, error.strerror or type(error).__name__)
    return FolderUnusable(f"the folder {folder} cannot hold the database: {why}; set KHAIBAO_DATA_DIR to one of yours")


def of_output(output: str, folder: Path, log: Path) -> EmbeddedPostgresError:
    """What PostgreSQL's own words on the way down mean; `log` is where the rest of them stand."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return disk_full(folder)
    if "Permission denied" in output:
        return FolderUnusable(
            f"PostgreSQL may not use {folder} ({_reason(output)}); set KHAIBAO_DATA_DIR to a folder of yours"
        )
    return StartFailed(f"PostgreSQL would not start: {_reason(output)} (log: {log})")


def _reason(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if any(mark in line for mark in ("FATAL:", "PANIC:", "error:"))]
    return (telling or lines or ["it said nothing"])[-1]
