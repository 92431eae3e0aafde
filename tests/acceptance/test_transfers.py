"""A case goes from ward to ward: the sender keeps where it went, the receiver has it at once or when it says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from graph.global_id import global_id
from tests.acceptance.asking import ask, conflict, do, refused
from tests.acceptance.client import PATIENCE, Api, Socket
from tests.acceptance.conftest import NEIGHBOUR
from tests.acceptance.declaring import breathless, declare, person
from tests.acceptance.test_alerts import listening

AREA = "query ($code: String!) { area(code: $code) { id } }"
WATCH = "subscription { worklistChanged { items kinds { kind items } } }"
WORKLIST = """
query ($after: String) { worklist(first: 100, after: $after) {
  nodes { kind kinds why case { id person { name } } alert { state } } pageInfo { hasNextPage endCursor } } }
"""
TRANSFERS = """
{ transfers(first: 100) { nodes { id kind state reason toArea { code } toStation { name } fromArea { code }
  askedBy { name } answeredBy { name } case { id } } } }
"""
STUB = """
query ($id: ID!) { case(id: $id) { id state area { code } person { name phone } allowedActions claimedBy { name }
  contacts { outcome } evidence { id } timeline { nodes { kind } } checkIns { nodes { symptoms } }
  assessment { severe } alerts { id } episodes { id } declarations { id reported { fullName } asked { note } }
  transfers { kind state toArea { code } } } }
"""
MOVED = "declaration { state version area { code } case { id person { name } } }"
TRANSFER = "transfer { id state kind answeredBy { name } }"
REASON = "Nhà ở phường bên kia."


@pytest.fixture
async def neighbour(api: Api, tokens: dict[str, str]) -> Api:
    """A nurse of the other ward."""
    return api.acting(tokens["neighbour"])


@pytest.fixture
async def there(api: Api) -> str:
    """The other ward."""
    return str((await api.data(AREA, {"code": NEIGHBOUR}))["area"]["id"])


@asynccontextmanager
async def watching(api: Api) -> AsyncIterator[Socket]:
    """A socket that hears of the worklist from here on."""
    async with api.socket() as socket:
        await socket.subscribe("work", WATCH)
        await socket.next("work")
        yield socket


def counted(change: Any, kind: str) -> int:
    """How many items of a kind there are."""
    return sum(one["items"] for one in change["worklistChanged"]["kinds"] if one["kind"] == kind)


async def until_counted(work: Socket, kind: str) -> None:
    """Returns when there is an item of a kind: what other tests have left behind may be told of before."""
    async with asyncio.timeout(PATIENCE):
        while not counted(await work.next("work"), kind):
            pass


async def work_of(api: Api, case: str) -> Any:
    """The case's item in somebody's worklist; none where it is not in it."""
    after = None
    while True:
        # The station is shared with other tests: it may have more to do than one page holds.
        page = (await api.data(WORKLIST, {"after": after}))["worklist"]
        if found := next((item for item in page["nodes"] if item["case"]["id"] == case), None):
            return found
        if not page["pageInfo"]["hasNextPage"]:
            return None
        after = page["pageInfo"]["endCursor"]


async def transfer_of(api: Api, case: str) -> Any:
    """The case's newest transfer, as somebody sees it; none where they see none."""
    nodes = (await api.data(TRANSFERS))["transfers"]["nodes"]
    return next((one for one in nodes if one["case"] and one["case"]["id"] == case), None)


async def sent_on(api: Api, station: Api, there: str, **given: Any) -> tuple[str, str]:
    """A declaration that the station has sent on to the other ward, and its case."""
    (one,) = (await declare(api, breathless(**given)))["declarations"]
    moved = (await do(station, "rerouteDeclaration", MOVED, id=one["id"], areaId=there, reason=REASON))["declaration"]
    assert (moved["state"], moved["area"]) == ("REROUTED", {"code": NEIGHBOUR})
    return one["id"], one["case"]["id"]


async def test_what_came_to_the_wrong_ward_is_in_the_right_ones_list_at_once_with_its_alert(
    api: Api, station: Api, neighbour: Api, there: str
) -> None:
    async with watching(neighbour) as work, listening(neighbour) as alerts:
        declaration, case = await sent_on(api, station, there, fullName="Đỗ Thị Lạc")
        event = (await alerts.next("1"))["alerts"]
        assert (event["change"], event["alert"]["state"]) == ("CARRIED", "RAISED")
        assert event["alert"]["case"]["person"]["name"] == "Đỗ Thị Lạc"
        await until_counted(work, "RED_ALERT")
    item = await work_of(neighbour, case)
    assert (item["kind"], item["alert"]["state"]) == ("RED_ALERT", "RAISED")
    assert await work_of(station, case) is None
    # The sender still sees where it went, and whether it has been taken; nobody else was asked.
    stub = await transfer_of(station, case)
    assert (stub["kind"], stub["state"], stub["toArea"], stub["reason"]) == (
        "REROUTE",
        "REQUESTED",
        {"code": NEIGHBOUR},
        REASON,
    )
    done = await do(neighbour, "acceptDeclaration", "declaration { state }", id=declaration)
    assert done["declaration"] == {"state": "ACCEPTED"}
    stub = await transfer_of(station, case)
    assert (stub["state"], stub["answeredBy"]) == ("ACCEPTED", {"name": "Neighbour"})
    assert (await transfer_of(neighbour, case))["fromArea"] == {"code": "26740"}


