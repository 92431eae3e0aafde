"""What the tables hold, read as the owner: the truth that the code under test is measured against."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from access.sealing import Sealer
from tests.integration.scope.belongings import Belonging, Sealed, Unsealed, belongings, sealed_words

UNWATCHED = {
    "alert_event": "written with its alert, which is watched",
    "area_change": "no root field writes it",
    "audit": "every refusal may leave a row",
    "audit_link": "the seal follows the audit",
    "audit_subject": "written with the audit",
    "gathering": "what keeps texts to one person together",
    "installation": "its counter of access grows whenever anybody's does",
    "outbox_message": "asking for a code writes one, to whomever",
    "presence": "who is connected",
    "protocol": "no root field writes it",
    "rate_limit": "every attempt counts",
    "refresh_token": "every sign-in writes one",
    "session": "every sign-in writes one",
    "signing_key": "rotated by time",
    "tortoise_migrations": "no root field writes it",
    "verification": "anybody may ask for a code",
}
"""Tables that an operation may write without having reached into an area, and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: of which area and case it is (None where of none), and a digest of all its columns."""

    area_id: str | None
    case_id: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Change:
    """A row that differs, came or went, with where it was or is."""

    table: str
    key: str
    area_id: str | None
    case_id: str | None


@dataclass
class Rows:
    """Objects by table and key, and what the oracle counts."""

    digests: dict[str, str]
    """Of each watched table: the same where nothing in it has changed."""
    watched: dict[str, dict[str, Row]]
    declarations: dict[UUID, Any]
    cases: dict[UUID, Any]
    alerts: dict[UUID, Any]
    submissions: dict[UUID, Any]
    accounts: dict[UUID, Any]
    duties: dict[UUID, Any]
    photos: dict[UUID, Any]
    uploads: dict[UUID, str | None]
    """Whose each photo is that belongs to no case yet."""
    belongings: dict[UUID, Belonging]
    sealed: list[Sealed]
    certificates: dict[str, UUID]
    """The case of each certificate's code."""
    resting: dict[UUID, UUID]
    """The case that each merged case rests in."""
    events: list[Any]
    grants: set[tuple[str, UUID]]
    """Stations, and cases that are open to them wherever they lie."""
    passed_on: list[Any]
    """Cases that were handed over, with where from and when."""
    acknowledgements: list[Any]
    """Of each acknowledgement the area and the disease."""
    at: datetime
    areas_of_person: dict[UUID, set[str]] = field(default_factory=dict)

    def names(self) -> set[UUID | str]:
        """The identifiers of all objects, and the codes of all receipts and certificates."""
        codes = {row["receipt_code"] for row in self.submissions.values()} | self.certificates.keys()
        objects = (self.alerts, self.cases, self.declarations, self.areas_of_person, self.photos, self.belongings)
        return {*codes, *(id for known in objects for id in known)}

    def changed(self, before: "Rows") -> list[Change]:
        """Each row that differs, came or went; twice one that changed its area."""
        found: list[Change] = []
        for table, rows in self.watched.items():
            old = before.watched[table]
            differing = [key for key in rows.keys() | old.keys() if rows.get(key) != old.get(key)]
            found += [
                Change(table, key, *where)
                for key in differing
                for where in {(row.area_id, row.case_id) for row in (old.get(key), rows.get(key)) if row is not None}
            ]
        return found


@dataclass(frozen=True, slots=True)
class Watched:
    """A table: its key, and how a row `t` says which area it is of, itself or through its case."""

    name: str
    key: str
    of: str
    case: str

    def digest(self) -> str:
        """One digest of all its rows."""
        every = f"md5(coalesce(string_agg(md5(t::text), '' ORDER BY t.{self.key}), ''))"
        return f"SELECT '{self.name}' AS name, {every} AS md5 FROM {self.name} t"

    def statement(self) -> str:
        """Each row's key, its digest, and what it is of."""
        columns = f"'{self.name}' AS name, t.{self.key}::text AS key, md5(t::text) AS md5, {self.of} AS area"
        columns += f", ({self.case})::text AS case_id"
        return f"SELECT {columns} FROM {self.name} t"


async def watched_tables(owner: asyncpg.Connection) -> list[Watched]:
    """Every table of which an operation may only write what it may reach."""
    found = []
    for row in await owner.fetch(_TABLES):
        columns = row["columns"]
        of = "t.id" if row["name"] == "area" else next((_OF[name] for name in _OF if name in columns), "NULL")
        if row["name"] not in UNWATCHED:
            case = "t.id" if row["name"] == "illness_case" else "t.case_id" if "case_id" in columns else "NULL"
            found.append(Watched(row["name"], row["key"], of, case))
    return found


