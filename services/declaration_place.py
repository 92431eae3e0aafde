"""Where declarations belong, and whether their people are known there already: one look before writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from triage.fault import Fault

# One statement for the wards, their stations and the cases of everybody declared: it runs before each declare. The
# cases that are over too, and those of other diseases: by them a person is known again who falls ill anew. A
# household's hashes are an array of their own, so all of it comes as one JSON text.
_PLACES = """
SELECT a.*, (SELECT jsonb_agg(jsonb_build_array(k.hash, k.person_id, c.id, c.verified, c.confirmed_at IS NOT NULL,
      c.phone_hash, c.rank, c.severe, c.high_risk, c.area_id, c.closed_at IS NULL AND c.disease = w.disease)
      ORDER BY c.opened_at)
    FROM person_key k LEFT JOIN illness_case c ON c.person_id = k.person_id AND c.anonymised_at IS NULL
    WHERE k.hash = ANY(w.hashes)) AS known
FROM ROWS FROM (json_to_recordset($1) AS (area_code text, day date, disease text, hashes text[]))
    WITH ORDINALITY AS w (code, day, disease, hashes, number)
  LEFT JOIN LATERAL (
    SELECT a.id, a.lo, a.name, s.id AS station_id, s.name AS station_name, s.phone AS station_phone,
      EXISTS (SELECT FROM area k WHERE k.parent_id = a.id AND k.valid_from <= w.day
        AND (k.valid_to IS NULL OR k.valid_to > w.day)) AS has_children
    FROM area a LEFT JOIN station s ON s.area_id = a.id AND s.active AND s.kind = 'WARD_STATION'
    WHERE a.national_code = w.code AND a.valid_from <= w.day AND (a.valid_to IS NULL OR a.valid_to > w.day)
    ORDER BY a.valid_from DESC, a.level DESC LIMIT 1) AS a ON true
ORDER BY w.number
"""


@dataclass(frozen=True, slots=True)
class Sought:
    """A ward by its code on a day, and whom to look for among those who are known: a household's hashes.

    Its names are those of the statement.
    """

    area_code: str
    day: date
    disease: str
    hashes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Known:
    """A person who is known by one of their hashes, with one of their cases where any is left.

    `open` says that the case is of the disease declared and not over: another report of the person belongs to it.
    """

    hash: str
    person_id: UUID
    case_id: UUID | None
    verified: bool
    confirmed: bool
    phone_hash: str | None
    rank: int
    severe: bool
    high_risk: bool
    area_id: str | None
    open: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A ward by its code on a day, its station, and who of the declared is known."""

    area_id: str
    area_no: int
    name: str
    is_ward: bool
    station_id: str | None
    station_name: str | None
    station_phone: str | None
    known: tuple[Known, ...]


def place_faults(place: Place | None) -> tuple[Fault, ...]:
    """What is wrong with the place of an address: no area has its code, or it is none where people live."""
    if place is None:
        return (Fault(("address", "area_code"), "UNKNOWN_AREA"),)
    return () if place.is_ward else (Fault(("address", "area_code"), "NOT_A_WARD"),)


async def look_up_place(connection: AsyncpgDBClient, sought: Sought) -> Place | None:
    """The place of a declaration, or None where no area carries that code on that day."""
    (place,) = await look_up_places(connection, [sought])
    return place


async def look_up_places(connection: AsyncpgDBClient, sought: Sequence[Sought]) -> list[Place | None]:
    """The same of several declarations, in their order."""
    _, rows = await connection.execute_query(_PLACES, [orjson.dumps(sought).decode()])
    return [_place(row) if row["id"] is not None else None for row in rows]


def _place(row: Any) -> Place:
    return Place(
        area_id=row["id"],
        area_no=row["lo"],
        name=row["name"],
        is_ward=not row["has_children"],
        station_id=row["station_id"],
        station_name=row["station_name"],
        station_phone=row["station_phone"],
        known=_known(row["known"]) if row["known"] else (),
    )


def _known(found: str) -> tuple[Known, ...]:
    return tuple(
        Known(
            hash=hash,
            person_id=UUID(person),
            case_id=UUID(case) if case else None,
            verified=bool(verified),
            confirmed=bool(confirmed),
            phone_hash=phone,
            rank=rank if rank is not None else 3,
            severe=bool(severe),
            high_risk=bool(high_risk),
            area_id=area,
            open=bool(is_open),
        )
        for hash, person, case, verified, confirmed, phone, rank, severe, high_risk, area, is_open in orjson.loads(
            found
        )
    )
