"""Who is signed in."""

from datetime import datetime

import strawberry

from access.actor import Actor
from graph.context import Info
from graph.global_id import global_id
from graph.schema.area import Area, area_or_none
from graph.schema.enums import Restriction, Role
from graph.schema.resolved import resolved
from graph.schema.station import Station, station_or_none
from services.open_session import OpenedSession


@strawberry.type(description="A member of staff: a role at a place.")
class Account:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The account's id.")
    display_name: str = strawberry.field(description="What the person is called.")
    role: Role = strawberry.field(description="What the account is at its place.")
    doctor: bool = strawberry.field(description="Whether the person is a doctor, who may prescribe.")
    actor: strawberry.Private[Actor]

    @classmethod
    def of(cls, actor: Actor) -> "Account | None":
        """The account of an actor; None for a resident, and where nobody is signed in."""
        if actor.account_id is None or actor.role is None:
            return None
        id = strawberry.ID(global_id("Account", actor.account_id))
        return cls(id=id, display_name=actor.display_name, role=actor.role, doctor=actor.doctor, actor=actor)

    @resolved("The area in which the account acts, with everything below it.")
    def area(self, info: Info) -> Area | None:
        """One statement."""
        return area_or_none(info, self.actor.area_id)

    @resolved("The station it works at, where it works at one.")
    def station(self, info: Info) -> Station | None:
        """One statement."""
        return station_or_none(info, self.actor.station_id)


@strawberry.type(
    description="A session. Send `Authorization: Bearer <token>` with every request, and before the token ends "
    "`refreshSession`."
)
class Session:
    """See the description."""

    token: str = strawberry.field(description="Shown this once; whoever has it acts in your name.")
    expires_at: datetime = strawberry.field(description="When the token ends, in real time: minutes from now.")
    refresh_token: str = strawberry.field(
        description="For `refreshSession`, once. Shown this once too: keep it where no script of a page can read it."
    )
    session_expires_at: datetime = strawberry.field(
        description="When the session ends by itself, however often it is refreshed: then sign in again."
    )
    restriction: Restriction | None = strawberry.field(
        description="What has to be done before this session may do anything else; null where nothing has."
    )
    account: Account | None = strawberry.field(
        description="Who has signed in; null for a resident, who has no account."
    )

    @classmethod
    def of(cls, opened: OpenedSession) -> "Session":
        """The session of a sign-in, or of a resident who has proven a phone."""
        return cls(
            token=opened.token,
            expires_at=opened.expires_at,
            refresh_token=opened.refresh_token,
            session_expires_at=opened.session_expires_at,
            restriction=opened.actor.restriction,
            account=Account.of(opened.actor),
        )


@strawberry.type(description="The socket stays open.")
class SessionRenewed:
    """See the description."""

    expires_at: datetime = strawberry.field(
        description="The end of the newest token that was shown on this socket: renew again before it."
    )


@strawberry.type(description="The session is over.")
class SignedOut:
    """See the description."""

    signed_out: bool = strawberry.field(description="Always true: without a session nothing was to be ended.")
