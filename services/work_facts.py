"""What the tables say of the work that is to be done: one row for each reason why a case is in the worklist.

SQL of our own, because an item is what a dozen tables say together: each reason (a fact) is a branch of one UNION, and
the items are the facts gathered by their case. All branches narrow by `$1`..`$2`, the areas that are looked at, and
`{ids}` is empty or narrows to the cases of `$4` and to those that were merged into them.
"""

from functools import cache

from services.work_kind import PLACE, WorkKind

_AREAS = "BETWEEN $1 AND $2"

_CALLS = f"""
SELECT a.case_id, CASE WHEN a.kind = 'HIGH_RISK' THEN {PLACE[WorkKind.HIGH_RISK_ALERT]}
    WHEN a.danger = 'RED' THEN {PLACE[WorkKind.RED_ALERT]} ELSE {PLACE[WorkKind.AMBER_ALERT]} END AS kind,
  a.raised_at AS since, a.due_at AS due, a.id AS subject
FROM alert a WHERE a.state IN ('RAISED', 'ESCALATED') AND a.kind IN ('SEVERE', 'HIGH_RISK') AND a.area_no {_AREAS}"""

_OTHER_ALERTS = f"""
SELECT a.case_id,
  CASE WHEN a.state = 'ACKNOWLEDGED' THEN {PLACE[WorkKind.TAKEN_ALERT]} ELSE {PLACE[WorkKind.MISSED_CHECK_IN]} END,
  CASE WHEN a.state = 'ACKNOWLEDGED' THEN a.acknowledged_at ELSE a.raised_at END,
  CASE WHEN a.state = 'ACKNOWLEDGED' THEN a.call_at ELSE a.due_at END, a.id
FROM alert a WHERE a.area_no {_AREAS}
  AND (a.state = 'ACKNOWLEDGED' OR a.state IN ('RAISED', 'ESCALATED') AND a.kind = 'MISSED_CHECK_IN')"""

# What the case's own row says, a branch for each: all of them at once by a join to their values took four times as long
# for a city. The states stand in them as they are, so that the planner takes the index of states.
_MISSED = f"""
SELECT c.id, {PLACE[WorkKind.MISSED_CHECK_IN]}, coalesce(c.last_check_in_at, c.confirmed_at), c.check_in_due, NULL
FROM illness_case c WHERE c.checks_missed > 0 AND c.area_no {_AREAS} AND c.state IN
  ('SUSPECTED', 'CONFIRMED', 'HOME_ISOLATION', 'REFERRED', 'HOSPITALISED', 'RELEASE_DUE', 'LOST_TO_FOLLOW_UP')"""

_UNREACHED = f"""
SELECT c.id, {PLACE[WorkKind.UNREACHED]}, coalesce(c.contacted_at, c.confirmed_at), NULL, NULL
FROM illness_case c WHERE c.unreached > 0 AND c.area_no {_AREAS} AND c.state IN
  ('SUSPECTED', 'CONFIRMED', 'HOME_ISOLATION', 'REFERRED', 'HOSPITALISED', 'RELEASE_DUE')"""

_TO_CONTACT = f"""
SELECT c.id, {PLACE[WorkKind.TO_CONTACT]}, c.confirmed_at, NULL, NULL
FROM illness_case c
WHERE c.state = 'CONFIRMED' AND c.contacted_at IS NULL AND c.unreached = 0 AND c.area_no {_AREAS}"""

_STATES = f"""
SELECT c.id, CASE c.state WHEN 'RELEASE_DUE' THEN {PLACE[WorkKind.RELEASE_DUE]}
    WHEN 'HOSPITALISED' THEN {PLACE[WorkKind.IN_HOSPITAL]} WHEN 'LOST_TO_FOLLOW_UP' THEN {PLACE[WorkKind.LOST]}
    ELSE {PLACE[WorkKind.FOLLOW_UP]} END,
  CASE WHEN c.state = 'RELEASE_DUE' THEN c.release_on::timestamp AT TIME ZONE $3::text
    ELSE coalesce(c.last_check_in_at, c.contacted_at, c.confirmed_at) END,
  CASE WHEN c.state IN ('CONFIRMED', 'HOME_ISOLATION') THEN c.check_in_due END, NULL
FROM illness_case c WHERE c.area_no {_AREAS}
  AND c.state IN ('CONFIRMED', 'HOME_ISOLATION', 'HOSPITALISED', 'RELEASE_DUE', 'LOST_TO_FOLLOW_UP')"""

_DECLARATIONS = f"""
SELECT d.case_id, CASE WHEN d.state = 'NEEDS_INFO' THEN {PLACE[WorkKind.AWAITING_REPLY]}
    WHEN d.completed_at IS NOT NULL THEN {PLACE[WorkKind.REPLY]} ELSE {PLACE[WorkKind.DECLARATION_TO_CONFIRM]} END,
  CASE WHEN d.state = 'NEEDS_INFO' THEN d.asked_at ELSE coalesce(d.completed_at, d.submitted_at) END, NULL, d.id
FROM declaration d WHERE d.state IN ('SUBMITTED', 'NEEDS_INFO') AND d.area_no {_AREAS}"""

# A suspected case whose reports are all settled, or lie here since another ward sent them on.
_TO_CONFIRM = f"""
SELECT c.id, {PLACE[WorkKind.CASE_TO_CONFIRM]}, c.opened_at, NULL, NULL
FROM illness_case c WHERE c.state = 'SUSPECTED' AND c.area_no {_AREAS} AND NOT EXISTS (
  SELECT FROM declaration d WHERE d.case_id = c.id AND d.area_no = c.area_no
    AND d.state IN ('SUBMITTED', 'NEEDS_INFO'))"""

