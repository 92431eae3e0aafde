"""Trusted documents are compiled when the server starts."""

from pathlib import Path

import structlog

from graph.api import build_schema
from graph.limits import Limits
from graph.manifest import Entry, sha256, written
from graph.prepare_trusted import prepare_trusted
from graph.running import Engine
from graph.trusted import Trusted

SCHEMA = build_schema()
MODE = "query Mode { installation { mode } }"
NAMELESS = "{ installation { now } }"
SEVERAL = "query A { installation { mode } } query B { installation { now } }"


def trusted(folder: Path, *texts: str) -> Trusted:
    """A manifest of these documents."""
    path = folder / "manifest.json"
    path.write_bytes(written([Entry(sha256(text), text, "", "query") for text in texts]))
    return Trusted(path)


def test_each_operation_of_each_document_is_compiled_before_anybody_asks(tmp_path: Path) -> None:
    engine = Engine(SCHEMA, Limits())
    assert prepare_trusted(engine, trusted(tmp_path, MODE, NAMELESS, SEVERAL)) == 3
    kept = [engine.documents.read(text).plans for text in (MODE, NAMELESS, SEVERAL)]
    assert [sorted(str(name) for name in plans) for plans in kept] == [["Mode", "None"], ["None"], ["A", "B"]]
    assert all(plan is not None for plans in kept for plan in plans.values())


def test_one_that_does_not_fit_is_logged_and_the_others_are_compiled(tmp_path: Path) -> None:
    engine = Engine(SCHEMA, Limits())
    with structlog.testing.capture_logs() as logs:
        assert prepare_trusted(engine, trusted(tmp_path, "{ nowhere }", MODE)) == 1
    assert [(line["event"], line["sha256"]) for line in logs] == [("trusted_document_refused", sha256("{ nowhere }"))]
    assert engine.documents.kept[0] == 1


def test_no_more_are_compiled_than_are_kept(tmp_path: Path) -> None:
    engine = Engine(SCHEMA, Limits(documents_kept=2))
    assert prepare_trusted(engine, trusted(tmp_path, MODE, NAMELESS, SEVERAL)) == 2
    assert engine.documents.kept[0] == 2
