-- $1 area, $2 day, $3 now, $4 disease: the area first, then each area right below it, with what was counted in it.
WITH r AS (
  SELECT id, name, lo, hi, parent_id FROM area
  WHERE (id = $1 OR parent_id = $1) AND valid_from <= $2::date AND (valid_to IS NULL OR valid_to > $2::date)
), waiting AS (
  SELECT area_no, count(*) AS alerts FROM alert
  WHERE state IN ('RAISED', 'ESCALATED') AND due_at >= $3::timestamptz AND disease = $4 GROUP BY area_no
)
SELECT r.id, r.name, sum(c.declared)::int AS declared, sum(c.confirmed)::int AS confirmed,
  sum(c.active)::int AS active, sum(c.severe)::int AS severe, sum(c.high_risk)::int AS "highRisk",
  sum(c.open_alerts)::int AS open, sum(c.open_alerts - coalesce(w.alerts, 0))::int AS overdue
FROM r LEFT JOIN area_count c ON c.day = date '-infinity' AND c.disease = $4 AND c.area_no BETWEEN r.lo AND r.hi
LEFT JOIN waiting w ON w.area_no = c.area_no
GROUP BY r.id, r.name, r.lo, r.parent_id ORDER BY r.parent_id = $1 NULLS FIRST, r.lo
