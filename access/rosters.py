"""Whose rosters an actor keeps: the one place that says so."""

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.queryset import QuerySet

from access.actor import Actor
from access.policy import Action, may
from access.visible import visible
from models.duty import Duty
from models.state import Level, Role


def visible_duties(actor: Actor, connection: AsyncpgDBClient) -> QuerySet[Duty]:
    """The duties that the actor keeps and that go on, as a query to narrow further.

    A head keeps the own station's, a medical centre its own and its stations', the department every one.
    """
    duties = visible(actor, Duty, connection).filter(ended_at__isnull=True)
    if actor.role is Role.STATION_HEAD:
        # Of an area that holds several stations a head still sees the own one only; without one, none.
        duties = duties.filter(level=Level.STATION, station_id=actor.station_id or "")
    elif actor.role is Role.MEDICAL_CENTRE:
        duties = duties.exclude(level=Level.CITY)
    return duties


def may_keep(actor: Actor, level: Level, area_no: int, station_id: str | None) -> bool:
    """Whether the actor may say who is on duty at that level of that place."""
    if not may(actor, Action.KEEP_ROSTER) or not actor.jurisdiction.covers(area_no):
        return False
    if actor.role is Role.STATION_HEAD:
        return level is Level.STATION and station_id is not None and station_id == actor.station_id
    return level is not Level.CITY or actor.role is Role.DEPARTMENT
