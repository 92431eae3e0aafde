"""Putting somebody on duty."""

from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.rosters import may_keep
from access.trail import record
from access.visible import visible
from models.database import staff_transaction
from models.duty import Duty
from models.identifier import uuid7
from models.state import DutyChannel, Level, StationKind
from models.station import Station
from services.duty_faults import Shift, check_shift
from services.list_duties import KeptDuty, kept, place_of
from services.place import resolve_area
from services.problem import InvalidInput, NotFound
from services.runtime import Runtime
from triage.fault import Fault

_LEVEL = {
    StationKind.WARD_STATION: Level.STATION,
    StationKind.MEDICAL_CENTRE: Level.MEDICAL_CENTRE,
    # Called for no alert, but where it is asked to take somebody.
    StationKind.HOSPITAL: Level.STATION,
}


@dataclass(frozen=True, slots=True)
class Post:
    """Where somebody is on duty: at a station or a medical centre, or for the city, which is an area's."""

    station_id: str | None = None
    area_id: str | None = None


async def add_duty(
    runtime: Runtime, actor: Actor, post: Post, shift: Shift, channel: DutyChannel = DutyChannel.SMS
) -> KeptDuty:
    """Puts somebody on duty from now on: alerts that call there, and what a hospital is asked, go to their
    phone within seconds.

    Raises InvalidInput with every fault of the shift, or where the post names not exactly one place; NotFound where the
    actor does not keep that place's roster.
    """
    if not may(actor, Action.KEEP_ROSTER):
        raise NotFound
    if (post.station_id is None) == (post.area_id is None):
        raise InvalidInput((Fault(("station_id",), "ONE_OF", {"fields": "stationId, areaId"}),))
    checked = check_shift(shift, runtime.phone_region)
    id, now = uuid7(), runtime.clock.now()
    async with staff_transaction(bounds_of(actor)) as connection:
        level, area_id, area_no = await _place(actor, connection, post)
        row = Duty(
            id=id,
            level=level,
            station_id=post.station_id,
            area_id=area_id,
            area_no=area_no,
            channel=channel,
            sealed=runtime.sealer.seal(place_of(id), {"name": checked.name, "phone": checked.phone}),
            created_at=now,
            **checked.hours(),
        )
        await row.save(using_db=connection, force_create=True)
        detail: dict[str, object] = {"level": level, "station": post.station_id, **checked.hours()}
        await record(connection, actor, "add_duty", now, [str(id)], area_no=area_no, detail=detail)
    runtime.no_rosters.forget()
    return kept(runtime.sealer, row)


async def _place(actor: Actor, connection: AsyncpgDBClient, post: Post) -> tuple[Level, str, int]:
    if post.station_id is not None:
        if "\0" in post.station_id:
            raise NotFound
        station = await visible(actor, Station, connection).get_or_none(id=post.station_id, active=True)
        if station is None:
            raise NotFound
        level, area_id, area_no = _LEVEL[station.kind], station.area_id, station.area_no
    else:
        area, _ = await resolve_area(actor, Action.KEEP_ROSTER, connection, post.area_id)
        level, area_id, area_no = Level.CITY, area.id, area.lo
    if not may_keep(actor, level, area_no, post.station_id):
        raise NotFound
    return level, area_id, area_no
