"""Who says who is on duty where, what everybody sees of it, and what becomes of it when areas change."""

from datetime import time
from typing import Any

import pytest

from access.actor import Actor
from access.bounds import bounds_of
from models.audit import Audit
from models.database import service_connection, snapshot
from models.duty import Duty
from models.state import DutyChannel, Level, Role, StationKind
from services.add_duty import Post, add_duty
from services.change_duty import change_duty
from services.end_duty import end_duty
from services.list_duties import KeptDuty, duties_by_id, list_duties
from services.problem import Conflict, InvalidCursor, InvalidInput, NotFound
from services.runtime import Runtime
from tests.integration.duty.roster import CITY, at_centre, at_station, connected, department, in_city, shift, station_of
from tests.integration.graph.asking import Asking
from tests.integration.made import account, area, wards

R = Role

KEEPS = {
    "nurse": set(),
    "head": {"station"},
    "centre": {"station", "medical_centre"},
    "department": {"station", "medical_centre", "city"},
    "committee": set(),
    "administrator": set(),
    "other head": set(),
    "other centre": set(),
}


@pytest.fixture
async def people(runtime: Runtime) -> dict[str, Actor]:
    """Somebody of each role at a ward, its district and the city, and those who lead in another district."""
    here, there = await wards(2)
    district, city = await area(here.parent_id), await area(CITY)
    return {
        "nurse": await account(runtime, R.STATION_STAFF, here),
        "head": await account(runtime, R.STATION_HEAD, here),
        "centre": await account(runtime, R.MEDICAL_CENTRE, district),
        "department": await account(runtime, R.DEPARTMENT, city),
        "committee": await account(runtime, R.COMMITTEE, city),
        "administrator": await account(runtime, R.ADMINISTRATOR, city),
        "other head": await account(runtime, R.STATION_HEAD, there),
        "other centre": await account(runtime, R.MEDICAL_CENTRE, await area(there.parent_id)),
    }


async def posts() -> dict[str, Post]:
    """The places of a ward, by level."""
    (ward, *_) = await wards(1)
    centre = await station_of(str(ward.parent_id), StationKind.MEDICAL_CENTRE)
    return {
        "station": Post((await station_of(ward)).id),
        "medical_centre": Post(centre.id),
        "city": Post(area_id=CITY),
    }


async def listed(runtime: Runtime, actor: Actor, **about: Any) -> list[KeptDuty]:
    """What somebody sees of the rosters."""
    async with snapshot(bounds_of(actor)) as connection:
        return (await list_duties(runtime, actor, connection, about.pop("area_id", None), **about)).items


@pytest.mark.parametrize("who", KEEPS)
async def test_each_role_keeps_the_rosters_of_its_places_and_sees_no_others(
    runtime: Runtime, people: dict[str, Actor], who: str
) -> None:
    actor, made = people[who], set()
    for post in (await posts()).values():
        try:
            made.add((await add_duty(runtime, actor, post, shift())).row.level.value)
        except NotFound:
            await add_duty(runtime, people["department"], post, shift())
    assert made == KEEPS[who]
    rows = {row.id: row for row in await Duty.all().using_db(service_connection())}
    async with snapshot(bounds_of(actor)) as connection:
        assert {
            found.row.level.value for found in (await duties_by_id(runtime, actor, connection, rows)).values()
        } == made
    if who in ("nurse", "committee", "administrator"):
        with pytest.raises(NotFound):
            await listed(runtime, actor)
    else:
        assert {found.row.level.value for found in await listed(runtime, actor)} == made
    for row in rows.values():
        if row.level.value not in made:
            with pytest.raises(NotFound):
                await change_duty(runtime, actor, row.id, row.version, shift())
            with pytest.raises(NotFound):
                await end_duty(runtime, actor, row.id, row.version)


async def test_the_database_hides_who_is_on_duty_and_shows_when(runtime: Runtime, people: dict[str, Actor]) -> None:
    (ward, *_) = await wards(1)
    await at_station(runtime, ward)
    for who in ("committee", "administrator", "other head"):
        async with snapshot(bounds_of(people[who])) as connection:
            assert await Duty.all().using_db(connection).count() == 0
            _, rows = await connection.execute_query("SELECT * FROM duty_hours")
            assert [set(row.keys()) & {"sealed", "name", "phone"} for row in rows] == [set()]


