"""As whom PostgreSQL runs: it refuses to run as root, so root hands it to an account that owns nothing else."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.embedded.errors import FolderUnusable, Unsupported

# An entry in passwd is needed: initdb looks its own name up.
_UNPRIVILEGED = ("nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """An account of this system; `dropped` where it is not the one that we run as."""

    uid: int
    gid: int
    name: str
    dropped: bool

    def arguments(self) -> dict[str, Any]:
        """What subprocess needs so that a child runs as this account, with no group of root's left."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.dropped else {}

    def own(self, path: Path) -> None:
        """Gives `path` to the account."""
        if self.dropped:
            os.chown(path, self.uid, self.gid)

    def passes(self, path: Path) -> bool:
        """Whether the account can go through every folder down to and including `path`."""
        return all(self._enters(parent) for parent in (path, *path.parents))

    def _enters(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & 0o100)
        if status.st_gid == self.gid:
            return bool(status.st_mode & 0o010)
        return bool(status.st_mode & 0o001)


def serving_account(data: Path) -> Account:
    """The account for the data folder `data`, which need not exist yet.

    For root that is the folder's owner, so that what an ordinary user began can be carried on, else `nobody`.
    Raises FolderUnusable where the folder is another user's and we are not root.
    """
    uid = os.geteuid()
    owner = data.stat().st_uid if data.exists() else None
    if uid != 0:
        if owner is not None and owner != uid:
            raise FolderUnusable(
                f"the database in {data} belongs to the account {_name(owner)}; "
                "set KHAIBAO_DATA_DIR to a folder of yours"
            )
        return Account(uid, os.getegid(), _name(uid), dropped=False)
    entry = pwd.getpwuid(owner) if owner and _known(owner) else _unprivileged()
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, dropped=True)


def _unprivileged() -> pwd.struct_passwd:
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Unsupported(
        "PostgreSQL cannot run as root and there is no account 'nobody': make one, or run as another user"
    )


def _known(uid: int) -> bool:
    return _name(uid) != str(uid)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
