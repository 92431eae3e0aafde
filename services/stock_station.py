"""The station whose stock somebody keeps or asks about."""

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action
from access.visible import scope, visible
from models.state import StationKind
from models.station import Station
from services.problem import NotFound


async def stock_station(actor: Actor, connection: AsyncpgDBClient, station_id: str | None) -> Station:
    """The station within the actor's areas; None is the actor's own. Hospitals keep theirs elsewhere.

    Raises NotFound.
    """
    wanted = actor.station_id if station_id is None else station_id
    where = scope(actor, Action.KEEP_STOCK)
    if wanted is None or "\0" in wanted or where.empty:
        raise NotFound
    found = visible(actor, Station, connection).filter(id=wanted, area_no__gte=where.lo, area_no__lte=where.hi)
    station = await found.exclude(kind=StationKind.HOSPITAL).first()
    if station is None:
        raise NotFound
    return station
