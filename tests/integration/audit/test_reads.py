"""Every look at a person leaves one row for each page, and without it nobody is shown anything."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from access.actor import ANONYMOUS, SYSTEM, Actor
from access.trail import Line
from graph.global_id import global_id
from models.alert import Alert
from models.area import Area
from models.audit import Audit
from models.case import Case
from models.database import service_connection
from models.declaration import Declaration
from models.state import Role
from services.declare import declare
from services.runtime import Runtime
from services.write_trail import NoTrail, TrailWriter
from tests.integration.audit.conftest import Owner
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, OLD_AND_ILL, account, household, person, wards

READS = [
    "see_alert",
    "see_alerts",
    "see_case",
    "see_cases",
    "see_declaration",
    "see_declarations",
    "see_person",
    "see_audit",
    "watch_alerts",
    "watch_alerts_ended",
]


@dataclass
class Ward:
    """A ward with two severe people, and its nurse."""

    place: Area
    nurse: Actor
    asking: Asking
    alerts: list[str]
    cases: list[str]
    declarations: list[str]


@pytest.fixture
async def ward(runtime: Runtime) -> Ward:
    (place, *_) = await wards()
    for report in (BREATHLESS, OLD_AND_ILL):
        await declare(runtime, ANONYMOUS, household(person(report), ward=place))
    nurse = await account(runtime, Role.STATION_HEAD, place)
    found = [
        [str(id) for id in await model.all().using_db(service_connection()).order_by("id").values_list("id", flat=True)]
        for model in (Alert, Case, Declaration)
    ]
    return Ward(place, replace(nurse, origin="from here"), Asking(runtime), *found)


async def looks() -> list[Audit]:
    """The rows of everything that was shown."""
    return await Audit.filter(action__in=READS).using_db(service_connection()).order_by("id")


Ask = Callable[[Ward], tuple[str, str, set[str]]]

NAMES = "person { name }"


@pytest.mark.parametrize(
    "ask",
    [
        lambda w: ("{ alerts { nodes { id } } }", "see_alerts", {*w.alerts}),
        lambda w: (f"{{ alerts {{ nodes {{ case {{ {NAMES} }} }} }} }}", "see_alerts", {*w.alerts, *w.cases}),
        lambda w: (f"{{ cases {{ nodes {{ {NAMES} }} }} }}", "see_cases", {*w.cases}),
        lambda w: (
            f"{{ declarations {{ edges {{ node {{ case {{ {NAMES} }} }} }} }} }}",
            "see_declarations",
            {*w.declarations, *w.cases},
        ),
        lambda w: (f'{{ case(id: "{global_id("Case", w.cases[0])}") {{ {NAMES} }} }}', "see_case", {w.cases[0]}),
        lambda w: (f'{{ node(id: "{global_id("Case", w.cases[1])}") {{ id }} }}', "see_case", {w.cases[1]}),
        lambda w: (f'{{ node(id: "{global_id("Alert", w.alerts[0])}") {{ id }} }}', "see_alert", {w.alerts[0]}),
        lambda w: (
            f'{{ node(id: "{global_id("Declaration", w.declarations[0])}") {{ id }} }}',
            "see_declaration",
            {w.declarations[0]},
        ),
    ],
)
async def test_each_kind_of_read_leaves_one_row_with_what_it_showed(ward: Ward, ask: Ask) -> None:
    query, action, shown = ask(ward)
    await ward.asking.data(ward.nurse, query)
    [row] = await looks()
    assert (row.action, set(row.objects)) == (action, shown)
    assert len(row.objects) == len(shown)
    assert (row.account_id, row.origin, row.request_id) == (ward.nurse.account_id, "from here", "test")


async def test_how_many_persons_were_among_it_is_said(ward: Ward) -> None:
    await ward.asking.data(ward.nurse, "{ cases { nodes { id } } }")
    await ward.asking.data(ward.nurse, "{ cases { nodes { person { phone } } } }")
    assert [row.detail.get("persons") for row in await looks()] == [None, 2]


async def test_several_pages_leave_a_row_each_and_their_persons_one_together(ward: Ward) -> None:
    query = "{ alerts { nodes { id } } cases { nodes { person { name } } } }"
    await ward.asking.data(ward.nurse, query)
    rows = {row.action: set(row.objects) for row in await looks()}
    assert rows == {"see_alerts": {*ward.alerts}, "see_cases": {*ward.cases}, "see_person": {*ward.cases}}


async def test_a_mutation_that_gives_back_a_person_leaves_a_row_beside_its_own(ward: Ward) -> None:
    query = 'mutation {{ confirmCase(input: {{id: "{}", version: 1}}) {{ ... on CaseConfirmed {{ case {{ {} }} }} }} }}'
    await ward.asking.data(ward.nurse, query.format(global_id("Case", ward.cases[0]), NAMES))
    [row] = await looks()
    assert (row.action, row.objects) == ("see_person", [ward.cases[0]])


@pytest.mark.parametrize(
    "query", ["{ alerts(states: [RESOLVED]) { nodes { id } } }", "{ areaSummary { declared } }", "{ me { name } }"]
)
async def test_what_shows_nobody_leaves_no_row(ward: Ward, query: str) -> None:
    await ward.asking.payload(ward.nurse, query)
    assert await looks() == []


async def test_a_committee_that_sees_alerts_without_a_name_leaves_a_row_without_persons(
    runtime: Runtime, ward: Ward
) -> None:
    committee = await account(runtime, Role.COMMITTEE, ward.place)
    data = await ward.asking.data(committee, f"{{ alerts {{ nodes {{ case {{ {NAMES} }} }} }} }}")
    assert [node["case"]["person"] for node in data["alerts"]["nodes"]] == [None, None]
    [row] = await looks()
    assert (set(row.objects), "persons" in row.detail) == ({*ward.alerts}, False)


@pytest.fixture
async def trail_closed(runtime: Runtime, owner: Owner) -> AsyncIterator[None]:
    """A database in which nobody may write the audit."""
    await owner("ALTER TABLE audit RENAME TO audit_away")
    yield
    await owner("ALTER TABLE audit_away RENAME TO audit")


@pytest.fixture
async def untraced(ward: Ward, owner: Owner) -> AsyncIterator[Ward]:
    """The ward, in which nobody may write the audit any more."""
    await owner("ALTER TABLE audit RENAME TO audit_away")
    yield ward
    await owner("ALTER TABLE audit_away RENAME TO audit")


async def test_nobody_is_shown_where_the_trail_cannot_be_written(untraced: Ward) -> None:
    payload = await untraced.asking.payload(untraced.nurse, f"{{ cases {{ nodes {{ {NAMES} }} }} }}")
    assert payload == {"errors": [payload["errors"][0]]}
    assert payload["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


async def test_what_shows_nobody_is_answered_without_the_trail(untraced: Ward) -> None:
    await untraced.asking.data(untraced.nurse, "{ areaSummary { declared } }")


async def test_who_waits_at_the_same_moment_shares_a_statement_and_returns_after_the_commit(runtime: Runtime) -> None:
    statements = 0

    def database() -> Any:
        nonlocal statements
        statements += 1
        return service_connection()

    writer = TrailWriter(database)

    async def one() -> bool:
        line = Line(SYSTEM, "test", runtime.clock.now(), [])
        await writer.write([line])
        # Over another connection: only what is committed is there.
        return await Audit.filter(id=line.id).using_db(service_connection()).exists()

    assert all(await asyncio.gather(*(one() for _ in range(300))))
    assert statements < 30


@pytest.mark.usefixtures("trail_closed")
async def test_everybody_who_waits_hears_that_the_trail_was_refused(runtime: Runtime) -> None:
    line = Line(SYSTEM, "test", runtime.clock.now(), [])
    waits: list[Awaitable[None]] = [runtime.trail.write([line]) for _ in range(5)]
    assert [type(answer) for answer in await asyncio.gather(*waits, return_exceptions=True)] == [NoTrail] * 5


async def test_a_line_that_nobody_waits_for_is_kept_until_it_can_be_written(runtime: Runtime, owner: Owner) -> None:
    writer = TrailWriter()
    line = Line(SYSTEM, "test", runtime.clock.now(), [])
    await owner("ALTER TABLE audit RENAME TO audit_away")
    writer.leave(line)
    await writer.drain()
    await owner("ALTER TABLE audit_away RENAME TO audit")
    await writer.drain()
    assert await Audit.filter(id=line.id).using_db(service_connection()).count() == 1
