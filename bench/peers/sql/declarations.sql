-- $1 first area, $2 last, $3 how many: the most dangerous first, by a probe of the index for each state.
SELECT p.id, p.state, p.danger, p.severe, p.high_risk AS "highRisk", p.submitted_at AS "submittedAt",
  p.possible_duplicate AS "possibleDuplicate", p.verified
FROM unnest(ARRAY['ACCEPTED', 'DUPLICATE', 'EXPIRED', 'NEEDS_INFO', 'REJECTED', 'REROUTED', 'SUBMITTED', 'WITHDRAWN'])
  AS s (state) CROSS JOIN LATERAL (
  SELECT t.* FROM declaration t WHERE t.state = s.state AND t.area_no BETWEEN $1::int AND $2::int
  ORDER BY t.rank, t.submitted_at, t.id LIMIT $3::int) AS p
ORDER BY p.rank, p.submitted_at, p.id LIMIT $3::int
