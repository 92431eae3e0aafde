"""A page that is walked is the page that would be gathered: item by item, whatever stands in the tables."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from access.actor import Actor
from access.bounds import bounds_of
from models.alert import Alert
from models.alone import Alone
from models.area import Area
from models.case import Case
from models.database import service_connection, snapshot
from models.state import AlertState, Danger, Role
from services.cursor import page_cursor
from services.list_urgent import list_urgent
from services.list_work import gather_work
from services.page import Page
from services.problem import NotFound
from services.runtime import Runtime
from services.work_facts import ITEMS
from services.work_item import WorkFilter, WorkItem
from services.work_kind import CALLS, IN_ORDER, PLACE, WorkKind
from tests.both_ways import COMPILED
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, HEALTHY, account, area
from tests.integration.made import wards as some_wards
from tests.integration.reads.rows import fill
from tests.integration.statements import statements
from tests.integration.worklist.scattered import scatter
from tests.integration.worklist.working import declared, work

CITY = "vn-79-2022-79"
RANKS = 8
Key = tuple[int, datetime, UUID]

# The worklist as it is defined: everything in the area is gathered by its case, and sorted.
_REFERENCE = (
    ITEMS
    + f"""
SELECT i.kind * {RANKS} + c.rank AS place, i.since, i.id, i.kinds, c.danger FROM item i
JOIN illness_case c ON c.id = i.id ORDER BY 1, 2, 3
"""
)


async def reference(runtime: Runtime, actor: Actor, place: Area) -> Sequence[Any]:
    """All items, as the plain statement gives them."""
    async with snapshot(bounds_of(actor)) as connection:
        zone = runtime.clock.zone().key
        _, rows = await connection.execute_query(_REFERENCE, [place.lo, place.hi, zone])
    return list(rows)


def told(page: Page[WorkItem]) -> list[Any]:
    """All that a page says, and the columns of its rows."""
    columns = sorted(Case._meta.db_fields | {"granted"}), sorted(Alert._meta.db_fields)
    return [
        (
            (item.kind, item.since, item.due_at, item.subject_id),
            [getattr(item.case, name) for name in columns[0]],
            item.alert and [getattr(item.alert, name) for name in columns[1]],
            cursor,
        )
        for item, cursor in zip(page.items, page.cursors, strict=True)
    ]


@pytest.mark.parametrize("seed", range(6))
async def test_every_page_is_the_stretch_of_the_plain_list(runtime: Runtime, seed: int) -> None:
    chance = random.Random(seed)
    (ward, far) = await some_wards(2)
    near = await Area.filter(parent_id=ward.parent_id, lo__not=ward.lo).order_by("lo").using_db(service_connection())
    district = await Area.get(id=ward.parent_id, using_db=service_connection())
    await scatter([ward, near[0], far], chance)
    city = await area(CITY)
    staff = [
        await account(runtime, Role.DEPARTMENT, city),
        await account(runtime, Role.MEDICAL_CENTRE, district),
        await account(runtime, Role.STATION_STAFF, ward),
    ]
    whole = {actor.account_id: await reference(runtime, actor, await area(actor.area_id)) for actor in staff}
    walked = 0
    for _ in range(80):
        actor = chance.choice([staff[0], *staff])
        kinds = chance.choice([None, None, {WorkKind.RED_ALERT}, CALLS, {WorkKind.AMBER_ALERT, WorkKind.REPLY}, set()])
        dangers = chance.choice([None, None, {Danger.RED}, {Danger.RED, Danger.AMBER}])
        wanted = WorkFilter(kinds=kinds, dangers=dangers)
        size = chance.choice([1, 1, 2, 2, 3, 5, 9, 100])
        start = chance.choice([None, *[one for one in whole[actor.account_id] if one["kinds"] & 7]])
        begin = (start["place"], start["since"], start["id"]) if start else None
        if begin and chance.random() < 0.2:
            begin = (begin[0], begin[1], UUID(int=chance.getrandbits(128)))
        after = page_cursor("work", *begin) if begin else None
        keys = [
            (one["place"], one["since"], one["id"])
            for one in whole[actor.account_id]
            if (begin is None or (one["place"], one["since"], one["id"]) > begin)
            and (kinds is None or any(one["kinds"] & 1 << PLACE[kind] for kind in kinds))
            and (dangers is None or one["danger"] in {danger.value for danger in dangers})
        ]
        page = await work(runtime, actor, wanted, size, after)
        async with snapshot(bounds_of(actor)) as connection:
            gathered = await gather_work(runtime, actor, connection, wanted, size, after)
            urgent = await list_urgent(actor, connection, wanted, size, after)
        alone = await list_urgent(actor, Alone(bounds_of(actor)), wanted, size, after)
        assert page.has_next is (len(keys) > size)
        found = [(PLACE[one.kind] * RANKS + one.case.rank, one.since, one.case.id) for one in page.items]
        assert found == keys[:size]
        assert [one.kinds for one in page.items] == [one.kinds for one in gathered.items]
        kept = {one["id"]: one["kinds"] for one in whole[actor.account_id]}
        for item in page.items:
            assert sum(1 << PLACE[kind] for kind in item.kinds) == kept[item.case.id]
        assert told(page) == told(gathered)
        assert (urgent and told(urgent)) == (alone and told(alone))
        if urgent:
            walked += 1
            assert told(urgent) == told(page)
            assert {item.kind for item in urgent.items} <= CALLS
    assert walked >= 5


@pytest.mark.parametrize("seed", range(3))
async def test_every_page_of_ones_own_is_a_stretch_of_the_plain_list(runtime: Runtime, seed: int) -> None:
    chance, service, now = random.Random(seed), service_connection(), runtime.clock.now()
    (ward, far) = await some_wards(2)
    await scatter([ward, far], chance)
    staff = [
        await account(runtime, Role.STATION_STAFF, ward),
        await account(runtime, Role.DEPARTMENT, await area(CITY)),
    ]
    hands = [*(actor.account_id for actor in staff), uuid4()]
    for case in await Case.all().using_db(service):
        if chance.random() < 0.4:
            until = now + timedelta(minutes=chance.choice([-5, 5, 15]))
            taken: dict[str, Any] = {"claimed_by": chance.choice(hands), "claimed_until": until}
            await Case.filter(id=case.id).using_db(service).update(**taken)
    for alert in await Alert.all().using_db(service):
        if chance.random() < 0.3:
            state = chance.choice([AlertState.ACKNOWLEDGED, AlertState.ACKNOWLEDGED, AlertState.RESOLVED])
            taken = {"state": state, "acknowledged_by": chance.choice(hands), "acknowledged_at": now}
            await Alert.filter(id=alert.id).using_db(service).update(**taken)
    met = 0
    for actor in staff:
        own = {
            case.id for case in await Case.filter(claimed_by=actor.account_id, claimed_until__gt=now).using_db(service)
        } | {
            alert.case_id
            for alert in await Alert.filter(state="ACKNOWLEDGED", acknowledged_by=actor.account_id).using_db(service)
        }
        whole = await reference(runtime, actor, await area(actor.area_id))
        for kinds in (None, CALLS, {WorkKind.TAKEN_ALERT}):
            expected = [
                (one["place"], one["since"], one["id"])
                for one in whole
                if one["id"] in own and (kinds is None or any(one["kinds"] & 1 << PLACE[kind] for kind in kinds))
            ]
            found: list[tuple[int, datetime, UUID]] = []
            after: str | None = None
            while True:
                page = await work(runtime, actor, WorkFilter(kinds=kinds, mine=True), 3, after)
                found += [(PLACE[one.kind] * RANKS + one.case.rank, one.since, one.case.id) for one in page.items]
                if not page.has_next:
                    break
                after = page.cursors[-1]
            assert found == expected
            met += len(found)
    assert met > 20


async def test_a_page_beyond_what_calls_is_not_walked(runtime: Runtime) -> None:
    (ward, _) = await some_wards(2)
    await fill([ward], 40, 1)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    late = page_cursor("work", len(IN_ORDER) * RANKS - 1, datetime(2022, 3, 17, tzinfo=UTC), uuid4())
    alone = Alone(bounds_of(nurse))
    assert await list_urgent(nurse, alone, WorkFilter(), 1, late) is None
    assert await list_urgent(nurse, alone, WorkFilter(mine=True), 1) is None
    assert await list_urgent(nurse, alone, WorkFilter(kinds=[WorkKind.REPLY]), 1) is None
    assert await list_urgent(nurse, alone, WorkFilter(kinds=[]), 1) is None


async def test_who_sees_no_cases_is_shown_none_of_them_alone(runtime: Runtime) -> None:
    (ward, _) = await some_wards(2)
    await fill([ward], 40, 1)
    committee = await account(runtime, Role.COMMITTEE, await area(CITY))
    async with snapshot(bounds_of(committee)) as connection:
        with pytest.raises(NotFound):
            await list_urgent(committee, connection, WorkFilter(), 1)


async def test_a_case_beyond_the_areas_of_who_asks_is_in_no_page(runtime: Runtime) -> None:
    (ward, far) = await some_wards(2)
    await fill([ward], 60, 2)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    alone = Alone(bounds_of(nurse))
    page = await list_urgent(nurse, alone, WorkFilter(), 1)
    assert page
    # The case is elsewhere, and its alert was left behind.
    gone = page.items[0].case.id
    await Case.filter(id=gone).using_db(service_connection()).update(area_id=far.id, area_no=far.lo)
    page = await list_urgent(nurse, alone, WorkFilter(), 1)
    assert page is None or page.items[0].case.id != gone
    whole = await work(runtime, nurse)
    assert gone not in {item.case.id for item in whole.items}


PAGE = """{ worklist(first: 2) { nodes { kind %s since dueAt overdue why case { id rank: state area { name } }
  alert { id dueAt case { id } } } pageInfo { hasNextPage endCursor } } }"""


async def test_what_is_at_hand_is_read_in_one_statement_and_the_rest_is_the_same(runtime: Runtime) -> None:
    (ward, _) = await some_wards(2)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    await declared(runtime, ward, BREATHLESS, BREATHLESS, BREATHLESS, HEALTHY)
    asking = Asking(runtime)
    await asking.data(nurse, PAGE % "")
    with statements() as sent:
        plain = (await asking.data(nurse, PAGE % ""))["worklist"]
    (page,) = [text for text in sent if "illness_case" in text]
    # Told its bounds in itself: there is no transaction around it.
    assert ("set_config" in page) is COMPILED
    more = (await asking.data(nurse, PAGE % "kinds"))["worklist"]
    kinds = [node.pop("kinds") for node in more["nodes"]]
    assert kinds == [["RED_ALERT", "DECLARATION_TO_CONFIRM"]] * 2
    assert more == plain
    assert [node["kind"] for node in plain["nodes"]] == ["RED_ALERT"] * 2
    assert plain["pageInfo"]["hasNextPage"] is True
