"""Accounts as those see them who manage people."""

from datetime import datetime

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.area import Area, area_or_none
from graph.schema.enums import AccountAction, Role
from graph.schema.node import Node
from graph.schema.resolved import resolved
from graph.schema.station import Station, station_or_none
from services import list_people
from services.allowed_actions import account_actions


@strawberry.type(description="An account as those see it who manage people; nothing of it is secret.")
class StaffAccount(Node):
    """See the description."""

    username: str = strawberry.field(description="The name to sign in with.")
    display_name: str = strawberry.field(description="What the person is called.")
    role: Role = strawberry.field(description="What the account is at its place.")
    created_at: datetime = strawberry.field(description="When it was added.")
    disabled_at: datetime | None = strawberry.field(description="Since when it may not sign in; null where it may.")
    must_change_password: bool = strawberry.field(
        description="Whether its password is a first one, which has to be changed before anything else."
    )
    second_factor: bool = strawberry.field(description="Whether signing in needs the code of an app, too.")
    doctor: bool = strawberry.field(description="Whether the person is a doctor, who may prescribe.")
    version: int = strawberry.field(description="To be sent along with `changeAccount`.")
    row: strawberry.Private[list_people.StaffAccount]

    @classmethod
    def of(cls, row: list_people.StaffAccount) -> "StaffAccount":
        """The account of a row."""
        return cls(
            id=strawberry.ID(global_id("Account", row.id)),
            username=row.username,
            display_name=row.display_name,
            role=row.role,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
            must_change_password=row.must_change_password,
            second_factor=row.second_factor,
            doctor=row.doctor,
            version=row.version,
            row=row,
        )

    @resolved("The area in which it acts, with everything below it.")
    def area(self, info: Info) -> Area | None:
        """Loaded for all accounts of the answer at once."""
        return area_or_none(info, self.row.area_id)

    @resolved("The station it works at, where it works at one.")
    def station(self, info: Info) -> Station | None:
        """Loaded for all accounts of the answer at once."""
        return station_or_none(info, self.row.station_id)

    @resolved("What you may do with it as it stands.", by_account=True)
    def allowed_actions(self, info: Info) -> list[AccountAction]:
        """By role and place."""
        return [AccountAction(name) for name in account_actions(info.context.actor, self.row)]