async def test_the_ward_that_sent_it_away_sees_by_its_id_what_became_of_it_and_touches_it_no_more(
    api: Api, station: Api, neighbour: Api, tokens: dict[str, str], there: str
) -> None:
    declaration, case = await sent_on(api, station, there, fullName="Bùi Thị Đi")
    await do(neighbour, "recordContact", caseId=case, outcome="REACHED", note="Đã gọi")
    shown = (await station.data(STUB, {"id": case}))["case"]
    assert shown["area"] == {"code": NEIGHBOUR}
    assert shown["transfers"] == [{"kind": "REROUTE", "state": "REQUESTED", "toArea": {"code": NEIGHBOUR}}]
    assert shown["allowedActions"] == []
    # It is in no list of theirs, in no search for a name and in no figure.
    listed = '{ cases(first: 100, name: "bui thi di") { nodes { id } } declarations(first: 100) { nodes { id } } }'
    found = await station.data(listed)
    assert case not in [one["id"] for one in found["cases"]["nodes"]]
    assert declaration not in [one["id"] for one in found["declarations"]["nodes"]]
    for name, given in {
        "confirmCase": {"id": case},
        "dismissCase": {"id": case, "reason": "PRANK"},
        "recordContact": {"caseId": case, "outcome": "REACHED"},
        "acceptDeclaration": {"id": declaration},
        "claimCase": {"id": case},
        "returnDeclaration": {"id": declaration, "reason": "Trả lại"},
        "correctPerson": {"caseId": case, "reason": "Sai tên", "fullName": "Bùi Thị Đến"},
    }.items():
        await refused(station, name, "NotFound", **given)
    # Whoever looks is on record, where those who lead the new ward see it.
    trail = "query ($id: ID!) { auditTrail(caseId: $id, first: 100) { nodes { action by { name } } } }"
    looks = (await api.acting(tokens["centre"]).data(trail, {"id": case}))["auditTrail"]["nodes"]
    assert {"action": "see_case", "by": {"name": "Station"}} in looks


async def test_what_is_sent_back_waits_as_before_and_the_alert_with_it(
    api: Api, station: Api, neighbour: Api, there: str
) -> None:
    declaration, case = await sent_on(api, station, there)
    async with listening(station) as alerts:
        given = {"id": declaration, "reason": "Nhà ở phường của anh chị."}
        done = (await do(neighbour, "returnDeclaration", MOVED, **given))["declaration"]
        # Whoever has given it back is shown nobody any more.
        assert done["case"] is None or done["case"]["person"] is None
        assert (await alerts.next("1"))["alerts"]["alert"]["case"]["id"] == case
    assert (await work_of(station, case))["kind"] == "RED_ALERT"
    assert await work_of(neighbour, case) is None
    assert (await transfer_of(station, case))["state"] == "REFUSED"
    assert (await neighbour.ask(STUB, {"id": case})).code == "NOT_FOUND"
    wrong = await conflict(station, "returnDeclaration", "WRONG_STATE", **given)
    assert (wrong["state"], "REROUTE" in wrong["allowed"]) == ("SUBMITTED", True)


async def confirmed(api: Api, station: Api, **given: Any) -> str:
    """A case that the station has confirmed, and whose alert it has taken."""
    (one,) = (await declare(api, breathless(**given)))["declarations"]
    id = str(one["case"]["id"])
    await do(station, "confirmCase", id=id)
    alert = (await station.data(STUB, {"id": id}))["case"]["alerts"][0]["id"]
    await do(station, "acknowledgeAlert", id=alert)
    return id


async def handed_over(station: Api, case: str, there: str) -> str:
    """The hand-over that the other ward is asked for."""
    answer = await do(station, "handOverCase", TRANSFER, caseId=case, areaId=there, reason="Đã chuyển nhà")
    assert (answer["transfer"]["kind"], answer["transfer"]["state"]) == ("HAND_OVER", "REQUESTED")
    return str(answer["transfer"]["id"])


