"""The trail of a case: everything that was done to it and seen of it, for those who lead and nobody else."""

from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from access.actor import ANONYMOUS, Actor
from access.trail import record
from graph.global_id import global_id
from models.alert import Alert
from models.area import Area
from models.audit import Audit
from models.case import Case
from models.database import service_connection, service_transaction
from models.state import AlertKind, Role
from services.acknowledge import acknowledge
from services.cursor import alert_cursor
from services.declare import declare
from services.runtime import Runtime
from services.seal_trail import seal_trail
from services.watch_alerts import watch_alerts
from tests.integration.graph.asking import Asking
from tests.integration.made import OLD_AND_ILL, TIRED, account, area, household, person, wards

TRAIL = """query ($id: ID!, $first: Int, $after: String) { auditTrail(caseId: $id, first: $first, after: $after) {
  nodes { action actorKind reason by { name } } pageInfo { hasNextPage endCursor } } }"""


@dataclass
class Ward:
    """A ward with one severe person, its head, and somebody who asks."""

    place: Area
    head: Actor
    asking: Asking
    case: UUID

    async def trail(self, actor: Actor, **arguments: Any) -> Any:
        return (await self.asking.data(actor, TRAIL, {"id": global_id("Case", self.case), **arguments}))["auditTrail"]

    async def acts(self) -> list[str]:
        return [node["action"] for node in (await self.trail(self.head))["nodes"]]


@pytest.fixture
async def ward(runtime: Runtime) -> Ward:
    (place, *_) = await wards()
    await declare(runtime, ANONYMOUS, household(person(TIRED), ward=place))
    case = await Case.all().using_db(service_connection()).first()
    assert case
    return Ward(place, await account(runtime, Role.STATION_HEAD, place), Asking(runtime), case.id)


@pytest.mark.parametrize("sealed", [True, False])
async def test_it_has_what_names_the_case_its_alerts_and_its_declaration(
    runtime: Runtime, ward: Ward, sealed: bool
) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward.place)
    alert = await Alert.get(case_id=ward.case, using_db=service_connection())
    await ward.asking.data(nurse, "{ alerts { nodes { id } } }")
    await acknowledge(runtime, nurse, alert.id)
    await ward.asking.data(nurse, "{ declarations { nodes { id } } }")
    if sealed:
        await seal_trail(runtime)
    assert await ward.acts() == ["see_declarations", "acknowledge_alert", "see_alerts", "declare"]
    newest = (await ward.trail(ward.head))["nodes"][1]
    assert newest == {
        "action": "see_declarations",
        "actorKind": "ACCOUNT",
        "reason": None,
        "by": {"name": nurse.display_name},
    }


async def test_reading_it_is_on_record(runtime: Runtime, ward: Ward) -> None:
    await ward.trail(ward.head)
    row = await Audit.get(action="see_audit", using_db=service_connection())
    assert (row.objects, row.account_id) == ([str(ward.case)], ward.head.account_id)


async def test_who_was_shown_its_alert_live_is_in_it_and_nobody_else(runtime: Runtime, ward: Ward) -> None:
    there = (await wards(2))[1]
    department = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    neighbour = await account(runtime, Role.STATION_STAFF, there)
    # Before and after the case's alert there are others, so that its number lies within everybody's range.
    for _ in range(2):
        await declare(runtime, ANONYMOUS, household(person(OLD_AND_ILL), ward=ward.place))
        await declare(runtime, ANONYMOUS, household(person(TIRED), ward=there))
        await declare(runtime, ANONYMOUS, household(person(TIRED), ward=ward.place))
    severe = Alert.filter(area_id=ward.place.id, kind=AlertKind.SEVERE).using_db(service_connection())
    ward.case = (await severe.order_by("id"))[1].case_id
    for actor, kinds, how_many in (
        (department, None, 7),
        (neighbour, None, 2),
        (department, frozenset({AlertKind.HIGH_RISK}), 2),
    ):
        async with aclosing(watch_alerts(runtime, actor, kinds=kinds, after=alert_cursor(0))) as events:
            for _ in range(how_many):
                await anext(events)
    await runtime.trail.drain()
    ends = await Audit.filter(action="watch_alerts_ended").using_db(service_connection()).order_by("id")
    assert [end.detail["count"] for end in ends] == [7, 2, 2]
    nodes = (await ward.trail(ward.head))["nodes"]
    shown = [node["by"]["name"] for node in nodes if node["action"] == "watch_alerts_ended"]
    assert shown == [department.display_name]


async def test_a_reason_is_opened_for_who_may_read_it(runtime: Runtime, ward: Ward) -> None:
    async with service_transaction() as connection:
        await record(
            connection,
            ward.head,
            "reveal_person",
            runtime.clock.now(),
            [str(ward.case)],
            why="gọi xe cấp cứu",
            sealer=runtime.sealer,
        )
    [newest, *_] = (await ward.trail(ward.head))["nodes"]
    assert (newest["action"], newest["reason"]) == ("reveal_person", "gọi xe cấp cứu")


async def test_its_pages_follow_each_other(runtime: Runtime, ward: Ward) -> None:
    for _ in range(5):
        await ward.asking.data(ward.head, "{ cases { nodes { id } } }")
    await seal_trail(runtime)
    found, after = [], None
    for _ in range(3):
        page = await ward.trail(ward.head, first=2, after=after)
        found += [node["action"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert found == ["see_cases"] * 5 + ["declare"]
    assert not page["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("role", [Role.STATION_STAFF, Role.COMMITTEE, Role.ADMINISTRATOR])
async def test_who_does_not_lead_finds_nothing(runtime: Runtime, ward: Ward, role: Role) -> None:
    other = await account(runtime, role, ward.place)
    payload = await ward.asking.payload(other, TRAIL, {"id": global_id("Case", ward.case)})
    assert payload["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_who_leads_elsewhere_finds_nothing(runtime: Runtime, ward: Ward) -> None:
    other = await account(runtime, Role.STATION_HEAD, (await wards(2))[1])
    payload = await ward.asking.payload(other, TRAIL, {"id": global_id("Case", ward.case)})
    assert payload["errors"][0]["extensions"]["code"] == "NOT_FOUND"
