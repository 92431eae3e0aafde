"""A resident sees what their phone has declared, and nothing else: at the first wall, and at the second alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from tortoise.queryset import QuerySet

from access import visible as first_wall
from access.actor import ANONYMOUS, Actor
from access.bounds import bounds_of
from graph.global_id import global_id
from models.alert import Alert
from models.audit import Audit
from models.case import Assessment, Case
from models.case_grant import CaseGrant
from models.database import service_connection, snapshot
from models.declaration import Declaration, Submission
from models.person import Person, PersonKey
from models.state import GrantKind, Role
from services.confirm import confirm
from services.declare import declare
from services.list_own import list_own
from services.problem import NotFound
from services.read_receipt import read_receipt
from services.receipt import Receipt
from services.runtime import Runtime
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, EVERYTHING, HEALTHY, account, area, household, person, wards
from tests.integration.residents.resident import CLAIM, ID_CARD, MINE, OTHER, PHONE, mine, resident

AN = person(HEALTHY, name="Nguyễn Văn An", national_id=ID_CARD)
THE_SAME_BY_ANOTHER = person(BREATHLESS, name="Trần Đức Bình", national_id=ID_CARD)
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


async def both(runtime: Runtime) -> tuple[Receipt, Receipt]:
    """Two proven phones that have reported the same person by the national id; the second joins the first's case."""
    (ward, *_) = await wards()
    first = await declare(runtime, resident(runtime), household(AN, ward=ward, phone=PHONE))
    second = household(THE_SAME_BY_ANOTHER, ward=ward, phone=OTHER)
    second = replace(second, address=replace(second.address, street="99 Nguyễn Huệ"))
    joined = await declare(runtime, resident(runtime, OTHER), second)
    assert joined.people[0].case_id == first.people[0].case_id
    return first, joined


