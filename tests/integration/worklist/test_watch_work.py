"""Watching a worklist: at once, then when something in it has changed, and not otherwise."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from models.database import staff_transaction
from models.state import CaseEventKind, Role
from services.change_case import locked_case, note, save_case
from services.confirm import confirm
from services.problem import NotFound
from services.runtime import Runtime
from services.watch_work import watch_work
from services.work_kind import WorkKind
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, EVERYTHING, HEALTHY, account, area, wards
from tests.integration.worklist.working import declared

QUERY = """
{ worklist { nodes { kind kinds why toDo protocol dueAt overdue reasons { code } alert { id } case { person { name } } }
  pageInfo { hasNextPage } } }
"""


async def soon(changes: Any) -> Any:
    """The next change, within the time that a change takes."""
    async with asyncio.timeout(15):
        _, counts = await anext(changes)
    return counts


async def test_it_comes_at_once_and_then_when_something_has_come(runtime: Runtime) -> None:
    (ward, other) = await wards(2)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    async with aclosing(watch_work(runtime, nurse)) as changes:
        assert (await soon(changes)).kinds == {}
        await declared(runtime, other, BREATHLESS)
        (case,) = await declared(runtime, ward, HEALTHY)
        assert (await soon(changes)).kinds == {WorkKind.DECLARATION_TO_CONFIRM: 1}
        await confirm(runtime, nurse, case)
        assert (await soon(changes)).kinds == {WorkKind.TO_CONTACT: 1}


async def test_what_changes_no_figure_is_told_as_well(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    (case_id,) = await declared(runtime, ward, HEALTHY)
    async with aclosing(watch_work(runtime, nurse)) as changes:
        first = await soon(changes)
        async with staff_transaction(EVERYTHING) as connection:
            case = await locked_case(connection, nurse, case_id)
            case.claimed_by, case.claimed_until, case.version = nurse.account_id, runtime.clock.now(), case.version + 1
            await save_case(connection, case)
            await note(connection, runtime.sealer, nurse, case, CaseEventKind.CLAIMED, runtime.clock.now())
        second = await soon(changes)
    assert first.kinds == second.kinds
    assert first.mark != second.mark


async def test_nobody_watches_what_lies_outside(runtime: Runtime) -> None:
    (ward, other) = await wards(2)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    committee = await account(runtime, Role.COMMITTEE, await area("vn-79-2022-79"))
    for changes in (watch_work(runtime, nurse, other.id), watch_work(runtime, committee)):
        with pytest.raises(NotFound):
            await anext(changes)


async def test_an_item_says_why_and_what_to_do(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    await declared(runtime, ward, BREATHLESS, HEALTHY)
    red, waiting = (await Asking(runtime).data(nurse, QUERY))["worklist"]["nodes"]
    assert red["why"] == "Shortness of breath, covid19-hcmc-2022-03-17"
    assert red["kinds"] == ["RED_ALERT", "DECLARATION_TO_CONFIRM"]
    assert [one["code"] for one in red["reasons"]] == ["dyspnoea"]
    assert (red["toDo"][:8], red["overdue"], bool(red["dueAt"]), bool(red["alert"])) == ("Call now", False, True, True)
    assert red["case"]["person"]["name"]
    assert (waiting["why"], waiting["protocol"]) == ("A declaration that nobody has decided on", None)
