"""Whose age is what, and what an identity that does not open does."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from access.keys import Key
from access.sealing import Sealer, UnsealError
from clock import Clock
from models.case import Case
from models.identifier import uuid7
from models.state import Role
from services.identify import Identity, identify
from services.runtime import Runtime
from services.seen import Seen

NURSE = Actor("ACCOUNT", role=Role.STATION_STAFF, jurisdiction=Jurisdiction(10, 19))


def on_18_march() -> Clock:
    clock = Clock()
    clock.follow(datetime(2022, 3, 18, 3, tzinfo=UTC), timedelta())
    return clock


@dataclass
class Keys:
    """The part of a runtime that identifying needs."""

    sealer: Sealer = field(default_factory=lambda: Sealer(Key("test", b"k" * 32)))
    clock: Clock = field(default_factory=on_18_march)


def identified(keys: Keys, sealed_as: dict[str, object], place: str | None = None) -> Identity | None:
    """What a nurse of the ward sees of a case with this identity."""
    case = Case(id=uuid7(), area_no=10)
    case.identity = keys.sealer.seal(place or f"case:{case.id}", sealed_as)
    return identify(cast(Runtime, keys), NURSE, case, Seen())


@pytest.mark.parametrize(
    ("birth", "years"),
    [
        ({"birth_date": "1956-03-18"}, 66),
        ({"birth_date": "1956-03-19"}, 65),
        ({"birth_year": 1956}, 66),
        ({"birth_date": "2022-03-01"}, 0),
        ({}, None),
    ],
)
def test_an_age_is_todays_and_the_greatest_possible(birth: dict[str, object], years: int | None) -> None:
    found = identified(Keys(), {"name": "Nguyễn Thị Thử", "phone": "+84912345678", "street": "12 Lê Lợi", **birth})
    assert found
    assert (found.name, found.age_years) == ("Nguyễn Thị Thử", years)
    assert found.birth_date == (date.fromisoformat(str(birth["birth_date"])) if "birth_date" in birth else None)


def test_an_identity_from_another_row_does_not_open() -> None:
    with pytest.raises(UnsealError):
        identified(Keys(), {"name": "Nguyễn Thị Thử"}, place="case:another")
