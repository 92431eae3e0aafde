"""Who was looked up a moment ago reads a page without another look, and nobody who has lost anything is shown one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
import pyotp
import pytest

from access.actor import ANONYMOUS, Actor
from access.authenticate import PRESUMED_SECONDS, Standings, standing
from commands.outcome import OPERATOR
from graph.admission import Admission
from graph.api import PATH
from graph.limits import Limits
from graph.over_http import OverHttp
from graph.running import Engine
from models.account import Account
from models.alone import TOLD, Outdated
from models.area import Area
from models.database import service_connection
from models.state import Role
from services.add_account import NewAccount, add_accounts
from services.change_account import NewPost, change_account
from services.change_password import change_password
from services.clear_second_factor import clear_second_factor
from services.disable_account import disable_account
from services.import_areas import import_areas
from services.move_area import move_area
from services.number_areas import number_areas
from services.open_session import OpenedSession
from services.operation import Operation
from services.problem import InvalidCredentials
from services.refresh_session import refresh_session
from services.reset_password import reset_password
from services.runtime import Runtime
from services.set_password import set_password
from services.set_second_factor import begin_second_factor, confirm_second_factor
from services.sign_in import sign_in
from services.sign_out import sign_out
from tests.integration.conftest import DATA
from tests.integration.graph.asking import BOUNDS, Asking
from tests.integration.made import account, area, wards
from tests.integration.reads.rows import fill
from tests.integration.standing import changing
from tests.integration.statements import statements

PASSWORD = "a long enough password"
ONE = f"SELECT 1 AS one WHERE {TOLD}"
SUMMARY = "query S { areaSummary { declared } }"
WORKLIST = "query W { worklist(first: 1) { nodes { id: kind case { id area { name } } } } }"
LIST = "query L { declarations(first: 50) { nodes { id } } }"


@dataclass
class Read:
    """What came of one request: its status, the rows shown, and the statements that it took."""

    status: int
    ids: list[str]
    statements: list[str]

    @property
    def looked_up(self) -> bool:
        """Whether the session was asked for."""
        return any("FROM session" in one or ", session s" in one for one in self.statements)


@dataclass
class Desk:
    """A nurse at work in a ward with declarations, the API that she asks, and who is above her."""

    runtime: Runtime
    api: OverHttp
    ward: Area
    nurse: OpenedSession
    username: str
    above: Actor
    seconds: list[float]

    async def read(self, document: str = LIST) -> Read:
        """One request with her token."""
        body = orjson.dumps({"query": document})
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"authorization", f"Bearer {self.nurse.token}".encode()),
        ]
        scope = {"type": "http", "method": "POST", "path": PATH, "query_string": b"", "headers": headers}
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        with statements() as asked:
            await self.api(scope, receive, send)
        data = orjson.loads(sent[1]["body"]).get("data") or {}
        rows = next(iter(data.values())).get("nodes", []) if data else []
        return Read(sent[0]["status"], [row["id"] for row in rows], list(asked))

    async def at_home(self) -> list[str]:
        """What she is shown, once nothing but the page and its line of the trail is asked for it."""
        await self.read()
        found = await self.read()
        assert (found.status, found.looked_up, len(found.statements)) == (200, False, 2)
        assert found.ids
        return found.ids


@pytest.fixture
async def desk(runtime: Runtime) -> AsyncIterator[Desk]:
    ward, other = await wards(2)
    await fill([ward, other], 40, 3)
    new = NewAccount("nurse", PASSWORD, "Lê Thị Lan", Role.STATION_STAFF, ward.national_code)
    [added] = await add_accounts(runtime, OPERATOR, [new])
    above = await account(runtime, Role.ADMINISTRATOR, await area("vn-79-2022-79"))
    seconds = [0.0]
    moved = replace(runtime, standings=Standings(seconds=lambda: seconds[0]))
    admission = Admission(Limits(), moved, {})
    # Only what is compiled reads alone; the other way every operation looks.
    engine = Engine(Asking(moved).schema, replace(BOUNDS, compiled=True), None, admission.parsed)
    opened = await sign_in(runtime, added.username, PASSWORD)
    yield Desk(moved, OverHttp(engine, moved, admission), ward, opened, added.username, above, seconds)
    if (await area(ward.id)).parent_id != ward.parent_id:
        await move_area(runtime, ANONYMOUS, ward.id, ward.parent_id)


async def test_the_second_page_asks_for_no_session(desk: Desk) -> None:
    first = await desk.read()
    assert first.looked_up
    assert await desk.at_home() == first.ids


async def signs_out(desk: Desk) -> None:
    await sign_out(desk.runtime, desk.nurse.actor)


async def shows_a_refresh_token_twice(desk: Desk) -> None:
    await refresh_session(desk.runtime, ANONYMOUS, desk.nurse.refresh_token)
    with suppress(InvalidCredentials):
        await refresh_session(desk.runtime, ANONYMOUS, desk.nurse.refresh_token)


async def is_disabled(desk: Desk) -> None:
    await disable_account(desk.runtime, OPERATOR, desk.username)


async def gets_another_post(desk: Desk) -> None:
    (_, there) = await wards(2)
    known = await Account.get(username=desk.username, using_db=service_connection())
    post = NewPost(area_id=there.id)
    await change_account(desk.runtime, desk.above, known.id, known.version, post)


async def gets_another_role(desk: Desk) -> None:
    known = await Account.get(username=desk.username, using_db=service_connection())
    await change_account(desk.runtime, desk.above, known.id, known.version, NewPost(role=Role.STATION_HEAD))


async def changes_the_password(desk: Desk) -> None:
    await change_password(desk.runtime, desk.nurse.actor, PASSWORD, "another good password")


async def is_given_a_password(desk: Desk) -> None:
    await set_password(desk.runtime, OPERATOR, desk.username, "another good password")


async def has_the_password_reset(desk: Desk) -> None:
    known = await Account.get(username=desk.username, using_db=service_connection())
    await reset_password(desk.runtime, desk.above, known.id)


async def confirms_a_second_factor(desk: Desk) -> None:
    begun = await begin_second_factor(desk.runtime, desk.nurse.actor)
    await confirm_second_factor(desk.runtime, desk.nurse.actor, pyotp.TOTP(begun.secret).now())


async def has_the_second_factor_cleared(desk: Desk) -> None:
    await clear_second_factor(desk.runtime, OPERATOR, desk.username)


@pytest.mark.parametrize(
    "loses",
    [
        *(signs_out, shows_a_refresh_token_twice, is_disabled, gets_another_post, gets_another_role),
        *(changes_the_password, is_given_a_password, has_the_password_reset),
        *(confirms_a_second_factor, has_the_second_factor_cleared),
    ],
)
async def test_whoever_loses_the_session_in_any_way_is_refused_the_very_next_page(
    desk: Desk, loses: Callable[[Desk], Awaitable[None]]
) -> None:
    await desk.at_home()
    await loses(desk)
    found = await desk.read()
    assert (found.status, found.ids) == (401, [])


async def moves_the_ward(desk: Desk) -> None:
    (_, there) = await wards(2)
    await move_area(desk.runtime, ANONYMOUS, desk.ward.id, there.parent_id)


async def numbers_all_areas(desk: Desk) -> None:
    await number_areas(desk.runtime, ANONYMOUS)


async def imports_areas(desk: Desk) -> None:
    await import_areas(desk.runtime, ANONYMOUS, (DATA / "areas-hcmc-2022-03.csv").read_bytes())


async def has_a_colleague_who_is_disabled(desk: Desk) -> None:
    new = NewAccount("colleague", PASSWORD, "Trần Văn An", Role.STATION_STAFF, desk.ward.national_code)
    await add_accounts(desk.runtime, OPERATOR, [new])
    await disable_account(desk.runtime, OPERATOR, "colleague")


@pytest.mark.parametrize("happens", [moves_the_ward, numbers_all_areas, imports_areas, has_a_colleague_who_is_disabled])
async def test_whoever_still_stands_is_looked_up_anew_and_shown_the_same(
    desk: Desk, happens: Callable[[Desk], Awaitable[None]]
) -> None:
    shown = await desk.at_home()
    await happens(desk)
    found = await desk.read()
    assert (found.status, found.looked_up) == (200, True)
    assert sorted(found.ids) == sorted(shown)
    assert sorted(await desk.at_home()) == sorted(shown)


async def test_another_area_given_to_a_session_that_goes_on_shows_that_area_at_once(desk: Desk) -> None:
    before = await desk.at_home()
    (_, there) = await wards(2)
    async with changing() as connection:
        await Account.filter(username=desk.username).using_db(connection).update(area_id=there.id)
    after = (await desk.read()).ids
    assert after
    assert not set(before) & set(after)


async def test_an_empty_page_is_empty_for_who_stands_and_refused_to_who_does_not(desk: Desk) -> None:
    nothing = "query N { declarations(states: [], first: 50) { nodes { id } } }"
    few = "query F { declarations(states: [WITHDRAWN], first: 50) { nodes { id } } }"
    await service_connection().execute_query("UPDATE declaration SET state = 'SUBMITTED'")
    for document in (few, nothing):
        assert (await desk.read(document)).status == 200
        assert ((again := await desk.read(document)).status, again.ids) == (200, [])
    await sign_out(desk.runtime, desk.nurse.actor)
    for document in (few, nothing):
        assert (await desk.read(document)).status == 401


@pytest.mark.parametrize(
    ("query", "reading"), [(SUMMARY, "WITH family"), (LIST, "FROM declaration t"), (WORKLIST, "alert_raised_at")]
)
async def test_those_who_share_a_reading_are_confirmed_by_it_or_refused_by_it(
    desk: Desk, query: str, reading: str
) -> None:
    assert (await desk.read(query)).looked_up
    # The first reads alone, and those who come meanwhile share the next reading.
    found = await asyncio.gather(*(desk.read(query) for _ in range(4)))
    assert [one.status for one in found] == [200] * 4
    assert not any(one.looked_up for one in found)
    assert sum(reading in text for one in found for text in one.statements) == 1
    await sign_out(desk.runtime, desk.nurse.actor)
    assert [one.status for one in await asyncio.gather(*(desk.read(query) for _ in range(4)))] == [401] * 4


async def test_nobody_is_presumed_to_stand_for_longer_than_some_seconds(desk: Desk) -> None:
    await desk.at_home()
    desk.seconds[0] += PRESUMED_SECONDS
    assert (await desk.read()).looked_up
    assert not (await desk.read()).looked_up


async def test_a_session_that_ends_within_these_seconds_is_looked_up_each_time(desk: Desk) -> None:
    await service_connection().execute_query(
        f"UPDATE session SET expires_at = clock_timestamp() + interval '{PRESUMED_SECONDS} s'"
    )
    for _ in range(3):
        assert (await desk.read()).looked_up


async def test_who_is_presumed_opens_no_snapshot_before_they_are_confirmed(desk: Desk) -> None:
    operation = Operation(desk.nurse.actor, presumed=True)
    with pytest.raises(Outdated):
        async with operation.reading():
            pass
    await operation.close()


async def test_the_first_thing_that_is_read_confirms_and_what_comes_after_is_as_after_a_look(desk: Desk) -> None:
    (standing,) = (await standing_of(desk)).values()
    operation = Operation(standing, presumed=True)
    alone = operation.alone()
    assert alone
    assert len(await alone.rows(ONE, [])) == 1
    async with changing():
        pass
    assert len(await alone.rows(ONE, [])) == 1
    assert operation.stands
    late = Operation(standing, presumed=True)
    alone = late.alone()
    assert alone
    with pytest.raises(Outdated):
        await alone.rows(ONE, [])
    assert not late.stands


async def standing_of(desk: Desk) -> dict[UUID, Actor]:
    """The nurse as she stands now."""
    return await standing([desk.nurse.session_id], service_connection())


async def test_what_a_presumed_reader_was_not_shown_leaves_no_trail(desk: Desk) -> None:
    await desk.at_home()
    await sign_out(desk.runtime, desk.nurse.actor)
    found = await desk.read()
    assert not any("INSERT INTO audit" in one for one in found.statements)
