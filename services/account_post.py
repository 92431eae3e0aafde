"""Which station an account of a role at an area belongs to."""

from collections.abc import Iterable, Sequence

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.state import Role, StationKind
from models.station import Station

_KIND_OF_ROLE = {
    Role.STATION_STAFF: StationKind.WARD_STATION,
    Role.STATION_HEAD: StationKind.WARD_STATION,
    Role.MEDICAL_CENTRE: StationKind.MEDICAL_CENTRE,
    Role.HOSPITAL: StationKind.HOSPITAL,
}


class NoStation(Exception):
    """The role belongs to a station and the area has none of its kind, or another than the one that was named."""


async def lock_stations(connection: AsyncpgDBClient, area_ids: Iterable[str]) -> list[Station]:
    """The active stations of these areas, by identifier. Locked: none must close while an account is put there."""
    stations = Station.select_for_update().filter(area_id__in=list(area_ids), active=True).using_db(connection)
    return await stations.order_by("id")


def station_for(stations: Sequence[Station], role: Role, area_id: str, wanted: str | None = None) -> str | None:
    """The station of an account: the one that is wanted, else the first of its kind; None for a role without one.

    Raises NoStation.
    """
    kind = _KIND_OF_ROLE.get(role)
    if kind is None and wanted is None:
        return None
    for station in stations:
        if station.area_id == area_id and station.kind is kind and wanted in (None, station.id):
            return station.id
    raise NoStation
