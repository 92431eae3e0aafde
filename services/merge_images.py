"""What a merge changes of the case that is kept: before and after, so that undoing it puts back just that.

A value that somebody has changed since the merge is no longer the merge's, and stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.case import Case
from models.state import Danger
from services.identity_field import COLUMNS, SEALED, IdentityField
from services.runtime import Runtime

_DATES = frozenset({"test_on", "release_on"})
_TOLD = ("severe", "high_risk", "verified")

Image = dict[str, Any]
"""The values of one field, by the names that they have in the sealed identity and among the columns; plain JSON."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How badly a person stands: by one case, or by what was reported since a moment."""

    severe: bool
    high_risk: bool
    verified: bool
    danger: Danger | None
    rank: int

    @classmethod
    def of(cls, case: Case) -> "Standing":
        """By a case's columns."""
        return cls(case.severe, case.high_risk, case.verified, case.danger, case.rank)

    @classmethod
    def read(cls, image: Mapping[str, Any]) -> "Standing":
        """As `image` has written it."""
        return cls(**{**image, "danger": Danger(image["danger"]) if image["danger"] else None})

    def image(self) -> Image:
        """Plain JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    def worst_of(self, other: "Standing") -> "Standing":
        """Both together: whatever either of them says, and the greater danger."""
        worse = other if other.rank < self.rank else self
        # Of one rank one may be known as dangerous by its reports and the other not: what is known counts.
        return Standing(
            self.severe or other.severe,
            self.high_risk or other.high_risk,
            self.verified or other.verified,
            worse.danger or (self.danger if worse is other else other.danger),
            worse.rank,
        )

    def onto(self, case: Case) -> None:
        """Writes it into a case's columns; nothing is saved."""
        for name in self.__slots__:
            setattr(case, name, getattr(self, name))


NOTHING_REPORTED = Standing(severe=False, high_risk=False, verified=False, danger=None, rank=3)
"""What no report adds to anything."""


def images(identity: Mapping[str, Any], case: Case, fields: Iterable[IdentityField]) -> dict[str, Image]:
    """What these fields hold, by the field's name."""
    found: dict[str, Image] = {}
    for field in fields:
        sealed = {name: identity.get(name) for name in SEALED.get(field, ())}
        found[field.value] = sealed | {name: _plain(getattr(case, name)) for name in COLUMNS.get(field, ())}
    return found


def put(runtime: Runtime, identity: dict[str, Any], case: Case, values: Mapping[str, Image]) -> None:
    """Writes fields into an identity and a case's columns; nothing is sealed or saved."""
    for name, image in values.items():
        field = IdentityField(name)
        identity |= {key: image[key] for key in SEALED.get(field, ())}
        for column in COLUMNS.get(field, ()):
            setattr(case, column, _column(column, image[column]))
        if field is IdentityField.PHONE:
            case.phone_hash = runtime.pseudonymiser.phone(str(image["phone"]))


def still(now: Mapping[str, Image], after: Mapping[str, Image], before: Mapping[str, Image]) -> dict[str, Image]:
    """What was there before, of the fields that are as the merge has left them."""
    return {name: before[name] for name, image in after.items() if now.get(name) == image}


def standing_without(now: Standing, after: Standing, before: Standing, since: Standing) -> Standing:
    """How the kept case stands without the other: as before, and what its own reports have said since.

    A rank that is no longer the merge's was set by somebody who has seen the person since: it stays.
    """
    own = before.worst_of(since)
    told = {
        name: getattr(own, name) if getattr(now, name) == getattr(after, name) else getattr(now, name) for name in _TOLD
    }
    if (now.rank, now.danger) == (after.rank, after.danger):
        return Standing(danger=own.danger, rank=own.rank, **told)
    return Standing(danger=now.danger, rank=now.rank, **told)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _column(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in _DATES and value else value