# A case that was referred is waited for, or no hospital is left that was asked.
_REFERRALS = f"""
SELECT c.id, CASE WHEN r.id IS NULL THEN {PLACE[WorkKind.REFERRAL_REFUSED]} ELSE {PLACE[WorkKind.REFERRAL_WAITING]} END,
  coalesce(r.requested_at, (SELECT max(p.answered_at) FROM referral p WHERE p.case_id = c.id), c.confirmed_at), NULL,
  r.id
FROM illness_case c
LEFT JOIN referral r ON r.case_id = c.id AND r.state IN ('REQUESTED', 'ACCEPTED', 'IN_TRANSFER', 'ADMITTED')
WHERE c.state = 'REFERRED' AND c.area_no {_AREAS}"""

_TRANSFERS = f"""
SELECT t.case_id, {PLACE[WorkKind.TRANSFER_TO_ACCEPT]}, t.asked_at, NULL, t.id
FROM transfer t WHERE t.state = 'REQUESTED' AND t.area_no {_AREAS}"""

_TESTS = f"""
SELECT t.case_id, {PLACE[WorkKind.TEST_TO_VERIFY]}, t.sent_at, NULL, t.id
FROM release_test t JOIN illness_case c ON c.id = t.case_id AND c.closed_at IS NULL
WHERE t.verified_at IS NULL AND t.refused_at IS NULL AND t.area_no {_AREAS}"""

_CERTIFICATES = f"""
SELECT t.case_id, {PLACE[WorkKind.CERTIFICATE_TO_SIGN]}, t.asked_at, NULL, t.id
FROM certificate t WHERE t.state = 'AWAITING_SIGNATURE' AND t.area_no {_AREAS}"""

_ALL = (
    (_CALLS, "a.case_id"),
    (_OTHER_ALERTS, "a.case_id"),
    (_MISSED, "c.id"),
    (_UNREACHED, "c.id"),
    (_TO_CONTACT, "c.id"),
    (_STATES, "c.id"),
    (_DECLARATIONS, "d.case_id"),
    (_TO_CONFIRM, "c.id"),
    (_REFERRALS, "c.id"),
    (_TRANSFERS, "t.case_id"),
    (_TESTS, "t.case_id"),
    (_CERTIFICATES, "t.case_id"),
)

# What is left of a case that was merged is shown with the one that goes on, where that one lies within as well. The
# first kind and since when it waits are the least of one number, and all kinds the bits of another: a city's facts are
# hundreds of thousands, and sorting those of each case would take most of the time.
_ITEMS = """
WITH fact (case_id, kind, since, due, subject) AS MATERIALIZED ({facts}), gathered AS (
  SELECT coalesce(k.id, o.id) AS id, bit_or(1 << f.kind) AS kinds,
    min((f.kind::bigint << 52) + (extract(epoch FROM coalesce(f.since, o.opened_at)) * 1000000)::bigint) AS first
  FROM fact f JOIN illness_case o ON o.id = f.case_id
  LEFT JOIN illness_case k ON k.id = o.merged_into AND k.area_no BETWEEN $1 AND $2
  GROUP BY 1),
item AS (SELECT id, kinds, (first >> 52)::int AS kind,
  timestamptz 'epoch' + (first & ((1::bigint << 52) - 1)) * interval '1 microsecond' AS since FROM gathered)
"""

ITEMS = _ITEMS.format(facts=" UNION ALL ".join(branch for branch, _ in _ALL))
"""All items of `$1`..`$2` as a table `item (id, kind, kinds, since)`, where `kinds` has a bit for each kind; `$3` is
the installation's zone."""

ITEMS_CALLED = _ITEMS.format(facts=f"{_CALLS} AND $3::text IS NOT NULL")
"""The same of open alerts alone: their items are the first of all, but of `kinds` they have not the rest.

For pages that `services.urgent_work` cannot walk."""

_IDS = """
  AND {column} IN (SELECT unnest({ids}::uuid[]) UNION ALL
    SELECT m.merged_case_id FROM person_merge m WHERE m.case_id = ANY({ids}::uuid[]) AND m.undone_at IS NULL)"""


def _of_cases(ids: str) -> str:
    return " UNION ALL ".join(branch + _IDS.format(column=column, ids=ids) for branch, column in _ALL)


@cache
def items_of(ids: str) -> str:
    """The items of the cases that a parameter names, such as `$8`."""
    return _ITEMS.format(facts=_of_cases(ids))


IN_HAND = """
SELECT c.id FROM illness_case c WHERE c.claimed_by = $1::uuid AND c.claimed_until > $2::timestamptz
UNION SELECT a.case_id FROM alert a WHERE a.state = 'ACKNOWLEDGED' AND a.acknowledged_by = $1::uuid
"""
"""The cases that the account `$1` has in hand at `$2`: those it has claimed, and those whose alert it has taken."""

FACTS = f"""
WITH fact (case_id, kind, since, due, subject) AS ({_of_cases("$4")})
SELECT coalesce(k.id, o.id) AS id, f.kind, coalesce(f.since, o.opened_at) AS since, f.due, f.subject
FROM fact f JOIN illness_case o ON o.id = f.case_id
LEFT JOIN illness_case k ON k.id = o.merged_into AND k.area_no BETWEEN $1 AND $2
ORDER BY f.kind, coalesce(f.since, o.opened_at), f.due, f.subject
"""
"""Every fact of the cases `$4`, the one that counts first."""
