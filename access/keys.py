"""The installation's secret keys: made once, followed while they change, kept out of the database they protect."""

import contextlib
import os
import re
import secrets
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

KEY_BYTES = 32
_RELOAD_SECONDS = 1.0

# Without a dot, which ends the name in a hash; short, so that a hash stays within its column's 64 characters.
_LINE = re.compile(r"([A-Za-z0-9_-]{1,16}):([0-9a-fA-F]{64})(?:\s+(next|retired))?")


class KeyFileError(Exception):
    """The keys cannot be read, made or changed; the message says what to do."""


class Standing(StrEnum):
    """What a key is for: USED opens, is looked up by and may be current; NEXT all but written with; RETIRED opens."""

    USED = "used"
    NEXT = "next"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Key:
    """A key, the short name that is stored beside what was made with it, and what it is for."""

    name: str
    secret: bytes
    standing: Standing = Standing.USED

    def line(self) -> str:
        """The key as the file has it."""
        mark = "" if self.standing is Standing.USED else f" {self.standing.value}"
        return f"{self.name}:{self.secret.hex()}{mark}"

    def __repr__(self) -> str:
        """Without the secret: a repr ends up in a log."""
        return f"Key({self.name}, {self.standing.value})"


class KeyRing:
    """Every key that the installation knows; the last one in use is current, and writes.

    With a file it follows what the file says: `reload` reads it again, as does `find` for a name it does not know.
    """

    def __init__(self, keys: Iterable[Key], path: Path | None = None) -> None:
        """Raises KeyFileError where two keys share a name or none is in use."""
        self.path = path
        self._read_at = time.monotonic()
        self._take(tuple(keys))

    @property
    def current(self) -> Key:
        """The key to write with."""
        return self._known[0]

    @property
    def known(self) -> tuple[Key, ...]:
        """The keys to look up by, the current one first."""
        return self._known

    @property
    def outgoing(self) -> tuple[Key, ...]:
        """The keys that were current once and are not retired yet."""
        return tuple(key for key in self._known[1:] if key.standing is Standing.USED)

    @property
    def all(self) -> tuple[Key, ...]:
        """Every key, in the order of the file."""
        return self._all

    def find(self, name: str) -> Key | None:
        """The key of that name, retired or not.

        A name that is not known may be of a key that was added a moment ago: the file is read again first, but not
        for every such value of a table that was copied from elsewhere.
        """
        if name not in self._by_name and time.monotonic() - self._read_at >= _RELOAD_SECONDS:
            # A file that is broken at the moment makes this key unknown, and nothing else wrong.
            with contextlib.suppress(KeyFileError):
                self.reload()
        return self._by_name.get(name)

    def reload(self) -> bool:
        """Reads the file again, where there is one; whether anything is different. Raises KeyFileError."""
        if self.path is None:
            return False
        self._read_at = time.monotonic()
        before = self._all
        self._take(_read(self.path))
        return self._all != before

    def write(self, keys: Iterable[Key]) -> None:
        """Puts these keys into the file, as a whole or not at all. Raises KeyFileError."""
        if self.path is None:
            raise KeyFileError("the keys come from KHAIBAO_KEYS and not from a file: change them there")
        kept = tuple(keys)
        self._check(kept)
        try:
            _replace(self.path, "".join(f"{key.line()}\n" for key in kept))
        except OSError as error:
            raise KeyFileError(f"cannot write the key file {self.path}: {error}; nothing was changed") from error
        self._take(kept)

    def _take(self, keys: tuple[Key, ...]) -> None:
        used = self._check(keys)
        upcoming = [key for key in keys if key.standing is Standing.NEXT]
        self._all = keys
        self._known = (used[-1], *reversed(used[:-1]), *upcoming)
        self._by_name = {key.name: key for key in keys}

    def _check(self, keys: tuple[Key, ...]) -> list[Key]:
        source = self.path or "KHAIBAO_KEYS"
        if len({key.name for key in keys}) < len(keys):
            raise KeyFileError(f"{source} names two keys alike; each key needs a name of its own")
        used = [key for key in keys if key.standing is Standing.USED]
        if not used:
            raise KeyFileError(
                f"{source} holds no key to write with; restore it from your backup, or set KHAIBAO_KEY_FILE to another"
            )
        return used


def ring_of(keys: KeyRing | Key) -> KeyRing:
    """The ring, or a ring of one key alone."""
    return keys if isinstance(keys, KeyRing) else KeyRing([keys])


def new_key(standing: Standing = Standing.USED) -> Key:
    """A key that nobody has seen yet."""
    return Key(f"k{secrets.token_hex(3)}", secrets.token_bytes(KEY_BYTES), standing)


def load_keys(path: Path) -> KeyRing:
    """Reads the key file, or makes it (mode 0600) with one key where there is none yet.

    Raises KeyFileError where the file cannot be read or made, holds something else, or is open to everybody.
    """
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        raise KeyFileError(
            f"cannot make the key file {path}: {error}; set KHAIBAO_KEY_FILE to a place that can be written"
        ) from error
    return KeyRing(_read(path), path)


def keys_from(text: str) -> KeyRing:
    """The keys of KHAIBAO_KEYS: the lines of a key file, with commas between them. Raises KeyFileError."""
    return KeyRing(_parse(text.split(","), "KHAIBAO_KEYS"))


def with_standing(keys: Iterable[Key], name: str, standing: Standing) -> list[Key]:
    """The keys with another standing for one of them; at the end, because the last one in use is current."""
    kept = list(keys)
    changed = [replace(key, standing=standing) for key in kept if key.name == name]
    others = [key for key in kept if key.name != name]
    return [*others, *changed] if standing is not Standing.RETIRED else [*changed, *others]


def _read(path: Path) -> tuple[Key, ...]:
    try:
        # Asked of the open file, so that what is checked is what is read.
        with path.open(encoding="ascii") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(
            f"cannot use the key file {path}: {error}; set KHAIBAO_KEY_FILE to a readable one"
        ) from error
    if os.name == "posix" and mode & stat.S_IRWXO:
        raise KeyFileError(f"everybody on this machine may open the key file {path}: chmod o-rwx it and start again")
    return _parse(text.splitlines(), str(path))


def _parse(lines: Iterable[str], source: str) -> tuple[Key, ...]:
    keys = []
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            # The line itself is not said: it may be a key with a slip of the hand in it.
            raise KeyFileError(
                f"{source} holds something that is no key; restore it from your backup, "
                "or set KHAIBAO_KEY_FILE to another"
            )
        name, text, mark = found.groups()
        keys.append(Key(name, bytes.fromhex(text), Standing(mark) if mark else Standing.USED))
    return tuple(keys)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and linked into place: of two processes that start at once one makes the key, and the other never
    # reads half of it.
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    _write(beside, f"{new_key().line()}\n")
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    before = path.stat()
    try:
        _write(beside, text)
        if os.name == "posix":
            # Whoever changes it may be root; the serving account must still be able to read it.
            os.chown(beside, before.st_uid, before.st_gid)
            os.chmod(beside, stat.S_IMODE(before.st_mode))
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            # A key that is written with must outlive a power cut that the database survives.
            os.fsync(folder)
        finally:
            os.close(folder)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
