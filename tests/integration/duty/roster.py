"""Putting people on duty, and what was written to them."""

from datetime import time
from typing import Any

from access.actor import Actor
from models.area import Area
from models.database import service_connection
from models.outbox_message import OutboxMessage
from models.presence import Presence
from models.state import MessageKind, Role, StationKind
from models.station import Station
from services.add_duty import Post, add_duty
from services.duty_faults import Shift
from services.list_duties import KeptDuty
from services.runtime import Runtime
from tests.integration.made import account, area
from triage.duty import WEEKDAYS

CITY = "vn-79-2022-79"
PHONES = {"station": "0901000001", "centre": "0901000002", "city": "0901000003"}


def shift(phone: str = PHONES["station"], **changed: Any) -> Shift:
    """Somebody who is on duty day and night."""
    always: dict[str, Any] = {"weekdays": tuple(WEEKDAYS), "starts": time(0), "ends": time(0)}
    return Shift(**{"name": "BS. Lê Văn Trực", "phone": phone, **always, **changed})


async def department(runtime: Runtime) -> Actor:
    """Somebody who keeps every roster."""
    return await account(runtime, Role.DEPARTMENT, await area(CITY))


async def station_of(place: Area | str, kind: StationKind = StationKind.WARD_STATION) -> Station:
    """The station of that kind at an area."""
    id = place if isinstance(place, str) else place.id
    return await Station.get(area_id=id, kind=kind, using_db=service_connection())


async def at_station(runtime: Runtime, ward: Area, **changed: Any) -> KeptDuty:
    """Somebody on duty at the ward's station."""
    return await add_duty(runtime, await department(runtime), Post((await station_of(ward)).id), shift(**changed))


async def at_centre(runtime: Runtime, ward: Area, phone: str = PHONES["centre"], **changed: Any) -> KeptDuty:
    """Somebody on duty at the ward's medical centre."""
    centre = await station_of(str(ward.parent_id), StationKind.MEDICAL_CENTRE)
    return await add_duty(runtime, await department(runtime), Post(centre.id), shift(phone, **changed))


async def in_city(runtime: Runtime, phone: str = PHONES["city"], **changed: Any) -> KeptDuty:
    """Somebody on duty for the city."""
    return await add_duty(runtime, await department(runtime), Post(area_id=CITY), shift(phone, **changed))


async def connected(runtime: Runtime, station: Station) -> None:
    """A screen of the station is open."""
    statement = (
        "WITH seen AS (INSERT INTO presence (id, process, station_id, sockets, seen_at)"
        " VALUES ($1 || ':' || $2, $1::uuid, $2, 1, now()) RETURNING id) SELECT id FROM seen"
    )
    await service_connection().execute_query(statement, [str(runtime.hub.process), station.id])
    assert await Presence.filter(station_id=station.id).using_db(service_connection()).exists()


async def calls(runtime: Runtime) -> list[tuple[str, str]]:
    """To whom alerts were written, and what, in the order of writing."""
    rows = (
        await OutboxMessage.filter(kind=MessageKind.ALERT).using_db(service_connection()).order_by("created_at", "id")
    )
    opened = [runtime.sealer.open(f"outbox:{row.id}", row.sealed) for row in rows if row.sealed]
    return [(str(one["to"]), str(one["body"])) for one in opened]


async def called(runtime: Runtime) -> list[str]:
    """Which of PHONES were called, in order."""
    names = {f"+84{phone[1:]}": name for name, phone in PHONES.items()}
    return [names.get(to, to) for to, _ in await calls(runtime)]
