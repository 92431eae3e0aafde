"""Who is signed in."""

from datetime import datetime

import strawberry

from access.actor import Actor
from graph.context import Info
from graph.global_id import global_id
from graph.schema.area import Area, area_or_none
from graph.schema.enums import Role
from graph.schema.resolved import resolved
from graph.schema.station import Station, station_or_none
from services.sign_in import SignedIn


@strawberry.type(description="A member of staff: a role at a place.")
class Account:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The account's id.")
    display_name: str = strawberry.field(description="What the person is called.")
    role: Role = strawberry.field(description="What the account is at its place.")
    actor: strawberry.Private[Actor]

    @classmethod
    def of(cls, actor: Actor) -> "Account | None":
        """The account of an actor; None for a resident, and where nobody is signed in."""
        if actor.account_id is None or actor.role is None:
            return None
        id = strawberry.ID(global_id("Account", actor.account_id))
        return cls(id=id, display_name=actor.display_name, role=actor.role, actor=actor)

    @resolved("The area in which the account acts, with everything below it.")
    def area(self, info: Info) -> Area | None:
        """One statement."""
        return area_or_none(info, self.actor.area_id)

    @resolved("The station it works at, where it works at one.")
    def station(self, info: Info) -> Station | None:
        """One statement."""
        return station_or_none(info, self.actor.station_id)


@strawberry.type(description="A session. Send `Authorization: Bearer <token>` with every request.")
class Session:
    """See the description."""

    token: str = strawberry.field(description="Shown this once; whoever has it acts in your name.")
    expires_at: datetime = strawberry.field(description="When it ends by itself.")
    account: Account | None = strawberry.field(
        description="Who has signed in; null for a resident, who has no account."
    )

    @classmethod
    def of(cls, signed_in: SignedIn) -> "Session":
        """The session of a sign-in, or of a resident who has proven a phone."""
        return cls(token=signed_in.token, expires_at=signed_in.expires_at, account=Account.of(signed_in.actor))


@strawberry.type(description="The session is over.")
class SignedOut:
    """See the description."""

    signed_out: bool = strawberry.field(description="Always true: without a session nothing was to be ended.")
