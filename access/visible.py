"""Where every read starts: the rows of a table that an actor may see, and none beyond them."""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

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


# Of a case all that its table has, but not who it is; for those who see alerts without a name.
_OUTLINES = """
SELECT id, person_id, disease, area_id, area_no, station_id, state, verified, sex, age_band, severe, high_risk, danger,
  rank, opened_at, confirmed_at, contacted_at, closed_at, anonymised_at, version,
  ''::bytea AS identity, '' AS phone_hash
FROM case_outline WHERE id = ANY($1::uuid[]) AND area_no BETWEEN $2 AND $3
"""


def scope(actor: Actor, action: Action) -> Jurisdiction:
    """The range of area numbers in which the actor may do this; empty where the role may not at all."""
    return actor.jurisdiction if may(actor, action) else NOWHERE


def visible(actor: Actor, model: type[Scoped], connection: AsyncpgDBClient) -> QuerySet[Scoped]:
    """The rows of a table that the actor may see, as a query to narrow further."""
    where = scope(actor, _ACTION[model])
    return model.filter(area_no__gte=where.lo, area_no__lte=where.hi).using_db(connection)


async def outlines(actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]) -> list[Case]:
    """The cases of these identifiers where the actor may see alerts, with an empty `identity` and `phone_hash`."""
    where = scope(actor, Action.SEE_ALERTS)
    _, rows = await connection.execute_query(_OUTLINES, [list(ids), where.lo, where.hi])
    return [Case(**row) for row in rows]
