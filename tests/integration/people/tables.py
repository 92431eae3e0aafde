"""Every row of every table, as two moments can be compared."""

from typing import Any

from models.database import service_connection

# What tells of an act is written by it, and an act that is taken back is an act: versions, timeline, audit, the merges
# themselves, and when a counter was last touched.
_LEFT_OUT = (
    "audit",
    "audit_link",
    "audit_subject",
    "case_event",
    "person_merge",
    "installation",
    "tortoise_migrations",
)
_NO_MATTER = frozenset({"version", "last_action_at", "written_at"})
_SEALED = {"illness_case": ("identity", "case")}


async def everything(runtime: Any) -> dict[str, list[dict[str, Any]]]:
    """Every table's rows in a fixed order; sealed identities opened, for no two seals of one text are the same."""
    connection = service_connection()
    _, tables = await connection.execute_query(
        "SELECT c.table_name AS name FROM information_schema.tables c WHERE c.table_schema = 'public' "
        "AND c.table_type = 'BASE TABLE' AND has_table_privilege(quote_ident(c.table_name), 'SELECT') ORDER BY 1"
    )
    found = {}
    for name in (row["name"] for row in tables if row["name"] not in _LEFT_OUT):
        _, rows = await connection.execute_query(f"SELECT t.* FROM {name} t")
        plain = (_plain(runtime, name, dict(row)) for row in rows)
        found[name] = sorted((row for row in plain if row), key=repr)
    return found


def _plain(runtime: Any, table: str, row: dict[str, Any]) -> dict[str, Any]:
    kept = {column: value for column, value in row.items() if column not in _NO_MATTER}
    if table in _SEALED:
        column, place = _SEALED[table]
        if kept[column]:
            kept[column] = runtime.sealer.open(f"{place}:{row['id']}", kept[column])
    if table == "area_count":
        # A day on which nothing was counted in the end says the same as no row.
        counters = {column: value for column, value in kept.items() if isinstance(value, int) and column != "area_no"}
        return kept if any(counters.values()) else {}
    return kept
