"""Indexes by which a page of a list, and a summary's day, cost the same at ten thousand cases and at a million.

A list's index begins with the state, because then a filter by states is a few probes, whatever is rare. The one without
area ends with it: the areas of a wide range are told apart inside the index. They take the place of those that
knew no state, or only the open ones; the index of all days is a part of that of each day.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
SET LOCAL lock_timeout = '5s';
DROP INDEX alert_open_by_area, alert_open_by_danger, alert_by_area, alert_by_danger, case_by_area, case_by_danger,
  declaration_by_area, declaration_by_danger, declaration_pending_by_area, area_count_totals;
CREATE INDEX alert_by_state ON alert (state, rank, raised_at, id, area_no);
CREATE INDEX alert_by_area ON alert (area_no, state, rank, raised_at, id);
CREATE INDEX case_by_state ON illness_case (state, rank, opened_at, id, area_no);
CREATE INDEX case_by_area ON illness_case (area_no, state, rank, opened_at, id);
CREATE INDEX case_high_risk ON illness_case (state, rank, opened_at, id, area_no) WHERE high_risk;
CREATE INDEX declaration_by_state ON declaration (state, rank, submitted_at, id, area_no);
CREATE INDEX declaration_by_area ON declaration (area_no, state, rank, submitted_at, id);
CREATE INDEX declaration_doubtful ON declaration (state, rank, submitted_at, id, area_no) WHERE possible_duplicate;
CREATE INDEX area_count_by_day ON area_count (day, disease, area_no);
CREATE INDEX ack_histogram_by_day ON ack_histogram (day, disease, area_no);
"""

BACKWARD = """
SET LOCAL lock_timeout = '5s';
DROP INDEX ack_histogram_by_day, area_count_by_day, declaration_doubtful, declaration_by_area, declaration_by_state,
  case_high_risk, case_by_area, case_by_state, alert_by_area, alert_by_state;
CREATE INDEX alert_open_by_area ON alert (area_no, rank, raised_at, id) WHERE state IN ('RAISED', 'ESCALATED');
CREATE INDEX alert_open_by_danger ON alert (rank, raised_at, id) WHERE state IN ('RAISED', 'ESCALATED');
CREATE INDEX alert_by_area ON alert (area_no, rank, raised_at, id);
CREATE INDEX alert_by_danger ON alert (rank, raised_at, id);
CREATE INDEX case_by_area ON illness_case (area_no, rank, opened_at, id);
CREATE INDEX case_by_danger ON illness_case (rank, opened_at, id);
CREATE INDEX declaration_by_area ON declaration (area_no, rank, submitted_at, id);
CREATE INDEX declaration_by_danger ON declaration (rank, submitted_at, id);
CREATE INDEX declaration_pending_by_area ON declaration (area_no, rank, submitted_at, id) WHERE state = 'SUBMITTED';
CREATE INDEX area_count_totals ON area_count (area_no, disease) WHERE day = DATE '0001-01-01';
"""


class Migration(migrations.Migration):
    """Puts the state into the lists' indexes, and the day first into the counters'."""

    dependencies = [("models", "0002_indexes_and_log")]

    operations = [ops.RunSQL(sql=FORWARD, reverse_sql=BACKWARD)]
