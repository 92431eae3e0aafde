"""The operations of a client's source files become a manifest, and a manifest is checked."""

from pathlib import Path

import orjson
import pytest
from graphql import parse
from typer.testing import CliRunner

from cli import command_line
from graph.api import build_schema
from graph.collected import collect, faults
from graph.limits import Limits
from graph.manifest import Entry, read_manifest, sha256

SCHEMA = build_schema()._schema
SOURCES = {
    "areas.graphql": "query Areas($n: Int) { areas(first: $n) { nodes { ...A } } } query Me { me { id } }",
    "parts/a.graphql": "fragment A on Area { id ...B } fragment Unused on Area { name }",
    "parts/b.gql": "fragment B on Area { code }",
    "parts/notes.txt": "query Notes { me { id } }",
}


def folder_of(place: Path, sources: dict[str, str]) -> Path:
    """A folder with these files."""
    for name, text in sources.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


def test_an_operation_goes_in_with_the_fragments_it_uses_and_no_others(tmp_path: Path) -> None:
    found = collect(folder_of(tmp_path, SOURCES))
    assert found.faults == []
    areas, me = found.entries
    assert (areas.name, areas.kind, me.name) == ("Areas", "query", "Me")
    assert areas.id == sha256(areas.body)
    assert [one.name.value for one in parse(areas.body).definitions] == ["Areas", "A", "B"]  # type: ignore[attr-defined]  # each has a name
    assert faults(SCHEMA, found.entries, Limits()) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{ me { id } }", "no name"),
        ("query Me { me { id } }", "as well"),
        ("fragment A on Area { id }", "another fragment"),
        ("query {", "Syntax Error"),
        ("type X { y: Int }", "neither"),
    ],
)
def test_what_cannot_go_into_a_manifest_is_said_with_its_file(tmp_path: Path, text: str, word: str) -> None:
    [fault] = collect(folder_of(tmp_path, {**SOURCES, "z.graphql": text})).faults
    assert "z.graphql" in fault
    assert word in fault


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        (Entry("a", "query A { nothing }"), "nothing"),
        (Entry("a", "query A { me { id } } query B { me { id } }"), "has 2"),
        (Entry("a", "query A { me { id } }", "B"), "not what the manifest says"),
        (Entry("a", "query A { me { id } }", "A", "mutation"), "not what the manifest says"),
        (Entry("a", "query A { " + " ".join(f"a{n}: me {{ id }}" for n in range(31)) + " }"), "aliases"),
        (Entry("a", "query A {"), "Syntax Error"),
    ],
)
def test_a_document_that_would_be_refused_is_found(entry: Entry, word: str) -> None:
    [fault] = faults(SCHEMA, [entry], Limits())
    assert word in fault


def test_the_commands_make_and_check_a_manifest_without_a_database(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    made = CliRunner().invoke(
        command_line(), ["documents", "make", str(folder_of(tmp_path, SOURCES)), "--out", str(manifest)]
    )
    assert made.exit_code == 0, made.output
    assert "KHAIBAO_TRUSTED_DOCUMENTS=" in made.output
    assert [entry.name for entry in read_manifest(manifest)] == ["Areas", "Me"]
    checked = CliRunner().invoke(command_line(), ["documents", "check", str(manifest), "--json"])
    assert [one["name"] for one in orjson.loads(checked.stdout)["operations"]] == ["Areas", "Me"]
    manifest.write_bytes(orjson.dumps({"a": "query A { nothing }"}))
    wrong = CliRunner().invoke(command_line(), ["documents", "check", str(manifest)])
    assert wrong.exit_code == 1
    assert "nothing" in wrong.output
