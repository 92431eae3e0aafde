"""Whoever stands alike, as one: role, place and rights of many accounts, and nothing of which of them it is.

What is run once for many is run as this actor. It has no account to read: a field that asks for one fails, and what was
run is thrown away, so that nobody is ever shown what was meant for somebody else.
"""

from dataclasses import fields
from typing import Any

from access.actor import Actor

PERSONAL = frozenset({"account_id", "session_id", "display_name", "operator", "origin", "ticket", "wrote"})
"""What says which account it is, or how it came here. Everything else of an actor is its standing."""

_COUNTED = frozenset({"request_id", "access_version"})
_STANDING = tuple(one.name for one in fields(Actor) if one.name not in PERSONAL | _COUNTED)


class AccountRead(Exception):
    """What is run once for many has asked which one of them it is run for."""


class SharedActor(Actor):
    """Stands as some accounts do. `asked` names what was asked for of a single one: there is none."""

    __slots__ = ("asked",)
    asked: list[str]

    @classmethod
    def of(cls, actor: Actor, request_id: str) -> "SharedActor":
        """The standing of an actor, under a request id of its own."""
        shared = cls(request_id=request_id, access_version=actor.access_version, **standing_of(actor))
        object.__setattr__(shared, "asked", [])
        return shared

    def __getattribute__(self, name: str) -> Any:
        """What all have in common. Raises AccountRead for what is one account's own."""
        if name in PERSONAL:
            self.asked.append(name)
            raise AccountRead(name)
        return super().__getattribute__(name)

    def __eq__(self, other: object) -> bool:
        """Only itself: what is compared by value is compared with somebody's account."""
        return self is other

    def __hash__(self) -> int:
        """By identity, as it is compared."""
        return id(self)

    def __repr__(self) -> str:
        """Without what it has not."""
        return f"SharedActor({standing_of(self)})"


def standing_of(actor: Actor) -> dict[str, Any]:
    """Everything of an actor on which it depends what they may see and do, but for whose account it is."""
    return {name: getattr(actor, name) for name in _STANDING}


def stands_as(actor: Actor) -> tuple[object, ...]:
    """The same, to compare and to look up by."""
    return tuple([getattr(actor, name) for name in _STANDING])
