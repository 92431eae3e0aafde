"""Making what tests need: accounts, actors and reports of households."""

from dataclasses import replace
from datetime import date
from itertools import count

import orjson

from access.actor import Actor
from access.jurisdiction import NOWHERE, Jurisdiction
from models.account import Account
from models.area import Area
from models.bounds import Bounds
from models.database import service_connection
from models.state import Role, StationKind
from models.station import Station
from services.household import Address, Contact, HouseholdReport, PersonReport
from services.runtime import Runtime
from triage.report import Report

_numbers = count(1)
_ALL = (-(2**31), 2**31 - 1)

EVERYTHING = Bounds(counts=_ALL, alerts=_ALL, cases=_ALL)
"""The second wall opened wide, for tests of the first."""

HEALTHY = Report(
    birth_date=date(1990, 5, 17),
    sex="female",
    test_kind="rapid_antigen",
    test_on=date(2022, 3, 17),
    symptoms=("cough",),
)
BREATHLESS = replace(HEALTHY, symptoms=("dyspnoea", "cough"))
TIRED = replace(HEALTHY, symptoms=("fatigue",))
OLD_AND_ILL = replace(HEALTHY, birth_date=date(1950, 1, 1), conditions=("diabetes",))


def person(report: Report = HEALTHY, *, name: str = "", national_id: str | None = None) -> PersonReport:
    """A person with a name of their own unless one is given."""
    return PersonReport(
        full_name=name or f"Nguyễn Thị Thử {next(_numbers)}",
        sex=report.sex or "female",
        report=report,
        national_id=national_id,
        relation="self",
    )


def household(
    *people: PersonReport, ward: Area | str, phone: str = "0912345678", key: str | None = None
) -> HouseholdReport:
    """A household's declaration in a ward."""
    made = HouseholdReport(
        idempotency_key=key or f"key-{next(_numbers)}",
        contact=Contact(phone=phone),
        address=Address(area_code=ward if isinstance(ward, str) else ward.national_code, street="12 Lê Lợi"),
        people=people or (person(),),
    )
    body = orjson.dumps([made.contact, made.address, made.people])
    return replace(made, body=body)


async def wards(how_many: int = 2) -> list[Area]:
    """Some wards, each of another district."""
    found: dict[str | None, Area] = {}
    for ward in await Area.filter(level=3).order_by("lo").using_db(service_connection()):
        found.setdefault(ward.parent_id, ward)
    return list(found.values())[:how_many]


async def area(id: str | None) -> Area:
    """The area of that identity."""
    return await Area.get(id=id, using_db=service_connection())


async def account(runtime: Runtime, role: Role, place: Area) -> Actor:
    """An account of that role at that place, as an actor; at a ward it belongs to the ward's station."""
    station = None
    if role in (Role.STATION_STAFF, Role.STATION_HEAD):
        station = await Station.get_or_none(
            area_id=place.id, kind=StationKind.WARD_STATION, using_db=service_connection()
        )
    made = await Account.create(
        using_db=service_connection(),
        username=f"account{next(_numbers)}",
        password_hash="none",
        display_name=f"{role.value} {place.name}",
        role=role,
        area_id=place.id,
        station_id=station.id if station else None,
        created_at=runtime.clock.now(),
    )
    return Actor(
        "ACCOUNT",
        account_id=made.id,
        role=role,
        area_id=place.id,
        station_id=made.station_id,
        # As signing in makes it: a hospital sees nothing of the area that it stands in.
        jurisdiction=NOWHERE if role is Role.HOSPITAL else Jurisdiction(place.lo, place.hi),
        display_name=made.display_name,
    )
