"""From an actor to what the database is told: the second wall, which holds where a query forgets the first."""

from access.actor import Actor
from access.policy import Action, may
from models.bounds import Bounds


def bounds_of(actor: Actor, *also: Action) -> Bounds:
    """The ranges within which this actor's transaction sees counters, alerts and cases, by role.

    `also` names actions that open cases for one transaction alone, such as revealing a person: they open nothing to a
    role that does not have them.
    """
    opens = any(may(actor, action) for action in (Action.SEE_CASES, *also))
    return Bounds(
        counts=_range(actor, may(actor, Action.SEE_SUMMARY)),
        alerts=_range(actor, may(actor, Action.SEE_ALERTS)),
        cases=_range(actor, opens),
        grantee=grantee(actor) or "",
    )


def grantee(actor: Actor) -> str | None:
    """The name under which cases can be granted to the actor; None where none can."""
    if actor.phone_hash is not None:
        return phone_grantee(actor.phone_hash)
    if actor.station_id is not None and may(actor, Action.SEE_CASES):
        return f"station:{actor.station_id}"
    return None


def phone_grantee(phone_hash: str) -> str:
    """The name under which a declaration is granted to the phone of this keyed hash."""
    return f"phone:{phone_hash}"


def _range(actor: Actor, opened: bool) -> tuple[int, int]:
    return (actor.jurisdiction.lo, actor.jurisdiction.hi) if opened else (0, -1)
