-- $1 code of the ward, $2 day, $3 disease, $4 hashes of the people: the ward, its station, and who is known already.
SELECT a.id, a.lo, a.name, s.id AS station_id, s.name AS station_name, s.phone AS station_phone,
  EXISTS (SELECT FROM area k WHERE k.parent_id = a.id AND k.valid_from <= $2
    AND (k.valid_to IS NULL OR k.valid_to > $2)) AS has_children,
  (SELECT jsonb_agg(jsonb_build_array(k.hash, k.person_id, c.id, c.verified, c.confirmed_at IS NOT NULL,
      c.phone_hash, c.rank, c.severe, c.high_risk, c.area_id, c.closed_at IS NULL AND c.disease = $3)
      ORDER BY c.opened_at)
    FROM person_key k LEFT JOIN illness_case c ON c.person_id = k.person_id AND c.anonymised_at IS NULL
    WHERE k.hash = ANY($4::text[])) AS known
FROM area a LEFT JOIN station s ON s.area_id = a.id AND s.active AND s.kind = 'WARD_STATION'
WHERE a.national_code = $1 AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to > $2)
ORDER BY a.valid_from DESC, a.level DESC LIMIT 1
