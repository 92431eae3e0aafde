"""Whether two servers that were measured have written the same."""

from bench.peers.rows import SEVERE, WRITTEN, compare


def counted(calls: int, alerts: int) -> dict[str, tuple[int, int]]:
    """So many rows in each table, a hundred bytes each."""
    rows = {"alert": alerts, "alert_event": alerts, "area_count": 2 * calls}
    return {table: (rows.get(table, calls), rows.get(table, calls) * 100) for table in WRITTEN} | {SEVERE: (alerts, 0)}


def test_servers_that_did_the_same_work_agree_however_often_they_did_it() -> None:
    nothing = counted(0, 0)
    found = compare(
        {"ours": nothing, "peer": nothing}, {"ours": counted(900, 100), "peer": counted(2_700, 301)}, "ours"
    )
    assert found["differ"] == []
    assert found["for_one_declaration"]["peer"]["area_count"] == {"rows": 2.0, "bytes": 100}


def test_a_server_that_leaves_a_table_out_is_named() -> None:
    nothing = counted(0, 0)
    less = counted(900, 100) | {"audit": (0, 0)}
    found = compare({"ours": nothing, "peer": nothing}, {"ours": counted(900, 100), "peer": less}, "ours")
    assert found["differ"] == ["peer: audit"]
