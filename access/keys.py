"""The installation's secret key: made once, read at start, kept out of the database that it protects."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

KEY_BYTES = 32


class KeyFileError(Exception):
    """The key file cannot be read or made; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the short name that is stored beside what was sealed with it."""

    name: str
    secret: bytes


def load_key(path: Path) -> Key:
    """Reads the key file, or makes it (mode 0600) where there is none yet.

    Raises KeyFileError where the file cannot be read, made, or holds something else.
    """
    try:
        if not path.exists():
            _make(path)
        name, _, text = path.read_text(encoding="ascii").strip().partition(":")
        secret = bytes.fromhex(text)
    except (OSError, ValueError) as error:
        raise KeyFileError(
            f"cannot use the key file {path}: {error}; set KHAIBAO_KEY_FILE to a readable one"
        ) from error
    if len(secret) != KEY_BYTES or not name:
        raise KeyFileError(f"{path} holds no key; restore it from your backup, or set KHAIBAO_KEY_FILE to another")
    return Key(name, secret)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Exclusive: of two processes that start at once, one makes the key and the other reads that same key.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"k{secrets.token_hex(3)}:{secrets.token_hex(KEY_BYTES)}\n")
        file.flush()
        os.fsync(file.fileno())
