"""What stations and committees notice: the right alert at the right socket, each once and in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from tests.acceptance.client import Api, Socket
from tests.acceptance.conftest import sign_in
from tests.acceptance.declaring import breathless, declare, person

ALERTS = """
subscription ($areaId: ID, $kinds: [AlertKind!], $after: String) {
  alerts(areaId: $areaId, kinds: $kinds, after: $after) {
    cursor change at by { name }
    alert { id kind danger state verified reasons { code text } acknowledgedBy { name } area { code name }
      case { id ageBand person { name phone age } } }
  }
}
"""
OPEN = """
query ($first: Int, $after: String, $areaId: ID) {
  alerts(areaId: $areaId, states: [RAISED, ESCALATED], first: $first, after: $after) {
    cursor nodes { id danger raisedAt case { id } } pageInfo { hasNextPage endCursor }
  }
}
"""
ACKNOWLEDGE = """
mutation ($input: AcknowledgeAlertInput!) {
  acknowledgeAlert(input: $input) {
    __typename
    ... on AlertAcknowledged { alert { id state acknowledgedBy { name } } alerts { id } }
    ... on Conflict { reason by { name } current { id ... on Alert { state acknowledgedBy { name } } } }
    ... on Problem { code message }
  }
}
"""
RESOLVE = """
mutation ($input: ResolveAlertInput!) {
  resolveAlert(input: $input) {
    __typename
    ... on AlertResolved { alert { state outcome } }
    ... on Conflict { reason }
    ... on Problem { code message }
  }
}
"""
MARK = "query { alerts(first: 1) { cursor } }"


async def position(api: Api) -> str:
    """The alert log's present position, as a page of alerts says it."""
    cursor: str = (await api.data(MARK))["alerts"]["cursor"]
    return cursor


@asynccontextmanager
async def listening(api: Api, **variables: Any) -> AsyncIterator[Socket]:
    """A socket that certainly hears everything from here on."""
    after = await position(api)
    async with api.socket() as socket:
        yield await socket.subscribe("1", ALERTS, {"after": after, **variables})


async def test_a_severe_alert_reaches_station_district_and_city_each_as_they_may_see_it(
    api: Api, tokens: dict[str, str]
) -> None:
    async with AsyncExitStack() as stack:
        sockets = {
            name: await stack.enter_async_context(listening(api.acting(tokens[name])))
            for name in ("station", "centre", "committee", "city", "neighbour")
        }
        await declare(api, breathless(fullName="Lê Văn Khó Thở", birthDate="1956-01-01"))
        events = {name: (await sockets[name].next("1"))["alerts"] for name in sockets if name != "neighbour"}
        for event in events.values():
            assert (event["change"], event["alert"]["danger"]) == ("RAISED", "RED")
            assert (event["alert"]["verified"], event["alert"]["area"]["code"]) == (False, "26740")
            assert event["alert"]["case"]["ageBand"] == "66-79"
        seen = {"name": "Lê Văn Khó Thở", "phone": "+84912345678", "age": 66}
        assert events["station"]["alert"]["case"]["person"] == events["centre"]["alert"]["case"]["person"] == seen
        assert events["committee"]["alert"]["case"]["person"] is events["city"]["alert"]["case"]["person"] is None
        # The neighbour's first event is the one declared there, later.
        other = await declare(api, breathless(), address={"areaCode": "26737", "street": "1 Lê Lợi"})
        event = (await sockets["neighbour"].next("1"))["alerts"]
        assert event["alert"]["case"]["id"] == other["declarations"][0]["case"]["id"]


async def test_a_query_and_then_a_subscription_leave_no_gap(api: Api, station: Api) -> None:
    await declare(api, breathless())
    page = (await station.data(OPEN, {"first": 1}))["alerts"]
    between = await declare(api, breathless())
    async with station.socket() as socket:
        await socket.subscribe("1", ALERTS, {"after": page["cursor"]})
        event = (await socket.next("1"))["alerts"]
        assert event["alert"]["case"]["id"] == between["declarations"][0]["case"]["id"]


async def test_a_subscriber_that_is_cut_ten_times_has_each_alert_once_and_in_order(api: Api, station: Api) -> None:
    after = await position(station)
    sending = asyncio.create_task(_declare_many(api, 30))
    cases: list[str] = []
    for cut in range(10):
        async with station.socket() as socket:
            await socket.subscribe("1", ALERTS, {"after": after})
            for _ in range(3):
                event = (await socket.next("1"))["alerts"]
                after = event["cursor"]
                cases.append(event["alert"]["case"]["id"])
            # Torn without a word, as a dead mobile link would be; what had arrived and was not taken comes again.
            socket.connection.transport.abort()
        assert len(cases) == 3 * (cut + 1)
    declared = await sending
    assert sorted(cases) == sorted(declared)
    assert len(set(cases)) == 30


async def _declare_many(api: Api, many: int) -> list[str]:
    receipts = await asyncio.gather(*(declare(api, breathless()) for _ in range(many)))
    return [receipt["declarations"][0]["case"]["id"] for receipt in receipts]


