"""What somebody has in hand is found by them: the list of one's own cases does not go through all that is open."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Whom a claim names and not until when: it is asked for again every few minutes, and must not write all indexes anew.
FORWARD = """
SET LOCAL lock_timeout = '5s';
CREATE INDEX alert_taken_by ON alert (acknowledged_by) WHERE state = 'ACKNOWLEDGED';
CREATE INDEX case_claimed_by ON illness_case (claimed_by) WHERE claimed_by IS NOT NULL;
"""

BACKWARD = """
SET LOCAL lock_timeout = '5s';
DROP INDEX case_claimed_by, alert_taken_by;
"""


class Migration(migrations.Migration):
    """Two indexes, of rows that staff have in hand alone: nobody who declares writes them."""

    dependencies = [("models", "0010_the_stations_day")]

    initial = False

    operations = [ops.RunSQL(sql=FORWARD, reverse_sql=BACKWARD)]
