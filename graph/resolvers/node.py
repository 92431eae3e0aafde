"""Any object by its id."""

from typing import Annotated, TypeVar

import strawberry

from access.policy import Action
from graph.context import Context, Info
from graph.global_id import parse_global_id, uuid_of
from graph.schema.alert import Alert
from graph.schema.area import Area
from graph.schema.case import Case
from graph.schema.declaration import Declaration
from graph.schema.duty import duty_or_none
from graph.schema.node import Node
from graph.schema.resolved import querying
from graph.schema.staff_account import StaffAccount
from graph.schema.station import Station
from services import rows
from services.problem import NotFound

Shown = TypeVar("Shown", rows.Alert, rows.Case, rows.Declaration)


@strawberry.type
class NodeQuery:
    """By id."""

    @querying("The object of an id.", Action.SEE_NODE)
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The id.")]
    ) -> Node | None:
        """Refused as NOT_FOUND where it is unknown or outside."""
        found = await _load(info.context, id)
        if found is None:
            raise NotFound
        return found


async def _load(context: Context, id: str) -> Node | None:
    loaders = context.loaders
    match parse_global_id(id):
        case "Area", key:
            area = await loaders.areas.load(key)
            return Area.of(area) if area else None
        case "Account", _:
            account = await loaders.people.load(uuid_of("Account", id))
            return StaffAccount.of(account) if account else None
        case "Duty", _:
            return await duty_or_none(context, uuid_of("Duty", id))
        case "Station", key:
            station = await loaders.stations.load(key)
            return Station.of(station) if station else None
        case "Alert", _:
            alert = await loaders.alerts.load(uuid_of("Alert", id))
            return Alert.of(_shown(context, "see_alert", alert)) if alert else None
        case "Case", _:
            case = await loaders.cases.load(uuid_of("Case", id))
            return Case.of(_shown(context, "see_case", case)) if case else None
        case "Declaration", _:
            declaration = await loaders.declarations.load(uuid_of("Declaration", id))
            return Declaration.of(_shown(context, "see_declaration", declaration)) if declaration else None
        case _:
            return None


def _shown(context: Context, action: str, row: Shown) -> Shown:
    context.operation.seen.page(action, [row.id])
    return row
