"""What stands in a certificate: put together from the case, and kept sealed with the certificate."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import Sealer
from models.case import Case
from services.identify import opened
from services.runtime import Runtime

# The ward and what is above it, smallest first: the root's name is the city's.
_PLACES = """
SELECT w.id, array_agg(a.name ORDER BY a.level DESC) AS names
FROM area w JOIN area a ON w.lo BETWEEN a.lo AND a.hi WHERE w.id = ANY($1::text[]) GROUP BY w.id
"""
_STATIONS = "SELECT id, name, phone FROM station WHERE id = ANY($1::text[])"


@dataclass(frozen=True, slots=True)
class CertificateContent:
    """The words of one certificate, days as ISO 8601 has them; `birth` may be a year where no more is known."""

    name: str
    birth: str
    area: str
    station: str | None
    test_on: str
    released_on: str

    def sealed(self, sealer: Sealer, id: UUID) -> bytes:
        """As its row keeps it."""
        return sealer.seal(content_place(id), asdict(self))


@dataclass(frozen=True, slots=True)
class Places:
    """The names of wards, each with what is above it, and of stations."""

    areas: Mapping[str, str]
    stations: Mapping[str, str]


def content_place(id: UUID) -> str:
    """Where a certificate's words are sealed."""
    return f"certificate:{id}"


def read_content(sealer: Sealer, id: UUID, sealed: bytes) -> CertificateContent:
    """The words of a certificate. Raises UnsealError."""
    said: dict[str, Any] = sealer.open(content_place(id), sealed)
    return CertificateContent(**said)


async def places_of(connection: AsyncpgDBClient, cases: Collection[Case]) -> Places:
    """The names that the certificates of these cases need, in two statements."""
    _, areas = await connection.execute_query(_PLACES, [list({case.area_id for case in cases})])
    wanted = list({case.station_id for case in cases if case.station_id})
    _, stations = await connection.execute_query(_STATIONS, [wanted])
    return Places(
        {row["id"]: ", ".join(row["names"]) for row in areas},
        {row["id"]: row["name"] for row in stations},
    )


def content_of(runtime: Runtime, case: Case, places: Places, released_on: str) -> CertificateContent:
    """What the case's certificate says, as its person stands now; the caller has asked whether they may be seen.

    Raises UnsealError for an identity that cannot be read.
    """
    person = opened(runtime, case)
    born = person.birth_date.isoformat() if person.birth_date else str(person.birth_year or "")
    return CertificateContent(
        name=person.name,
        birth=born,
        area=places.areas.get(case.area_id, ""),
        station=places.stations.get(case.station_id or ""),
        test_on=case.test_on.isoformat() if case.test_on else "",
        released_on=released_on,
    )
