"""Making the hashes anew by which persons are known and cases are opened, from what was reported of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.bounds import phone_grantee
from access.keys import KeyRing, Standing
from access.pseudonym import Pseudonymiser
from access.sealing import UnsealError
from services.person_key import person_keys
from services.runtime import Runtime

_NO_ID = str(UUID(int=0))

_KEYS = """
SELECT hash, person_id FROM person_key WHERE NOT starts_with(hash, $1) AND hash > $2
ORDER BY hash LIMIT $3 FOR UPDATE SKIP LOCKED
"""

# Each report of a person with the contact it came with: a case that was joined has kept the first report's identity.
_REPORTS = """
SELECT c.person_id, c.id AS case_id, c.identity, d.id AS declaration_id, d.report, s.id AS submission_id, s.contact
FROM illness_case c JOIN declaration d ON d.case_id = c.id JOIN submission s ON s.id = d.submission_id
WHERE c.person_id = ANY($1::uuid[])
"""

# What the older hash leads to is the older knowledge: it wins over a row that was written meanwhile.
_REPLACE = """
WITH gone AS (DELETE FROM person_key WHERE hash = ANY($1::text[]) RETURNING hash, person_id)
INSERT INTO person_key (hash, person_id)
SELECT u.new, g.person_id FROM gone g JOIN unnest($2::text[], $3::text[]) AS u (old, new) ON u.old = g.hash
ORDER BY u.new ON CONFLICT (hash) DO UPDATE SET person_id = excluded.person_id
"""

_GRANTS = """
SELECT g.id, g.grantee, c.id AS case_id, c.identity, s.id AS submission_id, s.contact
FROM (SELECT * FROM case_grant WHERE grantee LIKE 'phone:%' AND NOT starts_with(grantee, $1)
    AND id > $2::uuid ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED) g
JOIN illness_case c ON c.id = g.case_id
LEFT JOIN declaration d ON d.id = g.declaration_id LEFT JOIN submission s ON s.id = d.submission_id
ORDER BY g.id
"""

# One that was written under the new hash meanwhile says the same.
_TWINS = """
DELETE FROM case_grant g USING unnest($1::uuid[], $2::text[]) AS u (id, grantee)
WHERE g.id = u.id AND (u.grantee = '' OR EXISTS (SELECT FROM case_grant o WHERE o.grantee = u.grantee
  AND o.case_id = g.case_id AND coalesce(o.declaration_id, o.case_id) = coalesce(g.declaration_id, g.case_id)))
"""
_GRANT = """
UPDATE case_grant g SET grantee = u.grantee FROM unnest($1::uuid[], $2::text[]) AS u (id, grantee) WHERE g.id = u.id
"""


_CARRY = """
UPDATE case_grant g SET grantee = $1 WHERE g.grantee = ANY($2::text[]) AND NOT EXISTS (
  SELECT FROM case_grant o WHERE o.grantee = $1 AND o.case_id = g.case_id
    AND coalesce(o.declaration_id, o.case_id) = coalesce(g.declaration_id, g.case_id))
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """How many rows a batch took, how many of them had no source any more, and after which row the next one begins."""

    rows: int
    without_source: int
    after: str


async def rehash_person_keys(runtime: Runtime, connection: AsyncpgDBClient, after: str, limit: int) -> Batch:
    """One batch of the keys by which persons are known, in the caller's transaction; `after` is "" at the start."""
    _, rows = await connection.execute_query(_KEYS, [f"{runtime.sealer.ring.current.name}.", after, limit])
    if not rows:
        return Batch(0, 0, after)
    _, reports = await connection.execute_query(_REPORTS, [list({row["person_id"] for row in rows})])
    anew, unread = _by_old_hash(runtime, _of_all_keys(runtime), reports)
    # Of somebody whose report does not open at the moment nothing is thrown away: the right key may yet be found.
    renamed = {row["hash"]: anew[row["person_id"]].get(row["hash"]) for row in rows if row["person_id"] not in unread}
    # Two older keys may have hashed the same: one of the two is enough, and the statement takes no new one twice.
    pairs = {new: old for old, new in sorted(renamed.items()) if new is not None}
    await connection.execute_query(_REPLACE, [list(renamed), list(pairs.values()), list(pairs)])
    return Batch(len(rows), sum(new is None for new in renamed.values()), rows[-1]["hash"])


