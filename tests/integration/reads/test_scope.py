"""Who sees what: role x place x read, as tables."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import ANONYMOUS, Actor
from access.policy import Action
from models.alert import Alert
from models.area import Area
from models.case import Assessment, Case
from models.database import service_connection, snapshot
from models.declaration import Declaration
from models.state import Role
from models.station import Station
from services.identify import identify
from services.list_alerts import AlertFilter, list_alerts
from services.list_cases import CaseFilter, list_cases
from services.list_declarations import DeclarationFilter, list_declarations
from services.list_stations import StationFilter, list_stations
from services.load_accounts import account_names
from services.load_alerts import alerts_by_id, alerts_of_cases
from services.load_assessments import assessments_of_declarations, latest_assessment_of_cases
from services.load_cases import cases_by_id
from services.load_declarations import declarations_by_id, declarations_of_cases
from services.place import resolve_area
from services.problem import NotFound
from services.runtime import Runtime
from services.seen import Seen
from services.summarise import summarise
from services.summary_stations import stations_of
from services.summary_totals import totals_of
from tests.integration.made import EVERYTHING, account, area, wards
from tests.integration.reads.rows import fill
from tests.integration.reads.story import tell

CITY = "vn-79-2022-79"
OF_AN_AREA = frozenset(Role) - {Role.HOSPITAL}
"""Who works for an area; a hospital stands in one and sees nothing of it."""
CARE = frozenset({Role.STATION_STAFF, Role.STATION_HEAD, Role.MEDICAL_CENTRE, Role.DEPARTMENT})
RESIDENT = Actor("RESIDENT", phone_hash="x")


@dataclass
class Places:
    """A ward, another ward of its district, a ward elsewhere; their district, and the city."""

    ward: Area
    neighbour: Area
    elsewhere: Area
    district: Area
    city: Area

    def named(self, name: str) -> Area:
        found: Area = getattr(self, name)
        return found


@pytest.fixture
async def places(runtime: Runtime) -> Places:
    (ward, elsewhere) = await wards(2)
    beside = Area.filter(parent_id=ward.parent_id, lo__gt=ward.lo).order_by("lo").using_db(service_connection())
    neighbour = await beside.first()
    assert neighbour
    found = Places(ward, neighbour, elsewhere, await area(ward.parent_id), await area(CITY))
    await fill([ward, neighbour, elsewhere], 60, 5)
    return found


async def _alerts(runtime: Runtime, actor: Actor, connection: AsyncpgDBClient, place: str | None) -> list[Any]:
    return (await list_alerts(runtime, actor, connection, AlertFilter(place), 100)).items


async def _cases(runtime: Runtime, actor: Actor, connection: AsyncpgDBClient, place: str | None) -> list[Any]:
    return (await list_cases(actor, connection, CaseFilter(place), 100)).items


async def _declarations(runtime: Runtime, actor: Actor, connection: AsyncpgDBClient, place: str | None) -> list[Any]:
    return (await list_declarations(actor, connection, DeclarationFilter(place), 100)).items


async def _stations(runtime: Runtime, actor: Actor, connection: AsyncpgDBClient, place: str | None) -> list[Any]:
    return (await list_stations(actor, connection, StationFilter(place), 100)).items


async def _summary(runtime: Runtime, actor: Actor, connection: AsyncpgDBClient, place: str | None) -> list[Any]:
    summary = await summarise(runtime, actor, connection, place)
    return [one.station for one in (await stations_of(actor, connection, [summary]))[summary]][:100]


Read = Callable[[Runtime, Actor, AsyncpgDBClient, str | None], Awaitable[list[Any]]]
READS: dict[str, tuple[Read, Any, frozenset[Role]]] = {
    "alerts": (_alerts, Alert, CARE | {Role.COMMITTEE}),
    "cases": (_cases, Case, CARE),
    "declarations": (_declarations, Declaration, CARE),
    "stations": (_stations, Station, OF_AN_AREA),
    "summary": (_summary, Station, OF_AN_AREA),
}


@pytest.mark.parametrize("place", ["ward", "district", "city"])
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", READS)
async def test_each_role_sees_exactly_its_places_rows(
    runtime: Runtime, places: Places, name: str, role: Role, place: str
) -> None:
    read, model, allowed = READS[name]
    own = places.named(place)
    actor = await account(runtime, role, own)
    async with snapshot(EVERYTHING) as connection:
        if role not in allowed:
            with pytest.raises(NotFound):
                await read(runtime, actor, connection, None)
            return
        seen = {row.id for row in await read(runtime, actor, connection, None)}
    every = await model.all().order_by("area_no", "id").using_db(service_connection())
    expected = [row.id for row in every if own.lo <= row.area_no <= own.hi]
    assert seen == set(expected[:100])


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize(
    ("own", "asked"),
    [("ward", "neighbour"), ("ward", "elsewhere"), ("ward", "district"), ("district", "elsewhere"), ("ward", "city")],
)
async def test_what_is_outside_is_not_found(runtime: Runtime, places: Places, name: str, own: str, asked: str) -> None:
    actor = await account(runtime, Role.MEDICAL_CENTRE, places.named(own))
    async with snapshot(EVERYTHING) as connection:
        with pytest.raises(NotFound):
            await READS[name][0](runtime, actor, connection, places.named(asked).id)


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("asked", ["nowhere", "", "\0", "vn-79-2022-79' OR true --"])
async def test_an_area_that_does_not_exist_is_not_found(
    runtime: Runtime, places: Places, name: str, asked: str
) -> None:
    actor = await account(runtime, Role.DEPARTMENT, places.city)
    async with snapshot(EVERYTHING) as connection:
        with pytest.raises(NotFound):
            await READS[name][0](runtime, actor, connection, asked)


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("actor", [ANONYMOUS, RESIDENT], ids=["anonymous", "resident"])
@pytest.mark.parametrize("asked", [None, CITY])
async def test_nobody_without_an_account_sees_anything(
    runtime: Runtime, places: Places, name: str, actor: Actor, asked: str | None
) -> None:
    async with snapshot(EVERYTHING) as connection:
        with pytest.raises(NotFound):
            await READS[name][0](runtime, actor, connection, asked)


@pytest.mark.parametrize("name", READS)
async def test_an_area_below_narrows_what_is_seen(runtime: Runtime, places: Places, name: str) -> None:
    read, _, _ = READS[name]
    wide = await account(runtime, Role.DEPARTMENT, places.city)
    narrow = await account(runtime, Role.STATION_HEAD, places.ward)
    async with snapshot(EVERYTHING) as connection:
        assert await read(runtime, wide, connection, places.ward.id) == await read(runtime, narrow, connection, None)


@pytest.mark.parametrize("role", Role)
async def test_loaders_show_nothing_that_a_list_would_not(runtime: Runtime, places: Places, role: Role) -> None:
    actor = await account(runtime, role, places.district)
    own, service = places.district, service_connection()
    case_ids = [row.id for row in await Case.all().using_db(service)]
    declaration_ids = [row.id for row in await Declaration.all().using_db(service)]

    async def expected(model: Any) -> set[UUID]:
        roles = CARE | {Role.COMMITTEE} if model is Alert else CARE
        rows = await model.filter(area_no__gte=own.lo, area_no__lte=own.hi).using_db(service)
        return {row.id for row in rows} if role in roles else set()

    async with snapshot(EVERYTHING) as connection:
        alert_ids = [row.id for row in await Alert.all().using_db(service)]
        assert set(await alerts_by_id(actor, connection, [*alert_ids, uuid4()])) == await expected(Alert)
        assert set(await cases_by_id(actor, connection, [*case_ids, uuid4()])) == await expected(Case)
        assert set(await declarations_by_id(actor, connection, declaration_ids)) == await expected(Declaration)
        of_cases = await alerts_of_cases(actor, connection, case_ids)
        assert {row.id for rows in of_cases.values() for row in rows} == await expected(Alert)
        sent = await declarations_of_cases(actor, connection, case_ids)
        assert {row.id for rows in sent.values() for row in rows} == await expected(Declaration)
        assert set(of_cases) == set(sent) == set(case_ids)
        latest = await latest_assessment_of_cases(actor, connection, case_ids)
        judged = await assessments_of_declarations(actor, connection, declaration_ids)
        assert {row.id for row in latest.values()} == {row.id for row in judged.values()} == await expected(Assessment)
        assert bool(await account_names(actor, connection, [actor.account_id or uuid4()])) == (
            role is not Role.ADMINISTRATOR
        )


@pytest.mark.parametrize("place", ["ward", "elsewhere", "city"])
@pytest.mark.parametrize("role", Role)
async def test_a_person_is_named_to_those_who_care_for_the_ward_only(
    runtime: Runtime, places: Places, role: Role, place: str
) -> None:
    department = await account(runtime, Role.DEPARTMENT, places.city)
    await tell(runtime, department, [places.ward], 4, 1)
    case = await Case.filter(phone_hash__not="").using_db(service_connection()).first()
    assert case
    actor = await account(runtime, role, places.named(place))
    person = identify(runtime, actor, case, Seen())
    assert (person is not None) == (role in CARE and place != "elsewhere")
    if person:
        assert person.name.startswith("Nguyễn Thị Thử")
        assert (person.phone, person.street) == ("+84912345678", "12 Lê Lợi")


@pytest.mark.parametrize("role", sorted(OF_AN_AREA))
async def test_a_summary_counts_nothing_from_outside(runtime: Runtime, places: Places, role: Role) -> None:
    department = await account(runtime, Role.DEPARTMENT, places.city)
    await tell(runtime, department, [places.elsewhere], 6, 1)
    actor = await account(runtime, role, places.district)
    async with snapshot(EVERYTHING) as connection:
        summary = await summarise(runtime, actor, connection)
        assert (await totals_of(connection, [summary]))[summary].declared == 0
        wide = await summarise(runtime, department, connection)
        assert (await totals_of(connection, [wide]))[wide].declared > 0


async def test_a_jurisdiction_is_the_overlap_of_the_account_and_the_area(runtime: Runtime, places: Places) -> None:
    actor = await account(runtime, Role.COMMITTEE, places.district)
    async with snapshot(EVERYTHING) as connection:
        _, own = await resolve_area(actor, Action.SEE_ALERTS, connection, None)
        _, ward = await resolve_area(actor, Action.SEE_ALERTS, connection, places.ward.id)
    assert (own.lo, own.hi) == (places.district.lo, places.district.hi)
    assert (ward.lo, ward.hi) == (places.ward.lo, places.ward.hi)
