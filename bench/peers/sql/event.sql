-- $1 alert, $2 moment. Last in the transaction: the log's lock is held until the commit, so numbers come in its order.
WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock(118096055042051))
INSERT INTO alert_event (seq, alert_id, area_no, change, state, level, at, due_at, written_at)
SELECT nextval('alert_log_number'), a.id, a.area_no, 'RAISED', a.state, a.level, $2::timestamptz, a.due_at,
  clock_timestamp()
FROM held, alert a WHERE a.id = $1::uuid