async def rehash_grants(runtime: Runtime, connection: AsyncpgDBClient, after: str, limit: int) -> Batch:
    """One batch of residents' grants, as for the persons' keys."""
    prefix = phone_grantee(f"{runtime.sealer.ring.current.name}.")
    _, rows = await connection.execute_query(_GRANTS, [prefix, after or _NO_ID, limit])
    if not rows:
        return Batch(0, 0, after)
    pseudonymiser, ids, grantees = _of_all_keys(runtime), [], []
    for row in rows:
        try:
            grantees.append(_grantee(runtime, pseudonymiser, row))
        except UnsealError:
            continue
        ids.append(row["id"])
    await connection.execute_query(_TWINS, [ids, grantees])
    await connection.execute_query(_GRANT, [ids, grantees])
    return Batch(len(rows), grantees.count(""), str(rows[-1]["id"]))


async def carry_grants(connection: AsyncpgDBClient, phone_hashes: Sequence[str]) -> None:
    """What was opened to a phone under an older key is opened to it under the current one, the first of its hashes.

    For somebody who proves their phone while a rotation is under way and has not come to their rows yet.
    """
    current, *older = [phone_grantee(found) for found in phone_hashes]
    if older:
        await connection.execute_query(_CARRY, [current, older])


async def current_hashes(runtime: Runtime, connection: AsyncpgDBClient, person_id: UUID) -> dict[str, str]:
    """Of each older hash that a report of this person could have been known by, the one under the current key.

    Raises nothing for a report that does not open: what it would have told is missing.
    """
    _, reports = await connection.execute_query(_REPORTS, [[person_id]])
    anew, _ = _by_old_hash(runtime, _of_all_keys(runtime), reports)
    return anew[person_id]


def _by_old_hash(
    runtime: Runtime, pseudonymiser: Pseudonymiser, reports: Iterable[Any]
) -> tuple[defaultdict[UUID, dict[str, str]], set[UUID]]:
    """For each person the current hash of each hash by which one of their reports could have made them known; and the
    persons of whom something does not open."""
    anew: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    unread = set()
    for row in reports:
        try:
            found = list(_sources(runtime, row))
        except UnsealError:
            unread.add(row["person_id"])
            continue
        for phone, source in found:
            name, birth = source.get("full_name") or source.get("name"), source["birth_date"] or source["birth_year"]
            number = source.get("national_id")
            keys = person_keys(pseudonymiser, phone, str(name), str(birth), str(number) if number else None)
            for current, *older in keys:
                anew[row["person_id"]] |= dict.fromkeys(older, current)
    return anew, unread


def _of_all_keys(runtime: Runtime) -> Pseudonymiser:
    """Hashes under the retired keys too: rows that came back with a backup are not without a source."""
    ring = runtime.sealer.ring
    older = [replace(key, standing=Standing.USED) for key in ring.all if key != ring.current]
    return Pseudonymiser(KeyRing([*older, ring.current]))


def _sources(runtime: Runtime, row: Any) -> Iterable[tuple[str, dict[str, object]]]:
    """Phone and person as reported, and as the case has them; what was made anonymous is empty."""
    if row["contact"] and row["report"]:
        contact = runtime.sealer.open(f"submission:{row['submission_id']}", row["contact"])
        report = runtime.sealer.open(f"declaration:{row['declaration_id']}", row["report"])
        if report.get("full_name"):
            yield str(contact["phone"]), report
    if row["identity"]:
        identity = runtime.sealer.open(f"case:{row['case_id']}", row["identity"])
        yield str(identity["phone"]), identity


def _grantee(runtime: Runtime, pseudonymiser: Pseudonymiser, row: Any) -> str:
    """The same grantee under the current key; "" where nothing tells any more who it was."""
    phones = []
    if row["contact"]:
        phones.append(runtime.sealer.open(f"submission:{row['submission_id']}", row["contact"])["phone"])
    if row["identity"]:
        phones.append(runtime.sealer.open(f"case:{row['case_id']}", row["identity"])["phone"])
    for phone in phones:
        hashes = [phone_grantee(found) for found in pseudonymiser.phones(str(phone))]
        if row["grantee"] in hashes:
            return hashes[0]
    return ""
