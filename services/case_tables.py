"""Which tables hold rows of a case that lie where the case lies, found in the models so that none can be forgotten."""

from tortoise import Tortoise

_ELSEWHERE = frozenset({"transfer"})
"""Its rows have the numbers of both wards, whatever becomes of the case later."""


def case_tables() -> tuple[tuple[str, bool], ...]:
    """Each table with a case's number of an area, and whether its rows name the area and the station that answers too.

    Rows that name only a station say who did something, and keep that.
    """
    models = Tortoise.apps["models"].values() if Tortoise.apps else ()
    found = []
    for model in models:
        columns, table = set(model._meta.db_fields), str(model._meta.db_table)
        if table not in _ELSEWHERE and {"case_id", "area_no"} <= columns:
            found.append((table, {"area_id", "station_id"} <= columns))
    return tuple(sorted(found))
