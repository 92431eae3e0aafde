"""What Tortoise's declarations cannot say: partial indexes, the log's numbers, and tables that are updated all day."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
SET LOCAL lock_timeout = '5s';
CREATE SEQUENCE alert_log_number AS bigint CACHE 1;
CREATE INDEX alert_open_by_area ON alert (area_no, rank, raised_at, id) WHERE state IN ('RAISED', 'ESCALATED');
CREATE INDEX alert_open_by_danger ON alert (rank, raised_at, id) WHERE state IN ('RAISED', 'ESCALATED');
CREATE INDEX alert_due ON alert (due_at) INCLUDE (area_no, station_id, disease) WHERE state IN ('RAISED', 'ESCALATED');
CREATE INDEX alert_by_area ON alert (area_no, rank, raised_at, id);
CREATE INDEX alert_by_danger ON alert (rank, raised_at, id);
CREATE INDEX case_by_area ON illness_case (area_no, rank, opened_at, id);
CREATE INDEX case_by_danger ON illness_case (rank, opened_at, id);
CREATE INDEX case_open_by_person ON illness_case (person_id, disease) WHERE closed_at IS NULL;
CREATE INDEX declaration_by_area ON declaration (area_no, rank, submitted_at, id);
CREATE INDEX declaration_by_danger ON declaration (rank, submitted_at, id);
CREATE INDEX declaration_pending_by_area ON declaration (area_no, rank, submitted_at, id) WHERE state = 'SUBMITTED';
CREATE UNIQUE INDEX station_one_a_ward ON station (area_id) WHERE active AND kind = 'WARD_STATION';
CREATE INDEX area_count_totals ON area_count (area_no, disease) WHERE day = DATE '0001-01-01';
CREATE INDEX audit_by_moment ON audit USING brin (at);
ALTER TABLE area_count SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE ack_histogram SET (fillfactor = 70);
ALTER TABLE alert SET (fillfactor = 80);
ALTER TABLE illness_case SET (fillfactor = 85);
"""

BACKWARD = """
SET LOCAL lock_timeout = '5s';
DROP INDEX audit_by_moment, area_count_totals, station_one_a_ward, declaration_pending_by_area, declaration_by_danger, declaration_by_area,
  case_open_by_person, case_by_danger, case_by_area, alert_by_danger, alert_by_area, alert_due, alert_open_by_danger,
  alert_open_by_area;
DROP SEQUENCE alert_log_number;
ALTER TABLE area_count RESET (fillfactor, autovacuum_vacuum_scale_factor);
ALTER TABLE ack_histogram RESET (fillfactor);
ALTER TABLE alert RESET (fillfactor);
ALTER TABLE illness_case RESET (fillfactor);
"""


class Migration(migrations.Migration):
    """Adds the indexes by which lists are read most dangerous first, and the numbers of the alert log."""

    dependencies = [("models", "0001_initial")]

    operations = [ops.RunSQL(sql=FORWARD, reverse_sql=BACKWARD)]