async def read_rows(
    owner: asyncpg.Connection,
    tables: list[Watched],
    now: datetime,
    sealer: Sealer,
    unsealed: Unsealed,
    before: Rows | None = None,
) -> Rows:
    """All there is; `before` again, where nothing has changed since."""
    digests = {row["name"]: row["md5"] for row in await owner.fetch(" UNION ALL ".join(one.digest() for one in tables))}
    if before is not None and digests == before.digests:
        return before
    stale = tables
    if before is not None and all(digests[name] == before.digests[name] for name in _PLACES):
        stale = [table for table in tables if digests[table.name] != before.digests[table.name]]
    watched = {**(before.watched if before else {}), **{table.name: {} for table in stale}}
    for row in await owner.fetch(f"{' UNION ALL '.join(table.statement() for table in stale)} ORDER BY 1, 2"):
        watched[row["name"]][row["key"]] = Row(row["area"], row["case_id"], row["md5"])
    cases = {row["id"]: row for row in await owner.fetch(_CASES)}
    people: dict[UUID, set[str]] = {}
    for case in cases.values():
        people.setdefault(case["person_id"], set()).add(case["area_id"])
    return Rows(
        digests=digests,
        watched=watched,
        declarations={row["id"]: row for row in await owner.fetch(_DECLARATIONS)},
        cases=cases,
        alerts={row["id"]: row for row in await owner.fetch(_ALERTS)},
        submissions={row["id"]: row for row in await owner.fetch(_SUBMISSIONS)},
        accounts={row["id"]: row for row in await owner.fetch("SELECT id, area_id, username FROM account ORDER BY id")},
        duties={row["id"]: row for row in await owner.fetch(_DUTIES)},
        photos={row["id"]: row for row in await owner.fetch(_PHOTOS)},
        uploads={row["id"]: row["owner"] for row in await owner.fetch(_UPLOADS)},
        belongings=await belongings(owner),
        sealed=await sealed_words(owner, sealer, unsealed),
        certificates={
            row["code"]: row["case_id"] for row in await owner.fetch("SELECT code, case_id FROM certificate")
        },
        resting={row["id"]: row["merged_into"] for row in cases.values() if row["merged_into"]},
        events=await owner.fetch(_EVENTS),
        grants={(row["station"], row["case_id"]) for row in await owner.fetch(_GRANTS)},
        passed_on=await owner.fetch(_PASSED_ON),
        acknowledgements=await owner.fetch(_ACKNOWLEDGEMENTS),
        at=now,
        areas_of_person=people,
    )


_PLACES = ("area", "illness_case", "station")
"""By which rows of other tables are of an area."""
_OF = {
    "area_id": "t.area_id",
    "case_id": "(SELECT c.area_id FROM illness_case c WHERE c.id = t.case_id)",
    "station_id": "(SELECT s.area_id FROM station s WHERE s.id = t.station_id)",
}
_TABLES = """
SELECT c.relname AS name,
  (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
  (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""
_CASES = """
SELECT id, person_id, area_id, disease, state, confirmed_at, contacted_at, anonymised_at, phone_hash, merged_into,
  release_on, version, closed_at FROM illness_case ORDER BY id
"""
_DECLARATIONS = """
SELECT d.id, d.case_id, d.area_id, d.disease, d.submitted_at, d.severe, d.high_risk, d.handled_at, d.position,
  d.submission_id, d.state, s.idempotency_key
FROM declaration d JOIN submission s ON s.id = d.submission_id ORDER BY d.id
"""
_ALERTS = """
SELECT id, case_id, declaration_id, area_id, disease, kind, state, acknowledged_at, resolved_at, due_at, raised_at,
  (SELECT count(*) FROM alert_event e WHERE e.alert_id = alert.id AND e.change = 'ACKNOWLEDGED') AS acknowledgements
FROM alert ORDER BY id
"""
_SUBMISSIONS = "SELECT id, area_id, receipt_code, verified, idempotency_key FROM submission ORDER BY id"
_DUTIES = "SELECT id, level, station_id, area_id, ended_at FROM duty ORDER BY id"
_PHOTOS = "SELECT id, case_id, declaration_id, removed_at FROM evidence WHERE case_id IS NOT NULL ORDER BY id"
_UPLOADS = "SELECT id, owner FROM evidence WHERE case_id IS NULL AND removed_at IS NULL ORDER BY id"
_EVENTS = """
SELECT e.seq, e.alert_id, r.id AS area_id, a.area_id AS alert_area_id, a.kind
FROM alert_event e JOIN alert a ON a.id = e.alert_id JOIN area r ON r.lo = e.area_no ORDER BY e.seq
"""
_GRANTS = """
SELECT substr(grantee, 9) AS station, case_id FROM case_grant
WHERE starts_with(grantee, 'station:') AND ended_at IS NULL AND declaration_id IS NULL
"""
# With the cases that rested in them at that moment, which go along.
_PASSED_ON = """
SELECT case_id, from_area_id, answered_at FROM transfer WHERE kind = 'HAND_OVER' AND state = 'ACCEPTED'
UNION ALL
SELECT m.merged_case_id, t.from_area_id, t.answered_at FROM transfer t
JOIN person_merge m ON m.case_id = t.case_id AND m.at < t.answered_at
JOIN illness_case c ON c.id = m.merged_case_id
WHERE t.kind = 'HAND_OVER' AND t.state = 'ACCEPTED'
  AND CASE WHEN m.undone_at IS NULL THEN c.merged_into = m.case_id ELSE m.undone_at > t.answered_at END
ORDER BY answered_at
"""
_ACKNOWLEDGEMENTS = """
SELECT r.id AS area_id, a.disease FROM alert_event e JOIN alert a ON a.id = e.alert_id JOIN area r ON r.lo = e.area_no
WHERE e.change = 'ACKNOWLEDGED'
"""
