"""A case tells what has happened to it; whoever was too slow is told what the others did."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from access.actor import Actor
from graph.global_id import global_id
from models.area import Area
from models.audit import Audit
from models.case import Case
from models.case_grant import CaseGrant
from models.database import service_connection
from models.state import CaseState, GrantKind, Outcome, Role
from services.acknowledge import acknowledge
from services.claim import claim
from services.confirm import confirm
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.load_alerts import alerts_of_cases
from services.resolve import resolve
from services.runtime import Runtime
from tests.integration.conftest import MOMENT
from tests.integration.graph.asking import Asking
from tests.integration.lifecycle.opened import opened
from tests.integration.made import BREATHLESS, account, area, household, person, wards
from tests.integration.residents.resident import resident

TIMELINE = """
query ($id: ID!, $first: Int, $after: String) {
  case(id: $id) {
    claimedBy { name } claimedUntil
    timeline(first: $first, after: $after) {
      nodes {
        id at kind actorKind by { name } state version why details { name value }
        alert { kind } declaration { state }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
CONFIRM = """
mutation ($input: ConfirmCaseInput!) {
  confirmCase(input: $input) {
    ... on CaseConfirmed { case { version } }
    ... on Conflict {
      reason state allowed by { name } current { ... on Case { state version allowedActions } }
      changes { kind version by { name } why }
    }
    ... on NotFound { code }
  }
}
"""
CLAIM = """
mutation ($id: ID!) {
  claimCase(input: { id: $id }) {
    ... on CaseClaimed { case { claimedBy { name } claimedUntil allowedActions } }
    ... on Conflict { reason message by { name } }
  }
}
"""


@pytest.fixture
async def ward() -> Area:
    """A ward."""
    return (await wards())[0]


@pytest.fixture
async def nurse(runtime: Runtime, ward: Area) -> Actor:
    """Somebody at the ward's station."""
    return await account(runtime, Role.STATION_STAFF, ward)


@pytest.fixture
async def doctor(runtime: Runtime, ward: Area) -> Actor:
    """Somebody else there."""
    return await account(runtime, Role.STATION_HEAD, ward)


def later(runtime: Runtime, minutes: int) -> None:
    """Puts the clock so many minutes after the declarations."""
    runtime.clock.follow(MOMENT + timedelta(minutes=minutes), timedelta())


async def lines(runtime: Runtime, actor: Actor, id: UUID) -> list[dict[str, Any]]:
    """The whole timeline as the actor is shown it."""
    found = await Asking(runtime).data(actor, TIMELINE, {"id": global_id("Case", id)})
    nodes: list[dict[str, Any]] = found["case"]["timeline"]["nodes"]
    return nodes


async def lived(runtime: Runtime, ward: Area, nurse: Actor, doctor: Actor) -> UUID:
    """A case that was declared, taken, confirmed by somebody else, and whose alert was resolved."""
    id = await opened(runtime, ward, BREATHLESS)
    [alert] = (await alerts_of_cases(nurse, service_connection(), [id]))[id]
    later(runtime, 1)
    await claim(runtime, nurse, id)
    later(runtime, 2)
    await acknowledge(runtime, nurse, alert.id)
    later(runtime, 3)
    await confirm(runtime, doctor, id)
    later(runtime, 4)
    await resolve(runtime, nurse, alert.id, Outcome.ADVISED)
    return id


async def test_all_that_has_happened_newest_first_with_who_and_when(
    runtime: Runtime, ward: Area, nurse: Actor, doctor: Actor
) -> None:
    found = await lines(runtime, nurse, await lived(runtime, ward, nurse, doctor))
    assert [(line["kind"], line["by"] and line["by"]["name"], line["state"], line["version"]) for line in found] == [
        ("ALERT_RESOLVED", nurse.display_name, None, None),
        ("CONFIRMED", doctor.display_name, "CONFIRMED", 3),
        ("ALERT_ACKNOWLEDGED", nurse.display_name, None, None),
        ("CLAIMED", nurse.display_name, "SUSPECTED", 2),
        ("ALERT_RAISED", None, None, None),
        ("DECLARED", None, None, None),
    ]
    assert [line["at"] for line in found] == sorted((line["at"] for line in found), reverse=True)
    assert found[0]["alert"] == {"kind": "SEVERE"}
    assert found[-1]["declaration"] == {"state": "ACCEPTED"}
    assert (found[-1]["actorKind"], found[-2]["actorKind"]) == ("ANONYMOUS", "SYSTEM")
    [until] = found[3]["details"]
    assert until["name"] == "until"
    assert len({line["id"] for line in found}) == len(found)


async def test_pages_of_it_fit_together(runtime: Runtime, ward: Area, nurse: Actor, doctor: Actor) -> None:
    id = await lived(runtime, ward, nurse, doctor)
    whole = [line["id"] for line in await lines(runtime, nurse, id)]
    asking, found, after = Asking(runtime), [], None
    while True:
        asked = {"id": global_id("Case", id), "first": 2, "after": after}
        page = (await asking.data(nurse, TIMELINE, asked))["case"]["timeline"]
        assert len(page["nodes"]) == 2
        found += [line["id"] for line in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == whole
    payload = await asking.payload(nurse, TIMELINE, {"id": global_id("Case", id), "first": 0})
    assert payload["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_why_is_told_to_those_who_may_see_the_person_and_the_look_is_on_record(
    runtime: Runtime, ward: Area, nurse: Actor
) -> None:
    id = await opened(runtime, ward)
    await dismiss(runtime, nurse, id, DismissReason.PRANK)
    [dismissed, declared] = await lines(runtime, nurse, id)
    assert (dismissed["kind"], dismissed["why"], declared["kind"]) == ("DISMISSED", "PRANK", "DECLARED")
    [look] = await Audit.filter(action="see_case").using_db(service_connection())
    assert look.objects == [str(id)]
    assert look.detail == {"persons": 1}


async def test_who_has_it_in_hand_is_shown_until_it_is_over(
    runtime: Runtime, ward: Area, nurse: Actor, doctor: Actor
) -> None:
    id, asking = await opened(runtime, ward), Asking(runtime)
    given = (await asking.data(nurse, CLAIM, {"id": global_id("Case", id)}))["claimCase"]["case"]
    assert given["claimedBy"] == {"name": nurse.display_name}
    assert {"CLAIM", "RELEASE_CLAIM"} <= set(given["allowedActions"])
    refused = (await asking.data(doctor, CLAIM, {"id": global_id("Case", id)}))["claimCase"]
    assert (refused["reason"], refused["by"]) == ("ALREADY_CLAIMED", {"name": nurse.display_name})
    assert refused["message"] == "Somebody else has this case in hand."
    later(runtime, 21)
    case = (await asking.data(doctor, TIMELINE, {"id": global_id("Case", id)}))["case"]
    assert (case["claimedBy"], case["claimedUntil"]) == (None, None)


async def test_whoever_was_too_slow_is_told_what_the_others_have_changed(
    runtime: Runtime, ward: Area, nurse: Actor, doctor: Actor
) -> None:
    id, asking = await opened(runtime, ward), Asking(runtime)
    await claim(runtime, nurse, id)
    await dismiss(runtime, nurse, id, DismissReason.NEGATIVE_TEST)
    asked = {"input": {"id": global_id("Case", id), "version": 1}}
    told = (await asking.data(doctor, CONFIRM, asked))["confirmCase"]
    by = {"name": nurse.display_name}
    assert told == {
        "reason": "STALE_VERSION",
        "state": None,
        "allowed": [],
        "by": by,
        "current": {"state": "NOT_A_CASE", "version": 3, "allowedActions": []},
        "changes": [
            {"kind": "CLAIMED", "version": 2, "by": by, "why": None},
            {"kind": "DISMISSED", "version": 3, "by": by, "why": "NEGATIVE_TEST"},
        ],
    }
    seen = {"input": {"id": global_id("Case", id), "version": 2}}
    assert len((await asking.data(doctor, CONFIRM, seen))["confirmCase"]["changes"]) == 1


async def test_what_the_state_does_not_allow_names_it_and_what_it_does(
    runtime: Runtime, ward: Area, nurse: Actor
) -> None:
    id, asking = await opened(runtime, ward), Asking(runtime)
    await confirm(runtime, nurse, id)
    told = (await asking.data(nurse, CONFIRM, {"input": {"id": global_id("Case", id)}}))["confirmCase"]
    assert (told["reason"], told["state"], told["changes"]) == ("WRONG_STATE", "CONFIRMED", [])
    assert {"ISOLATE", "REFER", "RELEASE", "CLAIM"} <= set(told["allowed"])
    assert "CONFIRM" not in told["allowed"]


async def test_nobody_is_told_of_a_case_elsewhere(runtime: Runtime, ward: Area, nurse: Actor) -> None:
    id, asking = await opened(runtime, ward), Asking(runtime)
    await confirm(runtime, nurse, id)
    stranger = await account(runtime, Role.STATION_STAFF, (await wards())[1])
    asked = {"input": {"id": global_id("Case", id), "version": 1}}
    assert (await asking.data(stranger, CONFIRM, asked))["confirmCase"] == {"code": "NOT_FOUND"}


async def test_a_committee_sees_an_alert_and_no_timeline(runtime: Runtime, ward: Area) -> None:
    await opened(runtime, ward, BREATHLESS)
    committee = await account(runtime, Role.COMMITTEE, await area(ward.parent_id))
    query = "{ alerts { nodes { case { claimedBy { name } timeline { nodes { kind } } } } } }"
    [found] = (await Asking(runtime).data(committee, query))["alerts"]["nodes"]
    assert found["case"] == {"claimedBy": None, "timeline": None}


async def test_a_station_that_was_granted_the_case_sees_what_was_done_and_no_alerts(
    runtime: Runtime, ward: Area, nurse: Actor, doctor: Actor
) -> None:
    id = await lived(runtime, ward, nurse, doctor)
    elsewhere = await account(runtime, Role.STATION_STAFF, (await wards())[1])
    await CaseGrant.create(
        using_db=service_connection(),
        case_id=id,
        grantee=f"station:{elsewhere.station_id}",
        kind=GrantKind.SENDER,
        granted_at=runtime.clock.now(),
    )
    assert [line["kind"] for line in await lines(runtime, elsewhere, id)] == ["CONFIRMED", "CLAIMED", "DECLARED"]


async def test_with_a_case_is_shown_what_was_merged_into_it(runtime: Runtime, ward: Area, nurse: Actor) -> None:
    kept, merged, further = [await opened(runtime, ward) for _ in range(3)]
    await confirm(runtime, nurse, further)
    for id, into in ((merged, kept), (further, merged)):
        await Case.filter(id=id).using_db(service_connection()).update(state=CaseState.MERGED, merged_into=into)
    shown = [line["kind"] for line in await lines(runtime, nurse, kept)]
    assert sorted(shown) == ["CONFIRMED", "DECLARED", "DECLARED", "DECLARED"]
    assert [line["kind"] for line in await lines(runtime, nurse, further)] == ["CONFIRMED", "DECLARED"]


async def test_a_further_report_of_the_same_person_is_a_change_too(runtime: Runtime, ward: Area, nurse: Actor) -> None:
    asking, sender = Asking(runtime), resident(runtime)
    first = household(person(name="Nguyễn Văn An", national_id="079090001234"), ward=ward)
    id = (await declare(runtime, sender, first)).people[0].case_id
    again = household(person(BREATHLESS, name="Nguyễn Văn An", national_id="079090001234"), ward=ward)
    assert (await declare(runtime, sender, again)).people[0].case_id == id
    asked = {"input": {"id": global_id("Case", id), "version": 1}}
    told = (await asking.data(nurse, CONFIRM, asked))["confirmCase"]
    # The report that has opened the case is none of the changes.
    assert (told["reason"], [change["kind"] for change in told["changes"]]) == ("STALE_VERSION", ["DECLARED"])
