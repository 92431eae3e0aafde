"""Documents that are known by their hash: those of a manifest, and those that clients have sent before."""

import time
from collections import OrderedDict
from pathlib import Path
from typing import Literal

import structlog

from graph.manifest import ManifestError, read_manifest, sha256

TrustMode = Literal["only", "log", "off"]

_LOOK_SECONDS = 1.0
_MOST_LOGGED = 1_000

logger = structlog.get_logger(__name__)


class NotTrusted(Exception):
    """The operation is none of the manifest's, and only those are run here."""


class UnknownDocument(Exception):
    """Nobody knows the document of this id. `kept` says whether it would be kept if it were sent with its hash."""

    def __init__(self, *, kept: bool) -> None:
        """Of an id that was sent without its document."""
        super().__init__()
        self.kept = kept


class WrongHash(Exception):
    """The document that was sent is not the one whose hash was sent with it."""


class Trusted:
    """The documents of a manifest, read again when its file changes: a new release of a client needs no restart."""

    def __init__(self, path: Path, mode: TrustMode = "only") -> None:
        """Reads the file. Raises ManifestError."""
        self.mode = mode
        self._path = path
        self._changed = _changed(path)
        self._documents: dict[str, str] = {}
        self._texts: frozenset[str] = frozenset()
        self._looked_at = time.monotonic()
        self._logged: set[str] = set()
        self._take()

    def get(self, id: str) -> str | None:
        """The document of an id, None where the manifest has none."""
        self._look()
        return self._documents.get(id)

    @property
    def texts(self) -> list[str]:
        """The documents in the manifest's order."""
        return list(self._documents.values())

    def admit(self, text: str) -> None:
        """Lets a document run or not. Raises NotTrusted."""
        self._look()
        if text in self._texts or self.mode == "off":
            return
        if self.mode == "only":
            raise NotTrusted
        hash = sha256(text)
        # Once each, and a bounded number: whoever sends a new document with each request writes no log with it.
        if hash not in self._logged and len(self._logged) < _MOST_LOGGED:
            self._logged.add(hash)
            logger.warning("document_not_trusted", sha256=hash)

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        changed = _changed(self._path)
        if changed == self._changed:
            return
        self._changed = changed
        try:
            self._take()
            logger.info("manifest_read", documents=len(self._documents))
        except ManifestError as error:
            # The clients that are out there still send what the last good one has.
            logger.error("manifest_not_read", reason=str(error))

    def _take(self) -> None:
        self._documents = {entry.id: entry.body for entry in read_manifest(self._path)}
        self._texts = frozenset(self._documents.values())


class Automatic:
    """Documents that clients have sent once with their hash, and may name by it from then on: the latest of them."""

    def __init__(self, most: int, bytes: int) -> None:
        """Keeps at most so many documents, of at most so many bytes in all."""
        self._most, self._bytes = most, bytes
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._size = 0

    def get(self, hash: str) -> str | None:
        """The document of a hash, None where it is not known (any more)."""
        text = self._kept.get(hash)
        if text is not None:
            self._kept.move_to_end(hash)
        return text

    def keep(self, hash: str, text: str) -> None:
        """Keeps a document that is valid, and forgets those that were longest not asked for."""
        if hash in self._kept:
            return
        self._kept[hash] = text
        self._size += len(text.encode())
        while len(self._kept) > self._most or self._size > self._bytes:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.encode())


def _changed(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    # The number of the file too: who puts a new one in the place of the old within one tick changes only that.
    return found.st_mtime_ns, found.st_size, found.st_ino
