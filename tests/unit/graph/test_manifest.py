"""Manifests of documents: what is read, what is refused, and how a running server follows its file."""

import os
from pathlib import Path

import orjson
import pytest

from graph import trusted as module
from graph.manifest import Entry, ManifestError, read_manifest, sha256, written
from graph.trusted import Automatic, NotTrusted, Trusted

ME = "query Me { me { id } }"
MODE = "query Mode { installation { mode } }"
ENTRY = Entry(sha256(ME), ME, "Me", "query")


def kept(folder: Path, content: bytes) -> Path:
    """A file with this content."""
    path = folder / "manifest.json"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("flat", [True, False])
def test_what_is_written_is_read_again(tmp_path: Path, flat: bool) -> None:
    [entry] = read_manifest(kept(tmp_path, written([ENTRY], flat=flat)))
    assert (entry.id, entry.body, entry.name) == (ENTRY.id, ME, None if flat else "Me")


def test_ids_that_are_no_hash_are_taken_as_they_are(tmp_path: Path) -> None:
    [entry] = read_manifest(kept(tmp_path, orjson.dumps({"me-1": ME})))
    assert entry.id == "me-1"


REFUSED: list[tuple[bytes, str]] = [
    (b"{", "not JSON"),
    (b"[]", "neither"),
    (b'{"a":1}', "neither"),
    (orjson.dumps({"0" * 64: ME}), "changed"),
    (orjson.dumps({"": ME}), "characters"),
    (orjson.dumps({"format": "another", "version": 1, "operations": []}), "another kind"),
    (orjson.dumps({"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}), "another kind"),
    (orjson.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "a"}]}), "body"),
    (
        orjson.dumps(
            {
                "format": "apollo-persisted-query-manifest",
                "version": 1,
                "operations": [{"id": "a", "body": ME}, {"id": "a", "body": MODE}],
            }
        ),
        "two documents",
    ),
]


@pytest.mark.parametrize(("content", "word"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_no_manifest_is_refused_in_one_line(tmp_path: Path, content: bytes, word: str) -> None:
    with pytest.raises(ManifestError, match=word) as refusal:
        read_manifest(kept(tmp_path, content))
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot read"):
        Trusted(tmp_path / "nowhere.json")


def test_a_new_manifest_takes_the_place_of_the_old_and_a_broken_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.0)
    path = kept(tmp_path, written([ENTRY]))
    known = Trusted(path)
    assert known.get(ENTRY.id) == ME
    known.admit(ME)
    kept(tmp_path, b"{")
    assert known.get(ENTRY.id) == ME
    path.unlink()
    assert known.get(ENTRY.id) == ME
    kept(tmp_path, orjson.dumps({"mode": MODE}))
    os.utime(path, ns=(1, 1))
    assert (known.get(ENTRY.id), known.get("mode")) == (None, MODE)
    with pytest.raises(NotTrusted):
        known.admit(ME)


@pytest.mark.parametrize("mode", ["log", "off"])
def test_in_the_other_modes_every_document_runs(tmp_path: Path, mode: module.TrustMode) -> None:
    known = Trusted(kept(tmp_path, written([ENTRY])), mode)
    for _ in range(3):
        known.admit(MODE)


def test_documents_kept_by_hash_are_bounded_in_number_and_bytes() -> None:
    few = Automatic(most=2, bytes=1_000)
    for name in "abc":
        few.keep(name, "x")
    assert [few.get(name) for name in "abc"] == [None, "x", "x"]
    small = Automatic(most=100, bytes=10)
    small.keep("a", "é" * 3)
    small.keep("a", "é" * 3)
    small.keep("b", "xxxx")
    assert small.get("a") == "é" * 3
    small.keep("c", "x")
    assert [small.get(name) is not None for name in "abc"] == [True, False, True]