async def test_a_proven_phone_sees_its_declarations_newest_first_with_all_that_leads_on(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    await declare(runtime, resident(runtime), household(AN, ward=ward))
    runtime.clock.follow(runtime.clock.now() + timedelta(hours=1), timedelta())
    await declare(runtime, resident(runtime), household(person(BREATHLESS, name="Lê Thị Ba"), ward=ward))
    newest, oldest = await mine(runtime, resident(runtime))
    assert [one["reported"]["fullName"] for one in (newest, oldest)] == ["Lê Thị Ba", "Nguyễn Văn An"]
    assert newest["assessment"]["reasons"][0]["text"]
    assert newest["area"] == {"name": ward.name}
    assert newest["case"]["state"] == "SUSPECTED"
    assert newest["case"]["person"] is None
    assert newest["case"]["alerts"] == []
    assert newest["case"]["declarations"] == [{"id": newest["id"]}]


async def test_pages_go_on_where_they_ended(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    people = [person(name=f"Người Thứ {number}") for number in range(5)]
    await declare(runtime, resident(runtime), household(*people, ward=ward))
    seen, after = [], None
    while True:
        data = await Asking(runtime).data(resident(runtime), MINE, {"first": 2, "after": after})
        page = data["myDeclarations"]
        seen += [one["reported"]["fullName"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(seen) == [one.full_name for one in people]


@pytest.mark.parametrize("sender", [ANONYMOUS, Actor("RESIDENT", phone_hash="k.elsewhere")])
async def test_an_unproven_report_opens_nothing_to_the_owner_of_the_number(runtime: Runtime, sender: Actor) -> None:
    (ward, *_) = await wards()
    await declare(runtime, sender, household(AN, ward=ward))
    assert await mine(runtime, resident(runtime)) == []
    assert await CaseGrant.all().using_db(service_connection()).count() == 0


async def test_of_two_phones_that_report_one_person_neither_sees_what_the_other_has_said(runtime: Runtime) -> None:
    await both(runtime)
    (first,) = await mine(runtime, resident(runtime))
    (second,) = await mine(runtime, resident(runtime, OTHER))
    said = orjson.dumps(first).decode()
    assert "Bình" not in said
    assert "Huệ" not in said
    assert OTHER[1:] not in said
    # That the other has reported severe signs is the other's report, also where the case is one.
    assert (first["severe"], first["case"]["severe"], first["case"]["danger"]) == (False, False, None)
    assert second["case"]["assessment"]["severe"]
    said = orjson.dumps(second).decode()
    assert "Nguyễn Văn An" not in said
    assert "Lê Lợi" not in said
    assert PHONE[1:] not in said


async def test_nobody_learns_by_declaring_that_somebody_else_s_case_was_confirmed(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    first = await declare(runtime, resident(runtime), household(AN, ward=ward, phone=PHONE))
    department = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    await confirm(runtime, department, first.people[0].case_id)
    curious = household(replace(THE_SAME_BY_ANOTHER, report=HEALTHY), ward=ward, phone=OTHER)
    receipt = await declare(runtime, resident(runtime, OTHER), curious)
    (seen,) = await mine(runtime, resident(runtime, OTHER))
    assert (seen["state"], seen["case"]["state"]) == ("SUBMITTED", "SUSPECTED")
    assert (await read_receipt(runtime, None, receipt.code)).states == ("SUBMITTED",)
    (own,) = await mine(runtime, resident(runtime))
    assert (own["state"], own["case"]["state"]) == ("ACCEPTED", "CONFIRMED")


async def test_the_id_of_what_another_has_declared_leads_nowhere(runtime: Runtime) -> None:
    first, second = await both(runtime)
    (alert,) = await Alert.all().using_db(service_connection())
    ids = {
        global_id("Declaration", second.people[0].id): None,
        global_id("Alert", alert.id): None,
        global_id("Declaration", first.people[0].id): "Declaration",
        global_id("Case", first.people[0].case_id): "Case",
    }
    for id, expected in ids.items():
        payload = await Asking(runtime).payload(resident(runtime), NODE, {"id": id})
        found = payload["data"]["node"] if payload.get("data") else None
        assert (found and found["__typename"]) == expected


async def test_a_case_of_others_is_not_found(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    receipt = await declare(runtime, resident(runtime), household(AN, ward=ward))
    id = global_id("Case", receipt.people[0].case_id)
    payload = await Asking(runtime).payload(resident(runtime, OTHER), NODE, {"id": id})
    assert payload["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_possible_duplicate_is_told_to_no_resident(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    await declare(runtime, resident(runtime), household(AN, ward=ward))
    receipt = await declare(runtime, ANONYMOUS, household(THE_SAME_BY_ANOTHER, ward=ward, phone=OTHER))
    await Asking(runtime).data(resident(runtime, OTHER), CLAIM, {"code": receipt.code})
    doubtful = await Declaration.get(possible_duplicate=True, using_db=service_connection())
    assert doubtful.id == receipt.people[0].id
    (shown,) = await mine(runtime, resident(runtime, OTHER))
    assert shown["possibleDuplicate"] is False


@pytest.mark.parametrize("role", Role)
async def test_an_account_has_nothing_of_its_own(runtime: Runtime, role: Role) -> None:
    staff = await account(runtime, role, await area("vn-79-2022-79"))
    async with snapshot(bounds_of(staff)) as connection:
        with pytest.raises(NotFound):
            await list_own(staff, connection)


SECOND_WALL: list[tuple[Any, bool]] = [
    (Declaration, True),
    (Assessment, True),
    (Submission, True),
    (Case, False),
    (Alert, False),
    (Audit, False),
    (Person, False),
    (PersonKey, False),
]


@pytest.mark.parametrize(("model", "opened"), SECOND_WALL, ids=lambda value: getattr(value, "__name__", str(value)))
async def test_the_database_alone_shows_a_resident_their_own_rows_and_no_other(
    runtime: Runtime, model: Any, opened: bool
) -> None:
    first, _ = await both(runtime)
    async with snapshot(bounds_of(resident(runtime))) as connection:
        rows = await model.all().using_db(connection)
    ids = {Declaration: {first.people[0].id}}.get(model)
    assert len(rows) == (1 if opened else 0)
    assert ids is None or {row.id for row in rows} == ids


async def test_the_database_alone_shows_a_case_s_outline_and_only_a_granted_one(runtime: Runtime) -> None:
    first, _ = await both(runtime)
    (ward, *_) = await wards()
    await declare(runtime, ANONYMOUS, household(ward=ward))
    async with snapshot(bounds_of(resident(runtime))) as connection:
        _, rows = await connection.execute_query("SELECT * FROM case_outline")
    assert [row["id"] for row in rows] == [first.people[0].case_id]
    assert not {"identity", "phone_hash"} & set(rows[0].keys())


async def test_the_first_wall_alone_holds_for_residents(runtime: Runtime) -> None:
    first, second = await both(runtime)
    ids = [first.people[0].id, second.people[0].id]
    async with snapshot(EVERYTHING) as connection:
        actor = resident(runtime)
        rows = await first_wall.visible(actor, Declaration, connection).filter(id__in=ids)
        judged = await first_wall.visible(actor, Assessment, connection)
        cases = await first_wall.visible(actor, Case, connection)
        alerts = await first_wall.visible(actor, Alert, connection)
        # With bounds of nobody's phone the grants themselves stay hidden: so nothing, and not everything.
        assert (rows, judged, cases, alerts) == ([], [], [], [])
    everything = replace(EVERYTHING, grantee=f"phone:{resident(runtime).phone_hash}")
    async with snapshot(everything) as connection:
        rows = await first_wall.visible(actor, Declaration, connection).filter(id__in=ids)
        judged = await first_wall.visible(actor, Assessment, connection)
        assert [row.id for row in rows] == [first.people[0].id]
        assert [row.declaration_id for row in judged] == [first.people[0].id]
        assert await first_wall.visible(actor, Case, connection) == []
        assert await first_wall.visible(actor, Alert, connection) == []


async def test_a_grant_that_has_ended_opens_nothing(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    await declare(runtime, resident(runtime), household(AN, ward=ward))
    await CaseGrant.all().using_db(service_connection()).update(ended_at=runtime.clock.now())
    assert await mine(runtime, resident(runtime)) == []
    async with snapshot(bounds_of(resident(runtime))) as connection:
        assert await Declaration.all().using_db(connection).count() == 0


async def granted_to(runtime: Runtime, case_id: UUID, nurse: Actor) -> None:
    """Opens a case to the nurse's station, as a hospital's admission will."""
    await CaseGrant.create(
        using_db=service_connection(),
        case_id=case_id,
        grantee=f"station:{nurse.station_id}",
        kind=GrantKind.HOSPITAL,
        granted_at=runtime.clock.now(),
    )


WHOLE = """
query ($id: ID!) {
  case(id: $id) {
    person { name phone } alerts { id } assessment { severe } allowedActions
    declarations { reported { fullName } assessment { severe } }
  }
}
"""
LISTS = "{ cases { nodes { id } } alerts { nodes { id } } declarations { nodes { id } } }"


async def test_a_station_sees_the_whole_of_a_case_that_was_granted_to_it_and_has_it_in_no_list(
    runtime: Runtime,
) -> None:
    here, there = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, there)
    granted, other = [
        (await declare(runtime, ANONYMOUS, household(person(BREATHLESS, name=name), ward=here))).people[0].case_id
        for name in ("Nguyễn Văn An", "Lê Thị Ba")
    ]
    await granted_to(runtime, granted, nurse)
    asking = Asking(runtime)
    found = (await asking.data(nurse, WHOLE, {"id": global_id("Case", granted)}))["case"]
    assert found["person"]["name"] == "Nguyễn Văn An"
    assert found["declarations"] == [{"reported": {"fullName": "Nguyễn Văn An"}, "assessment": {"severe": True}}]
    assert len(found["alerts"]) == 1
    assert found["allowedActions"] == []
    refused = await asking.payload(nurse, WHOLE, {"id": global_id("Case", other)})
    assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    lists = await asking.data(nurse, LISTS)
    assert [len(one["nodes"]) for one in lists.values()] == [0, 0, 0]
    with pytest.raises(NotFound):
        await confirm(runtime, nurse, granted)


@pytest.mark.parametrize("model", [Case, Declaration, Assessment, Alert])
async def test_the_database_alone_shows_a_station_what_was_granted_to_it(runtime: Runtime, model: Any) -> None:
    here, there = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, there)
    cases = [
        (await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=here))).people[0].case_id
        for _ in range(2)
    ]
    await granted_to(runtime, cases[0], nurse)
    async with snapshot(bounds_of(nurse)) as connection:
        rows: QuerySet[Any] = model.all().using_db(connection)
        assert [getattr(row, "case_id", row.id) for row in await rows] == cases[:1]
    async with snapshot(replace(EVERYTHING, grantee=f"station:{nurse.station_id}")) as connection:
        seen = await first_wall.reachable(nurse, model, connection)
        assert [getattr(row, "case_id", row.id) for row in seen] == cases[:1]
        assert await first_wall.visible(nurse, model, connection) == []


async def test_staff_see_what_was_reported_within_their_area_and_a_committee_nothing(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    receipt = await declare(runtime, resident(runtime), household(AN, ward=ward))
    query = "query ($id: ID!) { node(id: $id) { ... on Declaration { reported { fullName } } } }"
    id = global_id("Declaration", receipt.people[0].id)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    asking = Asking(runtime)
    assert (await asking.data(nurse, query, {"id": id}))["node"] == {"reported": {"fullName": "Nguyễn Văn An"}}
    looked = await Audit.filter(account_id=nurse.account_id).using_db(service_connection())
    assert str(receipt.people[0].case_id) in [name for line in looked for name in line.objects]
    committee = await account(runtime, Role.COMMITTEE, ward)
    refused = await asking.payload(committee, query, {"id": id})
    assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"
