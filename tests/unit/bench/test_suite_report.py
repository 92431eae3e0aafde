"""The suite's tables take their place in a page and leave the rest of it alone."""

from pathlib import Path

import pytest

from bench.suite_report import write

FIGURE = {"median": 1_000.0, "least": 900.0, "most": 1_100.0}
ONE = {
    **dict.fromkeys(("per_second", "server_us", "database_us", "p50_ms", "p99_ms"), FIGURE),
    "answer_bytes": 300,
    "refused": 0,
}
FOUND = {
    "machine": {"processor": "P", "cores": 2, "system": "L", "load_before": [1.0], "python": "3"},
    "suite": {
        "settings": {
            **{"postgresql": "18", "pinned": False, "rounds": 3, "seconds": 1.0, "clients": 32, "cases": 10},
            "peers": {"mercurius": {"what": "w", "version": "16", "settings": "s", "lacks": "l"}},
        },
        "works": {"declare": {"khaibao": ONE | {"per_second": FIGURE | {"median": 1_500.0}}, "mercurius": ONE}},
        "rows": {},
    },
}


def test_tables_are_written_between_their_marks_again_and_again(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    marks = [line for line in Path("docs/benchmarks.md").read_text(encoding="utf-8").splitlines() if "suite" in line]
    begin = next(line for line in marks if line.startswith("<!-- suite"))
    page.write_text(f"before\n{begin}\nold\n<!-- end of suite -->\nafter\n", encoding="utf-8")
    write(page, FOUND)
    once = page.read_text(encoding="utf-8")
    write(page, FOUND)
    assert page.read_text(encoding="utf-8") == once
    assert "| **khaibao** | 1,500 (900 to 1,100) | 1.50 |" in once
    assert once.startswith("before\n")
    assert once.endswith("after\n")
    assert "old" not in once


def test_a_page_without_a_place_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="has no place"):
        write(page, FOUND)