async def test_of_two_who_take_an_alert_one_wins_and_the_other_learns_who(
    api: Api, station: Api, tokens: dict[str, str]
) -> None:
    async with listening(station) as socket:
        await declare(api, breathless(conditions=["diabetes"], birthDate="1940-01-01"))
        events = [(await socket.next("1"))["alerts"] for _ in range(2)]
        assert {event["alert"]["kind"] for event in events} == {"SEVERE", "HIGH_RISK"}
        answers = await asyncio.gather(
            *(
                api.acting(tokens[name]).data(ACKNOWLEDGE, {"input": {"id": events[0]["alert"]["id"]}})
                for name in ("station", "colleague")
            )
        )
        won, lost = sorted((answer["acknowledgeAlert"] for answer in answers), key=lambda answer: answer["__typename"])
        assert won["__typename"] == "AlertAcknowledged"
        assert len(won["alerts"]) == 2
        winner = won["alert"]["acknowledgedBy"]["name"]
        assert (lost["code"], lost["reason"], lost["by"]["name"]) == ("CONFLICT", "ALREADY_ACKNOWLEDGED", winner)
        assert lost["current"]["acknowledgedBy"]["name"] == winner
        taken = [(await socket.next("1"))["alerts"] for _ in range(2)]
        assert [(event["change"], event["by"]["name"]) for event in taken] == [("ACKNOWLEDGED", winner)] * 2


async def test_an_alert_is_resolved_with_its_outcome_and_not_twice(api: Api, station: Api) -> None:
    async with listening(station) as socket:
        await declare(api, breathless())
        id = (await socket.next("1"))["alerts"]["alert"]["id"]
    early = (await station.data(RESOLVE, {"input": {"id": id, "outcome": "ADVISED"}}))["resolveAlert"]
    assert early["reason"] == "WRONG_STATE"
    await station.data(ACKNOWLEDGE, {"input": {"id": id}})
    done = (await station.data(RESOLVE, {"input": {"id": id, "outcome": "ADVISED", "note": "Đã gọi"}}))["resolveAlert"]
    assert done["alert"] == {"state": "RESOLVED", "outcome": "ADVISED"}
    again = (await station.data(RESOLVE, {"input": {"id": id, "outcome": "VISITED"}}))["resolveAlert"]
    assert again["reason"] == "WRONG_STATE"


async def test_what_is_outside_is_not_found(api: Api, station: Api, tokens: dict[str, str]) -> None:
    async with listening(station) as socket:
        receipt = await declare(api, breathless())
        id = (await socket.next("1"))["alerts"]["alert"]["id"]
    stranger = api.acting(tokens["neighbour"])
    answer = (await stranger.data(ACKNOWLEDGE, {"input": {"id": id}}))["acknowledgeAlert"]
    assert answer["code"] == "NOT_FOUND"
    for seen in (id, receipt["declarations"][0]["case"]["id"], receipt["declarations"][0]["id"]):
        assert (await station.data("query ($id: ID!) { node(id: $id) { id } }", {"id": seen}))["node"]["id"] == seen
        assert (await stranger.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": seen})).code == "NOT_FOUND"
    ward = (await api.data('{ area(code: "26740") { id } }'))["area"]["id"]
    assert (await stranger.ask(OPEN, {"areaId": ward})).code == "NOT_FOUND"
    async with stranger.socket() as socket:
        await socket.subscribe("1", ALERTS, {"areaId": ward})
        assert await socket.error("1") == "NOT_FOUND"


async def test_a_committee_sees_no_case_by_itself_and_none_by_name(api: Api, tokens: dict[str, str]) -> None:
    await declare(api, breathless())
    committee = api.acting(tokens["committee"])
    query = "{ alerts(first: 1) { nodes { case { ageBand person { name } } allowedActions } } }"
    [alert] = (await committee.data(query))["alerts"]["nodes"]
    assert alert["case"]["ageBand"]
    assert alert["case"]["person"] is None
    assert alert["allowedActions"] == []
    assert (await committee.ask("{ cases { nodes { id } } }")).code == "NOT_FOUND"
    assert (await committee.ask("{ declarations { nodes { id } } }")).code == "NOT_FOUND"


async def test_a_session_that_ends_ends_its_subscriptions(api: Api) -> None:
    leaver = api.acting(await sign_in(api, "leaver"))
    async with listening(leaver) as socket:
        await leaver.data("mutation { signOut { signedOut } }")
        assert await socket.error("1") == "UNAUTHENTICATED"
        await socket.subscribe("2", ALERTS)
        assert await socket.error("2") == "UNAUTHENTICATED"
    assert (await leaver.ask("{ me { displayName } }")).code == "UNAUTHENTICATED"


@pytest.mark.parametrize("kind", ["SEVERE", "HIGH_RISK"])
async def test_only_the_kinds_that_were_asked_for_arrive(api: Api, station: Api, kind: str) -> None:
    async with listening(station, kinds=[kind]) as socket:
        await declare(api, breathless(), person(birthDate="1940-01-01", conditions=["diabetes"]))
        await declare(api, breathless(birthDate="1940-01-01", conditions=["diabetes"]))
        kinds = [(await socket.next("1"))["alerts"]["alert"]["kind"] for _ in range(2)]
        assert kinds == [kind, kind]


async def test_events_come_over_server_sent_events_as_well(api: Api, station: Api) -> None:
    after = await position(station)
    async with station.events(ALERTS, {"after": after}) as events:
        declared = await declare(api, breathless())
        event = await anext(events)
        assert event["data"]["alerts"]["alert"]["case"]["id"] == declared["declarations"][0]["case"]["id"]
    async with station.events(ALERTS, {"after": "nonsense"}) as events:
        assert [event["errors"][0]["extensions"]["code"] async for event in events] == ["INVALID_CURSOR"]
