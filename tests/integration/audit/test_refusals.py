"""Refusals are added up: who tries every door leaves a line each minute and not a million."""

from dataclasses import replace

import pytest

from access.actor import ANONYMOUS, Actor
from access.authenticate import Unauthenticated
from graph.context import actor_of
from models.area import Area
from models.audit import Audit
from models.database import service_connection
from models.identifier import uuid7
from models.state import Role
from services.problem import InvalidCredentials
from services.refusals import MOST_KINDS, Refusals
from services.runtime import Runtime
from services.sign_in import sign_in
from tests.integration.audit.conftest import Owner
from tests.integration.graph.asking import Asking
from tests.integration.made import account, wards


@pytest.fixture
async def ward(runtime: Runtime) -> Area:
    """A ward, in a process that has refused nothing yet."""
    runtime.refusals = Refusals()
    (place, *_) = await wards()
    return place


async def rows(action: str) -> list[Audit]:
    return await Audit.filter(action=action).using_db(service_connection()).order_by("id")


async def counted(runtime: Runtime) -> list[tuple[object, ...]]:
    """What the one line says of actor, origin, field, code and how often."""
    await runtime.refusals.write(runtime.clock)
    [row] = await rows("refused")
    found = row.detail["refusals"]
    assert isinstance(found, list)
    return [tuple(one[key] for key in ("actor", "origin", "field", "code", "count")) for one in found]


async def test_a_minutes_refusals_are_one_line(runtime: Runtime, ward: Area) -> None:
    asking, nurse = Asking(runtime), replace(await account(runtime, Role.STATION_STAFF, ward), origin="here")
    stranger: Actor = replace(ANONYMOUS, origin="there")
    for _ in range(3):
        await asking.payload(nurse, '{ case(id: "Q2FzZTox") { id } }')
        await asking.payload(stranger, "{ alerts { nodes { id } } }")
    await asking.payload(stranger, '{ receipt(code: "nothing") { state } }')
    assert await counted(runtime) == [
        ("ACCOUNT", "here", "case", "NOT_FOUND", 3),
        ("ANONYMOUS", "there", "alerts", "UNAUTHENTICATED", 3),
        ("ANONYMOUS", "there", "receipt", "NOT_FOUND", 1),
    ]
    await runtime.refusals.write(runtime.clock)
    assert len(await rows("refused")) == 1


async def test_refusals_that_are_data_count_too(runtime: Runtime, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    query = 'mutation { acknowledgeAlert(input: {id: "QWxlcnQ6MQ"}) { __typename } }'
    assert (await Asking(runtime).data(nurse, query))["acknowledgeAlert"]["__typename"] == "NotFound"
    assert await counted(runtime) == [("ACCOUNT", None, "acknowledgeAlert", "NOT_FOUND", 1)]


async def test_a_token_that_opens_nothing_counts(runtime: Runtime, ward: Area) -> None:
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await actor_of(runtime, "Bearer nonsense")
    assert await counted(runtime) == [("ANONYMOUS", None, "authorization", "UNAUTHENTICATED", 2)]


async def test_beyond_so_many_kinds_the_rest_is_counted_together(runtime: Runtime, ward: Area) -> None:
    for _ in range(MOST_KINDS + 30):
        runtime.refusals.note(Actor("ACCOUNT", account_id=uuid7()), "case", "NOT_FOUND", runtime.clock.now())
    found = await counted(runtime)
    assert len(found) == MOST_KINDS + 1
    assert found[0] == ("others", None, "others", "others", 30)


async def test_a_storm_of_sign_ins_at_one_account_is_a_line_at_once_and_one_a_minute(
    runtime: Runtime, ward: Area
) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    name = nurse_name = (await _username(nurse)).upper()
    for _ in range(4):
        with pytest.raises(InvalidCredentials):
            await sign_in(runtime, nurse_name, "not the password")
        with pytest.raises(InvalidCredentials):
            await sign_in(runtime, f"nobody.{name}", "not the password")
    assert [row.objects for row in await rows("sign_in_refused")] == [[str(nurse.account_id)], []]
    await runtime.refusals.write(runtime.clock)
    added = (await rows("sign_in_refused"))[2:]
    assert sorted(((row.objects, row.detail) for row in added), key=lambda row: not row[0]) == [
        ([str(nurse.account_id)], {"count": 3}),
        ([], {"count": 3}),
    ]


async def _username(actor: Actor) -> str:
    _, [row] = await service_connection().execute_query(
        "SELECT username FROM account WHERE id = $1", [actor.account_id]
    )
    return str(row["username"])


async def test_what_cannot_be_written_is_counted_on(runtime: Runtime, ward: Area, owner: Owner) -> None:
    runtime.refusals.note(ANONYMOUS, "case", "NOT_FOUND", runtime.clock.now())
    await owner("ALTER TABLE audit RENAME TO audit_away")
    with pytest.raises(Exception, match="audit"):
        await runtime.refusals.write(runtime.clock)
    await owner("ALTER TABLE audit_away RENAME TO audit")
    runtime.refusals.note(ANONYMOUS, "case", "NOT_FOUND", runtime.clock.now())
    assert await counted(runtime) == [("ANONYMOUS", None, "case", "NOT_FOUND", 2)]
