"""Whose accounts an actor sees, and whose an actor may reset or change: the one place that says so."""

from dataclasses import dataclass
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from access.actor import Actor
from access.policy import Action
from access.visible import scope
from models.account import Account
from models.state import Role

_STATION = frozenset({Role.STATION_STAFF, Role.STATION_HEAD})
_BELOW_DEPARTMENT = _STATION | {Role.MEDICAL_CENTRE, Role.COMMITTEE, Role.HOSPITAL}

# Never one's own role or one above it, but for administrators: two colleagues could take each other's accounts over.
_BELOW: dict[Action, dict[Role, frozenset[Role]]] = {
    Action.RESET_PASSWORD: {
        Role.STATION_HEAD: frozenset({Role.STATION_STAFF}),
        Role.MEDICAL_CENTRE: _STATION,
        Role.DEPARTMENT: _BELOW_DEPARTMENT,
        Role.ADMINISTRATOR: frozenset(Role),
    },
    Action.CHANGE_ACCOUNT: {
        Role.DEPARTMENT: _BELOW_DEPARTMENT,
        Role.ADMINISTRATOR: frozenset(Role),
    },
}

# What a list shows: the application's login may read these columns, and none that is secret.
SHOWN = (
    *("id", "username", "display_name", "role", "area_id", "station_id", "created_at", "disabled_at"),
    *("must_change_password", "totp_confirmed_at", "version", "doctor"),
)


@dataclass(frozen=True, slots=True)
class Post:
    """A role at a place; `area_no` is the area's number."""

    role: Role
    area_no: int
    station_id: str | None


def visible_accounts(actor: Actor, connection: AsyncpgDBClient) -> QuerySet[Account]:
    """The accounts that the actor may see, as a query to narrow further and to end with the values of SHOWN."""
    where = scope(actor, Action.SEE_ACCOUNTS)
    accounts = Account.filter(area__lo__gte=where.lo, area__lo__lte=where.hi).using_db(connection)
    if actor.role is Role.STATION_HEAD:
        # Of an area that holds several stations a head still sees the own one only.
        own = Q(station_id__isnull=True, area_id=actor.area_id)
        # A head without a station would else be asked for as NULL, and see everybody below who has none either.
        accounts = accounts.filter(own if actor.station_id is None else own | Q(station_id=actor.station_id))
    return accounts


def roles_below(actor: Actor, action: Action) -> frozenset[Role]:
    """The roles whose accounts the actor may reset or change, and which the actor may give."""
    if actor.role is None or scope(actor, action).empty:
        return frozenset()
    return _BELOW[action].get(actor.role, frozenset())


def may_manage(actor: Actor, action: Action, account_id: UUID, post: Post) -> bool:
    """Whether the actor may reset or change this account, which has that post.

    Nobody's own: whoever found a session open could otherwise make it theirs for good.
    """
    if account_id == actor.account_id or post.role not in roles_below(actor, action):
        return False
    if not scope(actor, action).covers(post.area_no):
        return False
    return actor.role is not Role.STATION_HEAD or (actor.station_id is not None and post.station_id == actor.station_id)
