"""Manifests of documents: the files in which the tools of GraphQL clients write down what a client may send.

Two forms are read: `{id: document}`, and Apollo's `{"format": "apollo-persisted-query-manifest", "version": 1,
"operations": [{"id", "name", "type", "body"}]}`. An id is the SHA-256 of the document; other ids are taken as they are.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

FORMAT = "apollo-persisted-query-manifest"
LONGEST_ID = 200
_LARGEST = 20_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ManifestError(Exception):
    """The file is no manifest; the text is one line that says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of a manifest; a form without names has none."""

    id: str
    body: str
    name: str | None = None
    kind: str | None = None


def sha256(document: str) -> str:
    """The id of a document, as its hexadecimal digits."""
    return hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest()


def read_manifest(path: Path) -> list[Entry]:
    """The documents of a file in their order. Raises ManifestError, also for an id that is not its document's hash."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ManifestError(f"{path} is larger than {_LARGEST} bytes")
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ManifestError(f"cannot read {path}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise ManifestError(f"{path} is not JSON: {error}") from error
    entries = _entries(content, path)
    seen: dict[str, str] = {}
    for entry in entries:
        if not 0 < len(entry.id) <= LONGEST_ID:
            raise ManifestError(f"{path}: an id has from 1 to {LONGEST_ID} characters")
        if _SHA256.fullmatch(entry.id) and entry.id != sha256(entry.body):
            raise ManifestError(f"{path}: {entry.name or entry.id[:12]} was changed after its id was made of it")
        if seen.setdefault(entry.id, entry.body) != entry.body:
            raise ManifestError(f"{path}: two documents have the id {entry.id[:12]}")
    return entries


def written(entries: list[Entry], *, flat: bool = False) -> bytes:
    """The text of a manifest; `flat` is the form that only has ids and documents."""
    content: dict[str, Any]
    if flat:
        content = {entry.id: entry.body for entry in entries}
    else:
        operations = [{"id": one.id, "name": one.name, "type": one.kind, "body": one.body} for one in entries]
        content = {"format": FORMAT, "version": 1, "operations": operations}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _entries(content: object, path: Path) -> list[Entry]:
    match content:
        case {"format": str() as form, "version": version, "operations": list(operations)}:
            if (form, version) != (FORMAT, 1):
                raise ManifestError(f"{path} is a manifest of another kind ({form[:60]}, version {str(version)[:10]})")
            return [_operation(one, path) for one in operations]
        case dict() if all(isinstance(body, str) for body in content.values()):
            return [Entry(id, body) for id, body in content.items()]
        case _:
            raise ManifestError(f"{path} is neither an object of ids and documents nor an {FORMAT}")


def _operation(one: object, path: Path) -> Entry:
    match one:
        case {"id": str(id), "body": str(body)} if isinstance(one, Mapping):
            name, kind = one.get("name"), one.get("type")
            return Entry(id, body, name if isinstance(name, str) else None, kind if isinstance(kind, str) else None)
        case _:
            raise ManifestError(f"{path}: each operation has a text id and a text body")
