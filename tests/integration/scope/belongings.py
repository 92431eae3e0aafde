"""What belongs to a case beside its reports and alerts, and whose words stand in what is sealed: read as the owner."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from access.sealing import Sealer
from tests.integration.scope.planted import Token, tokens

GRANTED = frozenset({"check_in", "contact", "dispensing", "merge", "event", "referral", "transfer"})
"""What a station sees of a case that was opened to it, too; what is signed and tested at the end it does not."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """One object of a case. `area_id` is where a transfer goes to, `other` where it comes from, the hospital of a
    referral, or the account that has entered a check-in.
    """

    kind: str
    case_id: UUID
    state: str
    area_id: str | None
    other: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is planted in something that is sealed: of a case, and where it is one of a declaration."""

    case_id: UUID
    declaration_id: UUID | None
    tokens: frozenset[Token]


Unsealed = dict[str, tuple[bytes, frozenset[Token]]]
"""What was found in each sealed text before, by where it is sealed."""


async def belongings(owner: asyncpg.Connection) -> dict[UUID, Belonging]:
    """Every object of a case, by its identifier."""
    rows = await owner.fetch(_BELONGINGS)
    return {row["id"]: Belonging(*(row[name] for name in Belonging.__slots__)) for row in rows}


async def sealed_words(owner: asyncpg.Connection, sealer: Sealer, known: Unsealed) -> list[Sealed]:
    """Who is named where: what was taken down, and what was put right, merged or completed since."""
    found = []
    for row in await owner.fetch(_SEALED):
        place, text = row["place"], bytes(row["sealed"])
        if place not in known or known[place][0] != text:
            known[place] = text, frozenset(tokens(str(sealer.open(place, text))))
        if known[place][1]:
            found.append(Sealed(row["case_id"], row["declaration_id"], known[place][1]))
    return found


_BELONGINGS = """
SELECT id, 'certificate' AS kind, case_id, state, NULL AS area_id, NULL AS other, NULL::timestamptz AS at
FROM certificate
UNION ALL SELECT id, 'test', case_id, CASE WHEN verified_at IS NULL AND refused_at IS NULL THEN 'SENT' ELSE 'SEEN' END,
  NULL, NULL, NULL FROM release_test
UNION ALL SELECT id, 'check_in', case_id, '', NULL, account_id::text, NULL FROM check_in
UNION ALL SELECT id, 'contact', case_id, outcome, NULL, NULL, NULL FROM contact_attempt
UNION ALL SELECT id, 'dispensing', case_id, '', NULL, NULL, NULL FROM dispensing
UNION ALL SELECT id, 'merge', case_id, '', NULL, NULL, NULL FROM person_merge
UNION ALL SELECT id, 'event', case_id, kind, NULL, NULL, NULL FROM case_event
UNION ALL SELECT id, 'referral', case_id, state, NULL, hospital_id, requested_at FROM referral
UNION ALL SELECT id, 'transfer', case_id, state, to_area_id, from_area_id, asked_at FROM transfer
ORDER BY 2, 1
"""
_SEALED = """
SELECT 'case:' || id AS place, id AS case_id, NULL::uuid AS declaration_id, identity AS sealed
FROM illness_case WHERE identity <> ''
UNION ALL SELECT 'declaration:' || id, case_id, id, report FROM declaration WHERE report <> ''
UNION ALL SELECT 'case_event:' || id, case_id, NULL, detail FROM case_event WHERE detail <> ''
"""
