"""Counting the rows again and holding the counters against them: after a restore, and whenever somebody doubts."""

from dataclasses import dataclass

from models.area_count import ALL_DAYS
from models.database import service_connection

# Raw, because it walks every row once; of the totals only, since the days are parts of them.
_ROWS = """
SELECT (SELECT count(*) FROM declaration) AS declarations,
  (SELECT count(*) FROM declaration WHERE severe) AS severe,
  (SELECT count(*) FROM declaration WHERE high_risk) AS high_risk,
  (SELECT count(*) FROM illness_case) AS cases,
  (SELECT count(*) FROM illness_case WHERE confirmed_at IS NOT NULL) AS confirmed,
  (SELECT count(*) FROM illness_case WHERE state IN
    ('CONFIRMED', 'HOME_ISOLATION', 'REFERRED', 'HOSPITALISED', 'RELEASE_DUE', 'LOST_TO_FOLLOW_UP')) AS active,
  (SELECT count(*) FROM illness_case WHERE state = 'HOSPITALISED') AS hospitalised,
  (SELECT count(*) FROM illness_case WHERE state IN ('COMPLETED', 'CERTIFIED')) AS completed,
  (SELECT count(*) FROM illness_case WHERE state = 'DECEASED') AS deceased,
  (SELECT count(*) FROM declaration WHERE state IN ('SUBMITTED', 'NEEDS_INFO', 'REROUTED')) AS pending,
  (SELECT count(*) FROM alert) AS alerts,
  (SELECT count(*) FROM alert WHERE state IN ('RAISED', 'ESCALATED')) AS open_alerts,
  (SELECT count(*) FROM alert_event) AS events,
  (SELECT count(*) FROM audit) AS audit_records
"""
_COUNTERS = """
SELECT coalesce(sum(declared), 0) AS declarations, coalesce(sum(severe), 0) AS severe,
  coalesce(sum(high_risk), 0) AS high_risk, coalesce(sum(confirmed), 0) AS confirmed,
  coalesce(sum(alerts), 0) AS alerts, coalesce(sum(open_alerts), 0) AS open_alerts,
  coalesce(sum(active), 0) AS active, coalesce(sum(hospitalised), 0) AS hospitalised,
  coalesce(sum(completed), 0) AS completed, coalesce(sum(deceased), 0) AS deceased,
  coalesce(sum(pending), 0) AS pending
FROM area_count WHERE day = $1
"""


@dataclass(frozen=True, slots=True)
class Recount:
    """What the tables hold, and by name where a counter says something else (counter, rows)."""

    rows: dict[str, int]
    differences: dict[str, tuple[int, int]]


async def recount() -> Recount:
    """Counts as of now, while nobody writes."""
    connection = service_connection()
    _, rows = await connection.execute_query(_ROWS)
    _, counters = await connection.execute_query(_COUNTERS, [ALL_DAYS])
    counted = {name: int(value) for name, value in rows[0].items()}
    said = {name: int(value) for name, value in counters[0].items()}
    wrong = {name: (value, counted[name]) for name, value in said.items() if value != counted[name]}
    return Recount(counted, wrong)