async def test_whoever_moves_house_is_handed_over_when_the_other_ward_accepts(
    api: Api, station: Api, neighbour: Api, there: str
) -> None:
    case = await confirmed(api, station, fullName="Mai Thị Dọn")
    await do(station, "recordContact", caseId=case, outcome="REACHED", note="Ở với con gái")
    async with watching(neighbour) as work:
        transfer = await handed_over(station, case, there)
        await until_counted(work, "TRANSFER_TO_ACCEPT")
    item = await work_of(neighbour, case)
    assert item["kinds"] == ["TRANSFER_TO_ACCEPT"]
    assert item["why"]
    assert (await work_of(station, case)) is not None
    await conflict(station, "handOverCase", "HAND_OVER_WAITS", caseId=case, areaId=there, reason="Lần nữa")
    await refused(station, "acceptHandOver", "NotFound", id=transfer)
    async with listening(neighbour) as alerts:
        done = (await do(neighbour, "acceptHandOver", TRANSFER, id=transfer))["transfer"]
        assert (done["state"], done["answeredBy"]) == ("ACCEPTED", {"name": "Neighbour"})
        event = (await alerts.next("1"))["alerts"]
        # Whoever had taken the alert has given the person away: it calls again, over there.
        assert (event["alert"]["case"]["id"], event["alert"]["state"]) == (case, "RAISED")
    assert await do(neighbour, "acceptHandOver", TRANSFER, id=transfer) == {
        "__typename": "TransferChanged",
        "transfer": done,
    }
    shown = (await neighbour.data(STUB, {"id": case}))["case"]
    assert (shown["person"]["name"], shown["state"]) == ("Mai Thị Dọn", "HOME_ISOLATION")
    assert [one["outcome"] for one in shown["contacts"]] == ["REACHED"]
    assert (await station.data(STUB, {"id": case}))["case"]["allowedActions"] == []
    assert await work_of(station, case) is None
    wrong = await conflict(station, "cancelHandOver", "WRONG_STATE", id=transfer)
    assert wrong["state"] == "ACCEPTED"


@pytest.mark.parametrize(
    ("act", "state"), [("refuseHandOver", "REFUSED"), ("cancelHandOver", "CANCELLED")], ids=["refused", "cancelled"]
)
async def test_what_nobody_takes_stays_with_its_ward_and_the_other_one_sees_nobody_any_more(
    api: Api, station: Api, neighbour: Api, there: str, act: str, state: str
) -> None:
    case = await confirmed(api, station)
    transfer = await handed_over(station, case, there)
    assert (await neighbour.data(STUB, {"id": case}))["case"]["id"] == case
    mine, other = (neighbour, station) if act == "refuseHandOver" else (station, neighbour)
    given = {"id": transfer, "reason": "Không có ở địa chỉ này"}
    await refused(other, act, "NotFound", **given)
    if act == "refuseHandOver":
        wrong = await refused(mine, act, "InvalidInput", id=transfer, reason=" ")
        assert [fault["path"] for fault in wrong["fields"]] == ["reason"]
    assert (await do(mine, act, TRANSFER, **given))["transfer"]["state"] == state
    assert (await neighbour.ask(STUB, {"id": case})).code == "NOT_FOUND"
    assert await work_of(neighbour, case) is None
    assert (await transfer_of(station, case))["state"] == state
    answer = await ask(neighbour, "acceptHandOver", id=transfer)
    assert (answer["reason"], answer["state"]) == ("WRONG_STATE", state)
    # Whom it is about is not said to a ward that was not given them.
    assert answer["current"] is None
    timeline = (await station.data(STUB, {"id": case}))["case"]["timeline"]["nodes"]
    assert timeline[0]["kind"] == "HAND_OVER_REFUSED"
    assert "HAND_OVER" in (await station.data(STUB, {"id": case}))["case"]["allowedActions"]


async def test_nothing_is_sent_where_there_is_no_ward(api: Api, station: Api, there: str) -> None:
    (one,) = (await declare(api, person()))["declarations"]
    here = (await api.data(AREA, {"code": "26740"}))["area"]["id"]
    district = (await api.data(AREA, {"code": "760"}))["area"]["id"]
    for area, code in ((here, "SAME_AREA"), (district, "NOT_A_WARD"), (global_id("Area", "no-such"), "UNKNOWN_AREA")):
        for name, given in (("rerouteDeclaration", {"id": one["id"]}), ("handOverCase", {"caseId": one["case"]["id"]})):
            wrong = await refused(station, name, "InvalidInput", **given, areaId=area, reason=REASON)
            assert [(fault["path"], fault["code"]) for fault in wrong["fields"]] == [("areaId", code)]
            assert wrong["fields"][0]["message"] != code
    stale = {"id": one["id"], "areaId": there, "reason": REASON, "version": 7}
    await conflict(station, "rerouteDeclaration", "STALE_VERSION", **stale)
