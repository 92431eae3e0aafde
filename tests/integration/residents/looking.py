"""Looking into the tables as their owner does: what is left of somebody, wherever it may stand."""

from dataclasses import dataclass

import asyncpg

from models.database import DatabaseUrls
from models.migrate import plain

_SEALED = """
SELECT encode(identity, 'hex') AS sealed FROM illness_case WHERE id = ANY($1::uuid[])
UNION ALL SELECT encode(d.report, 'hex') FROM declaration d WHERE d.case_id = ANY($1::uuid[])
UNION ALL SELECT encode(s.contact, 'hex') FROM submission s JOIN declaration d ON d.submission_id = s.id
  WHERE d.case_id = ANY($1::uuid[])
UNION ALL SELECT encode(a.note, 'hex') FROM alert a WHERE a.case_id = ANY($1::uuid[]) AND a.note IS NOT NULL
"""
_HASHES = """
SELECT k.hash FROM person_key k JOIN illness_case c ON c.person_id = k.person_id WHERE c.id = ANY($1::uuid[])
UNION SELECT c.phone_hash FROM illness_case c WHERE c.id = ANY($1::uuid[])
UNION SELECT s.body_hash FROM submission s JOIN declaration d ON d.submission_id = s.id
  WHERE d.case_id = ANY($1::uuid[])
UNION SELECT s.receipt_code FROM submission s JOIN declaration d ON d.submission_id = s.id
  WHERE d.case_id = ANY($1::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Traces:
    """Everything by which somebody could be known: sealed values as hexadecimal digits, hashes and codes."""

    sealed: frozenset[str]
    hashes: frozenset[str]

    @property
    def every(self) -> frozenset[str]:
        """All of them."""
        return self.sealed | self.hashes


async def traces(urls: DatabaseUrls, case_ids: list[object]) -> Traces:
    """What stands of these cases' persons now."""
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        sealed = {row["sealed"] for row in await owner.fetch(_SEALED, case_ids)}
        hashes = {row["hash"] for row in await owner.fetch(_HASHES, case_ids)}
    finally:
        await owner.close()
    assert "" not in sealed | hashes
    return Traces(frozenset(sealed), frozenset(hashes))


async def tables(urls: DatabaseUrls) -> dict[str, str]:
    """Every row of every table as text."""
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        names = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            row["tablename"]: "\n".join(
                line["row"] for line in await owner.fetch(f'SELECT t::text AS row FROM "{row["tablename"]}" t')
            )
            for row in names
        }
    finally:
        await owner.close()


async def left(urls: DatabaseUrls, wanted: frozenset[str]) -> dict[str, set[str]]:
    """Which of these values stand anywhere, by table."""
    found = {name: {value for value in wanted if value in text} for name, text in (await tables(urls)).items()}
    return {name: values for name, values in found.items() if values}
