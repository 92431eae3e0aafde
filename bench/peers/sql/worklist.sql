-- $1 first area, $2 last, $3 how many, $4 now: what calls, most urgent first, then most dangerous, then longest waiting.
WITH fact AS (
  SELECT DISTINCT ON (a.case_id) a.case_id, a.id, a.raised_at, a.due_at,
    CASE WHEN a.kind = 'HIGH_RISK' THEN 2 WHEN a.danger = 'RED' THEN 0 ELSE 1 END AS place
  FROM alert a
  WHERE a.state IN ('RAISED', 'ESCALATED') AND a.kind IN ('SEVERE', 'HIGH_RISK')
    AND a.area_no BETWEEN $1::int AND $2::int
  ORDER BY a.case_id, 5, a.raised_at
)
SELECT CASE f.place WHEN 0 THEN 'RED_ALERT' WHEN 1 THEN 'AMBER_ALERT' ELSE 'HIGH_RISK_ALERT' END AS kind,
  f.raised_at AS since, f.due_at AS "dueAt", f.due_at < $4::timestamptz AS overdue, f.id AS alert, c.id AS "case",
  c.state, c.age_band AS "ageBand", c.opened_at AS "openedAt", r.name AS area
FROM fact f JOIN illness_case c ON c.id = f.case_id JOIN area r ON r.id = c.area_id
ORDER BY f.place * 8 + c.rank, f.raised_at, c.id LIMIT $3::int