async def test_a_duty_is_changed_and_ended_by_whoever_has_seen_it_last(
    runtime: Runtime, people: dict[str, Actor]
) -> None:
    made = await add_duty(runtime, people["head"], (await posts())["station"], shift())
    changed = await change_duty(runtime, people["head"], made.row.id, 1, shift("0901000009", starts=time(7, 30)))
    assert (changed.phone, changed.row.starts, changed.row.version) == ("+84901000009", 450, 2)
    for stale in (change_duty(runtime, people["centre"], made.row.id, 1, shift()),):
        with pytest.raises(Conflict):
            await stale
    with pytest.raises(Conflict):
        await end_duty(runtime, people["centre"], made.row.id, 1)
    await end_duty(runtime, people["centre"], made.row.id, 2)
    assert await listed(runtime, people["head"]) == []
    with pytest.raises(NotFound):
        await end_duty(runtime, people["centre"], made.row.id, 3)
    lines = await Audit.filter(action__endswith="_duty").order_by("id").using_db(service_connection())
    assert [(line.action, line.objects) for line in lines] == [
        (f"{verb}_duty", [str(made.row.id)]) for verb in ("add", "change", "end")
    ]
    assert not any("0901" in str(line.detail) or shift().name in str(line.detail) for line in lines)


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"phone": "12"}, {("phone", "BAD_PHONE")}),
        ({"name": "  ", "weekdays": ()}, {("name", "REQUIRED"), ("weekdays", "REQUIRED")}),
        ({"name": "x" * 101}, {("name", "TOO_LONG")}),
        ({"name": "Le\u202eVan"}, {("name", "BAD_CHARACTER")}),
        ({"weekdays": (0, 8)}, {("weekdays", "OUT_OF_BOUNDS")}),
        ({"quiet_from": time(22)}, {("quiet_until", "REQUIRED")}),
        ({"quiet_until": time(6)}, {("quiet_from", "REQUIRED")}),
    ],
)
async def test_what_is_wrong_with_a_shift_is_said_all_at_once(
    runtime: Runtime, people: dict[str, Actor], changed: dict[str, Any], faults: set[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await add_duty(runtime, people["head"], (await posts())["station"], shift(**changed))
    assert {(str(fault.path[1]), fault.code) for fault in refused.value.faults} == faults


async def test_a_post_is_one_place_that_is_there(runtime: Runtime, people: dict[str, Actor]) -> None:
    for post in (Post(), Post("a", "b")):
        with pytest.raises(InvalidInput):
            await add_duty(runtime, people["department"], post, shift())
    for post in (Post("nowhere"), Post("a\0"), Post(area_id="nowhere")):
        with pytest.raises(NotFound):
            await add_duty(runtime, people["department"], post, shift())


async def test_a_roster_is_read_page_by_page(runtime: Runtime, people: dict[str, Actor]) -> None:
    for post in (await posts()).values():
        for _ in range(2):
            await add_duty(runtime, people["department"], post, shift())
    actor = people["department"]
    whole = [found.row.id for found in await listed(runtime, actor)]
    paged, after = [], None
    async with snapshot(bounds_of(actor)) as connection:
        for _ in range(3):
            page = await list_duties(runtime, actor, connection, None, 2, after)
            paged += [found.row.id for found in page.items]
            after = page.cursors[-1]
        assert not page.has_next
        for wrong in ("x", str(after)[:-3]):
            with pytest.raises(InvalidCursor):
                await list_duties(runtime, actor, connection, None, 2, wrong)
    assert len(whole) == 6
    assert paged == whole


ADD = """
mutation ($input: AddDutyInput!) { addDuty(input: $input) {
  ... on RosterChanged { duty { id version level name phone channel weekdays from until quietFrom quietUntil onDutyNow
    station { id } area { name } endedAt } }
  ... on InvalidInput { fields { path code message } }
  ... on NotFound { code } } }
"""
CHANGE = """
mutation ($input: ChangeDutyInput!) { changeDuty(input: $input) {
  ... on Conflict { reason current { ... on Duty { id version } } } ... on RosterChanged { duty { version } } } }
"""


async def test_a_roster_is_kept_over_the_api(runtime: Runtime, people: dict[str, Actor]) -> None:
    asking, head = Asking(runtime), people["head"]
    stations = await asking.data(head, "{ stations { nodes { id } } }")
    station = stations["stations"]["nodes"][0]["id"]
    wanted = {
        "name": "BS. Lê Văn Trực",
        "phone": "0901 000 001",
        "weekdays": ["SATURDAY", "FRIDAY"],
        "from": "07:00",
        "until": "19:00",
        "quietFrom": "12:00",
        "quietUntil": "13:30",
    }
    # 18 March 2022 was a Friday, and it is ten in the morning.
    made = (await asking.data(head, ADD, {"input": {"stationId": station, "shift": wanted}}))["addDuty"]["duty"]
    assert made | {"id": "", "area": {}} == {
        **wanted,
        "id": "",
        "version": 1,
        "level": "STATION",
        "phone": "+84901000001",
        "channel": DutyChannel.SMS.value,
        "weekdays": ["FRIDAY", "SATURDAY"],
        "from": "07:00:00",
        "until": "19:00:00",
        "quietFrom": "12:00:00",
        "quietUntil": "13:30:00",
        "onDutyNow": True,
        "station": {"id": station},
        "area": {},
        "endedAt": None,
    }
    found = await asking.data(head, "query ($id: ID!) { node(id: $id) { id } }", {"id": made["id"]})
    assert found["node"]["id"] == made["id"]
    stale = {"input": {"id": made["id"], "version": 7, "shift": wanted}}
    refused = (await asking.data(head, CHANGE, stale))["changeDuty"]
    assert refused == {"reason": "STALE_VERSION", "current": {"id": made["id"], "version": 1}}
    bad = {"input": {"stationId": station, "shift": wanted | {"phone": "1", "weekdays": []}}}
    faults = (await asking.data(head, ADD, bad))["addDuty"]["fields"]
    assert [(one["path"], one["code"]) for one in faults] == [
        ("shift.phone", "BAD_PHONE"),
        ("shift.weekdays", "REQUIRED"),
    ]
    assert (await asking.data(people["other head"], ADD, {"input": {"stationId": station, "shift": wanted}}))[
        "addDuty"
    ] == {"code": "NOT_FOUND"}
    for who in ("nurse", "committee"):
        assert "errors" in await asking.payload(people[who], "{ duties { nodes { id } } }")
    shown = await asking.data(people["centre"], "{ duties(first: 5) { nodes { name onDutyNow } } }")
    assert shown["duties"]["nodes"] == [{"name": "BS. Lê Văn Trực", "onDutyNow": True}]


COVER = "query ($area: ID) { areaSummary(areaId: $area) { stations { station { id } onDuty uncovered connectedNow } } }"


async def cover(runtime: Runtime, actor: Actor) -> dict[str, tuple[int, bool]]:
    """How many are on duty at each station that somebody sees, and whether nobody can be reached there."""
    data = await Asking(runtime).data(actor, COVER)
    return {one["station"]["id"]: (one["onDuty"], one["uncovered"]) for one in data["areaSummary"]["stations"]}


async def test_a_committee_sees_which_stations_nobody_can_be_reached_at(
    runtime: Runtime, people: dict[str, Actor]
) -> None:
    committee = people["committee"]
    assert set((await cover(runtime, committee)).values()) == {(0, False)}
    (ward, *_) = await wards(1)
    other = (await wards(2))[1]
    await at_station(runtime, ward)
    await at_station(runtime, ward, starts=time(18), ends=time(6))
    await connected(runtime, await station_of(other))
    found = await cover(runtime, committee)
    assert len(found) == 334
    assert sorted(found.values())[-2:] == [(0, True), (1, False)]
    assert [cover for cover in found.values() if not cover[1]].count((0, False)) == 1
    # The ward's own staff see their own.
    assert list((await cover(runtime, people["nurse"])).values()) == [(1, False)]


async def test_people_of_the_centre_and_the_city_do_not_count_as_the_station_s(
    runtime: Runtime, people: dict[str, Actor]
) -> None:
    (ward, *_) = await wards(1)
    await at_centre(runtime, ward)
    await in_city(runtime)
    found = await cover(runtime, people["centre"])
    assert sorted(found.values())[-1] == (1, False)
    assert set(sorted(found.values())[:-1]) == {(0, True)}


async def test_the_department_names_the_city_s_people_for_any_of_its_areas(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    made = await add_duty(runtime, await department(runtime), Post(area_id=str(ward.parent_id)), shift())
    assert (made.row.level, made.row.station_id, made.row.area_id) == (Level.CITY, None, ward.parent_id)
