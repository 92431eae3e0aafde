"""What a committee can reach through the API says how ill and how old, and of nobody who it is."""

import re
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_list_type
from graphql.type import get_nullable_type

from access.actor import ANONYMOUS, Actor
from access.bounds import bounds_of
from graph.context import Context
from graph.global_id import global_id
from graph.request import GraphQLRequest
from models.area import Area
from models.case import Case
from models.database import service_connection, snapshot
from models.declaration import Declaration
from models.state import Outcome, Role
from services.acknowledge import acknowledge
from services.cursor import alert_cursor
from services.declare import declare
from services.list_alerts import AlertFilter, list_alerts
from services.resolve import resolve
from services.runtime import Runtime
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, OLD_AND_ILL, account, area, household, person, wards

# Everything that the household, and the staff in their notes, have said of a person.
PLANTED = (
    *("Hoàng Thị Bí Mật", "912345678", "079000111222", "12 Lê Lợi", "1950-01-01", "1950"),
    "ghi chú riêng",
)


@pytest.fixture
async def ward(runtime: Runtime) -> Area:
    """A ward with somebody breathless and somebody old, one of whose alerts was taken and settled."""
    (ward,) = await wards(1)
    people = [
        person(BREATHLESS, name="Hoàng Thị Bí Mật", national_id="079000111222"),
        person(OLD_AND_ILL, name="Hoàng Thị Bí Mật Già"),
    ]
    await declare(runtime, ANONYMOUS, household(*people, ward=ward))
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    async with snapshot(bounds_of(nurse)) as connection:
        page = await list_alerts(runtime, nurse, connection, AlertFilter())
    await acknowledge(runtime, nurse, page.items[0].id)
    await resolve(runtime, nurse, page.items[0].id, Outcome.ADVISED, "ghi chú riêng về bà Hoàng Thị Bí Mật")
    return ward


async def committee(runtime: Runtime, ward: Area) -> Actor:
    """The committee of the ward's district."""
    return await account(runtime, Role.COMMITTEE, await area(ward.parent_id))


def everything(asking: Asking, type_: Any, depth: int) -> str:
    """A selection of every field that needs no argument, as deep as that."""
    fields = ["__typename"]
    for name, field in type_.fields.items():
        if any(argument.default_value is None and str(argument.type).endswith("!") for argument in field.args.values()):
            continue
        inner = get_named_type(field.type)
        if isinstance(inner, GraphQLObjectType | GraphQLInterfaceType):
            if depth and not (is_list_type(get_nullable_type(field.type)) and name in ("children", "stations")):
                fields.append(f"{name} {everything(asking, inner, depth - 1)}")
        else:
            fields.append(name)
    return "{ " + " ".join(fields) + " }"


async def test_nothing_of_a_person_is_in_anything_that_an_alert_leads_to(runtime: Runtime, ward: Area) -> None:
    asking = Asking(runtime)
    types = asking.schema._schema.type_map
    query = "{ alerts " + everything(asking, types["AlertConnection"], 6) + " }"
    data = await asking.data(await committee(runtime, ward), query)
    text = str(data)
    assert len(data["alerts"]["nodes"]) == 2
    assert [planted for planted in PLANTED if planted in text] == []
    # And yet what a committee needs is there.
    for one in data["alerts"]["nodes"]:
        assert re.fullmatch(r"\d+(-\d+|\+)", one["case"]["ageBand"])
        assert one["case"]["sex"] == "FEMALE"
        assert one["area"]["code"] == ward.national_code
        assert one["reasons"]
        assert one["case"]["person"] is None
        assert one["case"]["declarations"] == []
    taken = next(one for one in data["alerts"]["nodes"] if one["acknowledgedBy"])
    assert set(taken["acknowledgedBy"]) == {"__typename", "id", "name"}


async def test_no_event_tells_a_committee_of_a_person_neither_again_nor_live(runtime: Runtime, ward: Area) -> None:
    asking = Asking(runtime)
    selected = everything(asking, asking.schema._schema.type_map["AlertEvent"], 6)
    request = GraphQLRequest("subscription ($after: String) { alerts(after: $after) " + selected + " }")
    request = replace(request, variables={"after": alert_cursor(0)})
    who = await committee(runtime, ward)
    context = Context(runtime, request, "test", asking.engine.remembered, who, "vi")
    seen: list[Any] = []
    async with aclosing(asking.engine.stream(context)) as answers:
        async for answer in answers:
            assert not answer.errors
            assert answer.data
            seen.append(answer.data["alerts"])
            if len(seen) == 4:
                # What was there already is told again; this one comes live, from the hub that reads for everybody.
                await declare(runtime, ANONYMOUS, household(person(BREATHLESS, name="Hoàng Thị Bí Mật"), ward=ward))
            if len(seen) == 5:
                break
    assert [one["change"] for one in seen] == ["RAISED", "RAISED", "ACKNOWLEDGED", "RESOLVED", "RAISED"]
    assert [planted for planted in PLANTED if planted in str(seen)] == []
    assert all(one["alert"]["case"]["person"] is None for one in seen)
    assert all(one["alert"]["case"]["ageBand"] and one["alert"]["reasons"] for one in seen)


async def test_no_node_of_a_person_is_found_by_a_committee(runtime: Runtime, ward: Area) -> None:
    asking, who = Asking(runtime), await committee(runtime, ward)
    query = "query ($id: ID!) { node(id: $id) { id } }"
    for kind, model in (("Case", Case), ("Declaration", Declaration)):
        for row in await model.all().using_db(service_connection()):
            payload = await asking.payload(who, query, {"id": global_id(kind, row.id)})
            assert payload["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    for field in ("cases", "declarations"):
        payload = await asking.payload(who, f"{{ {field} {{ nodes {{ id }} }} }}")
        assert payload["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_name_is_told_by_the_api_for_a_reason(runtime: Runtime, ward: Area) -> None:
    asking, who = Asking(runtime), await committee(runtime, ward)
    alerts = await asking.data(who, "{ alerts { nodes { case { id } } } }")
    query = """mutation ($input: RevealPersonInput!) { revealPerson(input: $input) { __typename
      ... on PersonRevealed { person { name } } ... on InvalidInput { fields { path code message } } } }"""
    asked = {"caseId": alerts["alerts"]["nodes"][0]["case"]["id"], "reason": "cần giúp"}
    refused = (await asking.data(who, query, {"input": asked}))["revealPerson"]
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [("reason", "TOO_FEW_LETTERS")]
    asked["reason"] = "Đưa thuốc đến tận nhà"
    told = (await asking.data(who, query, {"input": asked}))["revealPerson"]
    assert told["person"]["name"].startswith("Hoàng Thị Bí Mật")
    # Those who lead the station, and the centre above it, see who was told and why; the committee itself does not.
    trail = "query ($id: ID!) { auditTrail(caseId: $id) { nodes { action reason by { name } } } }"
    for role, place in ((Role.STATION_HEAD, ward), (Role.MEDICAL_CENTRE, await area(ward.parent_id))):
        leads = await account(runtime, role, place)
        lines = (await asking.data(leads, trail, {"id": asked["caseId"]}))["auditTrail"]["nodes"]
        (line,) = [one for one in lines if one["action"] == "reveal_person"]
        assert (line["reason"], line["by"]["name"]) == (asked["reason"], who.display_name)
    payload = await asking.payload(who, trail, {"id": asked["caseId"]})
    assert payload["errors"][0]["extensions"]["code"] == "NOT_FOUND"
