"""Two hospitals, which are gone again after the test: other tests count the city's stations."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from access.actor import Actor
from access.jurisdiction import NOWHERE
from models.account import Account
from models.database import service_connection
from models.state import Role, StationKind
from models.station import Station
from services.runtime import Runtime
from tests.integration.made import area
from tests.integration.standing import changing

DISTRICT = "vn-79-2022-760"


@dataclass
class Hospitals:
    """The two, each with a doctor of its own."""

    first: Actor
    second: Actor


@pytest.fixture
async def hospitals(runtime: Runtime) -> AsyncIterator[Hospitals]:
    """Two hospitals of one district."""
    yield Hospitals(await _hospital(runtime, "bv-1"), await _hospital(runtime, "bv-2"))
    async with changing() as connection:
        await Account.filter(station_id__in=["bv-1", "bv-2"]).using_db(connection).delete()
    await Station.filter(id__in=["bv-1", "bv-2"]).using_db(service_connection()).delete()


async def _hospital(runtime: Runtime, code: str) -> Actor:
    place = await area(DISTRICT)
    station = await Station.create(
        using_db=service_connection(),
        id=code,
        name=f"Bệnh viện {code}",
        phone="+842800009999",
        kind=StationKind.HOSPITAL,
        area_id=place.id,
        area_no=place.lo,
        active=True,
    )
    made = await Account.create(
        using_db=service_connection(),
        username=f"hospital-{code}",
        password_hash="none",
        display_name=f"Bác sĩ {code}",
        role=Role.HOSPITAL,
        area_id=place.id,
        station_id=station.id,
        created_at=runtime.clock.now(),
    )
    # As signing in makes it: a hospital stands in an area, and sees nothing of it.
    return Actor(
        "ACCOUNT",
        account_id=made.id,
        role=Role.HOSPITAL,
        area_id=place.id,
        station_id=station.id,
        jurisdiction=NOWHERE,
        display_name=made.display_name,
    )
