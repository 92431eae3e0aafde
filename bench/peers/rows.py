"""Whether everybody has written the same: the rows of each table for one declaration, side by side."""

from collections.abc import Mapping
from typing import Any

WRITTEN = (
    *("submission", "person", "person_key", "illness_case", "declaration", "assessment", "alert", "alert_event"),
    *("area_count", "audit", "outbox_message", "case_grant"),
)
SEVERE = "declarations that were severe"
_OF_THE_SEVERE = frozenset({"alert", "alert_event"})
"""Counted for one severe declaration: with too much to do the program refuses those last, and so has more of them."""

_CLOSE_ENOUGH = 0.03

Counted = Mapping[str, tuple[int, int]]


def compare(before: Mapping[str, Counted], after: Mapping[str, Counted], first: str) -> dict[str, Any]:
    """For each server and table the rows for one submission (of alerts: for a severe one), and bytes for one row.

    A server differs where its rows are not those of `first`, within 3 in a hundred: one has more people
    with a national id than another.
    """
    servers = {name: _written(before[name], after[name]) for name in before}
    differ = [
        f"{name}: {table}"
        for name, tables in servers.items()
        for table in WRITTEN
        if abs(tables[table]["rows"] - servers[first][table]["rows"]) > _CLOSE_ENOUGH
    ]
    return {"for_one_declaration": servers, "differ": differ}


def _written(before: Counted, after: Counted) -> dict[str, dict[str, float]]:
    calls = after["submission"][0] - before["submission"][0]
    severe = after[SEVERE][0] - before[SEVERE][0]
    found: dict[str, dict[str, float]] = {}
    for table in WRITTEN:
        rows, size = (now - then for now, then in zip(after[table], before[table], strict=True))
        of = severe if table in _OF_THE_SEVERE else calls
        found[table] = {"rows": round(rows / max(of, 1), 3), "bytes": round(size / max(rows, 1))}
    return found
