"""Making cases anonymous: nothing that says who it was stays, and everything that was counted does.

Raw, because each step takes every row of a batch at once, and what is emptied must not be read first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import UnsealError
from services.forget_phone import forget_phones
from services.recognise import one_after_another
from services.runtime import Runtime

_HASHES = """
SELECT DISTINCT k.hash FROM person_key k JOIN illness_case c ON c.person_id = k.person_id WHERE c.id = ANY($1::uuid[])
"""
_CASES = "SELECT id FROM illness_case WHERE id = ANY($1::uuid[]) AND anonymised_at IS NULL ORDER BY id FOR UPDATE"
_CASE = """
UPDATE illness_case SET identity = '', phone_hash = '', anonymised_at = $2, version = version + 1
WHERE id = ANY($1::uuid[])
"""
_REPORTS = "UPDATE declaration SET report = '' WHERE case_id = ANY($1::uuid[]) AND report <> ''"
_NOTES = "UPDATE alert SET note = NULL, version = version + 1 WHERE case_id = ANY($1::uuid[]) AND note IS NOT NULL"
# What the station's day has left in sealed words: what was said, why somebody was sent on, what a certificate says.
_WORDS = tuple(
    f"UPDATE {table} SET {column} = {nothing} WHERE case_id = ANY($1::uuid[]) AND {column} <> ''"
    for table, column, nothing in (
        ("declaration", "asked", "NULL"),
        ("case_event", "detail", "NULL"),
        ("check_in", "report", "''"),
        ("check_in", "body_hash", "''"),
        ("contact_attempt", "note", "NULL"),
        ("dispensing", "note", "NULL"),
        ("referral", "reason", "''"),
        ("referral", "answer", "NULL"),
        ("transfer", "reason", "''"),
        ("certificate", "content", "''"),
        ("certificate", "revoke_reason", "NULL"),
        ("person_merge", "detail", "''"),
    )
)

# Without their keys nobody reads them from this commit on; `remove_objects` takes the bytes away.
_PHOTOS = """
UPDATE evidence SET removed_at = coalesce(removed_at, $2), data_key = NULL, digest = NULL, owner = NULL
WHERE case_id = ANY($1::uuid[]) AND (removed_at IS NULL OR data_key IS NOT NULL)
"""
_CERTIFICATES = "UPDATE certificate SET data_key = NULL WHERE case_id = ANY($1::uuid[]) AND data_key IS NOT NULL"

# What a merge has kept is of both sides, whichever of them becomes anonymous: it cannot be undone any more.
_MERGES = "UPDATE person_merge SET detail = '' WHERE merged_case_id = ANY($1::uuid[]) AND detail <> ''"

# The hashes are the person's and not the case's: while a newer case names the person, they are known again by them.
_KEYS = """
DELETE FROM person_key k USING illness_case c WHERE c.id = ANY($1::uuid[]) AND k.person_id = c.person_id
  AND NOT EXISTS (SELECT FROM illness_case o WHERE o.person_id = k.person_id AND o.anonymised_at IS NULL)
"""

# Not left empty: several grants of one case would be one and the same then.
_GRANTS = """
UPDATE case_grant SET ended_at = coalesce(ended_at, $2),
  grantee = CASE kind WHEN 'RESIDENT' THEN 'ended:' || id ELSE grantee END
WHERE case_id = ANY($1::uuid[]) AND (ended_at IS NULL OR starts_with(grantee, 'phone:'))
"""

# A household's contact stays until nobody is left whom it was given for.
_SUBMISSIONS = """
SELECT s.id, s.contact FROM submission s
WHERE s.id IN (SELECT submission_id FROM declaration WHERE case_id = ANY($1::uuid[])) AND s.anonymised_at IS NULL
  AND NOT EXISTS (SELECT FROM declaration d JOIN illness_case c ON c.id = d.case_id
    WHERE d.submission_id = s.id AND c.anonymised_at IS NULL)
ORDER BY s.id FOR UPDATE OF s
"""

# The idempotency key stays taken, so that a late repeat declares nothing anew. The hash of the request goes, by which
# it could be told, and so does the receipt's code, a thread from a slip of paper to the row: what replaces it is longer
# than a code, and nobody was given it.
_SUBMISSION = """
UPDATE submission SET contact = '', phone_hash = '', body_hash = '', anonymised_at = $2,
  receipt_code = left(replace(gen_random_uuid()::text, '-', ''), 16)
WHERE id = ANY($1::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Anonymised:
    """How many cases and submissions were made anonymous, and how many sessions ended with their phones."""

    cases: int = 0
    submissions: int = 0
    sessions: int = 0


async def lock_persons(connection: AsyncpgDBClient, case_ids: Collection[UUID]) -> list[UUID]:
    """Locks these cases and their persons, in the order in which a declaration does; those not anonymous yet.

    Until the transaction ends no report joins them and none is made for the same person.
    """
    _, found = await connection.execute_query(_HASHES, [list(case_ids)])
    await one_after_another(connection, [row["hash"] for row in found])
    _, rows = await connection.execute_query(_CASES, [list(case_ids)])
    return [row["id"] for row in rows]


async def anonymise(
    runtime: Runtime, connection: AsyncpgDBClient, case_ids: Collection[UUID], now: datetime
) -> Anonymised:
    """Takes from these cases all that says who it was; counters, severity, age band, sex and days stay.

    The caller has locked them with `lock_persons`, writes the audit, and wakes the hub after the commit where sessions
    have ended.
    """
    cases = list(case_ids)
    await connection.execute_query(_CASE, [cases, now])
    for statement in (_REPORTS, _NOTES, *_WORDS, _MERGES, _KEYS):
        await connection.execute_query(statement, [cases])
    await connection.execute_query(_CERTIFICATES, [cases])
    for statement in (_PHOTOS, _GRANTS):
        await connection.execute_query(statement, [cases, now])
    _, rows = await connection.execute_query(_SUBMISSIONS, [cases])
    phones = {phone for row in rows if (phone := _phone(runtime, row))}
    await connection.execute_query(_SUBMISSION, [[row["id"] for row in rows], now])
    sessions = await forget_phones(runtime, connection, phones, now)
    return Anonymised(len(cases), len(rows), sessions)


def _phone(runtime: Runtime, row: Any) -> str | None:
    try:
        return str(runtime.sealer.open(f"submission:{row['id']}", row["contact"])["phone"])
    except UnsealError:
        # Its key is lost: that must not keep what nobody can read, nor everything behind it, from being forgotten.
        return None
