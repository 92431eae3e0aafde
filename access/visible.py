"""Where every read starts: the rows of a table that an actor may see, and none beyond them."""

from typing import TypeVar

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.queryset import QuerySet

from access.actor import Actor
from access.jurisdiction import NOWHERE, Jurisdiction
from access.policy import Action, may
from models.alert import Alert, AlertEvent
from models.area_count import AckHistogram, AreaCount
from models.case import Assessment, Case
from models.declaration import Declaration
from models.station import Station

Scoped = TypeVar("Scoped", Alert, AlertEvent, AreaCount, AckHistogram, Assessment, Case, Declaration, Station)

_ACTION: dict[type, Action] = {
    Alert: Action.SEE_ALERTS,
    AlertEvent: Action.SEE_ALERTS,
    AreaCount: Action.SEE_SUMMARY,
    AckHistogram: Action.SEE_SUMMARY,
    Assessment: Action.SEE_CASES,
    Case: Action.SEE_CASES,
    Declaration: Action.SEE_DECLARATIONS,
    Station: Action.SEE_STATIONS,
}


def scope(actor: Actor, action: Action) -> Jurisdiction:
    """The range of area numbers in which the actor may do this; empty where the role may not at all."""
    return actor.jurisdiction if may(actor, action) else NOWHERE


def visible(actor: Actor, model: type[Scoped], connection: AsyncpgDBClient) -> QuerySet[Scoped]:
    """The rows of a table that the actor may see, as a query to narrow further."""
    where = scope(actor, _ACTION[model])
    return model.filter(area_no__gte=where.lo, area_no__lte=where.hi).using_db(connection)
