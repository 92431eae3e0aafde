"""Signing in: what has to be done first, the second factor, and one's own password."""

import time
from dataclasses import replace

import pyotp
import pytest

from access.actor import Actor
from access.authenticate import Unauthenticated, as_now
from commands.outcome import OPERATOR
from models.account import Account
from models.audit import Audit
from models.database import service_connection
from models.state import Restriction, Role
from services.change_password import change_password
from services.clear_second_factor import clear_second_factor
from services.disable_account import disable_account
from services.open_session import OpenedSession
from services.problem import Conflict, InvalidCode, InvalidCredentials, InvalidInput, SecondFactorNeeded
from services.runtime import Runtime
from services.set_password import set_password
from services.set_second_factor import begin_second_factor, confirm_second_factor
from services.sign_in import sign_in
from tests.integration.made import account, area

PASSWORD, NEW = "a long enough password", "quite another password"
CITY = "vn-79-2022-79"


@pytest.fixture
def strict(runtime: Runtime) -> Runtime:
    """The installation with second factors required, as in production."""
    return replace(runtime, second_factor_required=True)


async def made(runtime: Runtime, role: Role, *, must_change: bool = False) -> str:
    """The user name of an account over the city with PASSWORD."""
    actor = await account(runtime, role, await area(CITY))
    found = await Account.get(id=actor.account_id, using_db=service_connection())
    await set_password(runtime, OPERATOR, found.username, PASSWORD, must_change=must_change)
    return str(found.username)


async def with_factor(runtime: Runtime, username: str) -> tuple[pyotp.TOTP, Actor]:
    """Sets up a second factor with the code of now, so that the next one signs in; the app, and the actor then."""
    opened = await sign_in(runtime, username, PASSWORD)
    app = pyotp.TOTP((await begin_second_factor(runtime, opened.actor)).secret)
    confirmed = await confirm_second_factor(runtime, opened.actor, app.now())
    return app, confirmed.actor


def following(app: pyotp.TOTP) -> str:
    """The code of the step after this one, which counts already."""
    return app.at(time.time(), counter_offset=1)


async def stands(opened: OpenedSession) -> bool:
    """Whether a session still opens anything."""
    try:
        await as_now(opened.actor, service_connection())
    except Unauthenticated:
        return False
    return True


async def trail(username: str) -> list[str]:
    """What was done to and by an account, in order."""
    found = await Account.get(username=username, using_db=service_connection())
    acts = Audit.filter(objects__contains=[str(found.id)]).using_db(service_connection()).order_by("id")
    return [act.action for act in await acts]


@pytest.mark.parametrize(
    ("role", "must_change", "restriction"),
    [
        (Role.COMMITTEE, False, None),
        (Role.COMMITTEE, True, Restriction.PASSWORD),
        (Role.DEPARTMENT, False, Restriction.SECOND_FACTOR),
        (Role.ADMINISTRATOR, False, Restriction.SECOND_FACTOR),
        (Role.DEPARTMENT, True, Restriction.PASSWORD),
    ],
)
async def test_what_has_to_be_done_first_restricts_the_session(
    strict: Runtime, role: Role, must_change: bool, restriction: Restriction | None
) -> None:
    opened = await sign_in(strict, await made(strict, role, must_change=must_change), PASSWORD)
    assert opened.actor.restriction is restriction


async def test_where_no_second_factor_is_required_nobody_is_asked_for_one(runtime: Runtime) -> None:
    opened = await sign_in(runtime, await made(runtime, Role.ADMINISTRATOR), PASSWORD)
    assert opened.actor.restriction is None


async def test_a_first_password_is_changed_then_the_second_factor_is_set_then_all_is_open(strict: Runtime) -> None:
    name = await made(strict, Role.DEPARTMENT, must_change=True)
    first = await sign_in(strict, name, PASSWORD)
    second = await change_password(strict, first.actor, PASSWORD, NEW)
    assert second.actor.restriction is Restriction.SECOND_FACTOR
    begun = await begin_second_factor(strict, second.actor)
    third = await confirm_second_factor(strict, second.actor, pyotp.TOTP(begun.secret).now())
    assert third.actor.restriction is None
    assert [await stands(one) for one in (first, second, third)] == [False, False, True]
    assert await trail(name) == [
        *("set_password", "sign_in", "change_password", "begin_second_factor", "confirm_second_factor")
    ]


async def test_changing_the_password_ends_the_other_sessions_and_the_old_password(runtime: Runtime) -> None:
    name = await made(runtime, Role.COMMITTEE)
    mine, other = await sign_in(runtime, name, PASSWORD), await sign_in(runtime, name, PASSWORD)
    new = await change_password(runtime, mine.actor, PASSWORD, NEW)
    assert [await stands(one) for one in (mine, other, new)] == [False, False, True]
    with pytest.raises(InvalidCredentials):
        await sign_in(runtime, name, PASSWORD)
    assert (await sign_in(runtime, name, NEW)).actor.restriction is None


@pytest.mark.parametrize(("new", "code"), [("short", "WEAK_PASSWORD"), (PASSWORD, "SAME_PASSWORD")])
async def test_a_weak_password_and_the_same_again_are_refused_at_their_field(
    runtime: Runtime, new: str, code: str
) -> None:
    opened = await sign_in(runtime, await made(runtime, Role.COMMITTEE, must_change=True), PASSWORD)
    with pytest.raises(InvalidInput) as refused:
        await change_password(runtime, opened.actor, PASSWORD, new)
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [(("new_password",), code)]


async def test_without_the_present_password_none_is_changed_and_the_attempt_is_on_record(runtime: Runtime) -> None:
    name = await made(runtime, Role.COMMITTEE)
    opened = await sign_in(runtime, name, PASSWORD)
    with pytest.raises(InvalidCredentials):
        await change_password(runtime, opened.actor, "not the password", NEW)
    assert (await trail(name))[-1] == "change_password_refused"
    assert await stands(opened)


async def test_an_account_with_a_second_factor_signs_in_with_its_code_and_each_code_serves_once(
    strict: Runtime,
) -> None:
    name = await made(strict, Role.DEPARTMENT)
    app, _ = await with_factor(strict, name)
    with pytest.raises(SecondFactorNeeded):
        await sign_in(strict, name, PASSWORD)
    code = following(app)
    assert (await sign_in(strict, name, PASSWORD, code)).actor.restriction is None
    with pytest.raises(InvalidCredentials):
        await sign_in(strict, name, PASSWORD, code)
    with pytest.raises(InvalidCredentials):
        await sign_in(strict, name, "not the password", following(app))
    assert (await trail(name))[-4:] == ["second_factor_asked", "sign_in", "sign_in_refused", "sign_in_refused"]


async def test_a_wrong_code_does_not_say_that_the_password_was_right(strict: Runtime) -> None:
    name = await made(strict, Role.DEPARTMENT)
    app, _ = await with_factor(strict, name)
    wrong = app.at(time.time(), counter_offset=100)
    with pytest.raises(InvalidCredentials):
        await sign_in(strict, name, PASSWORD, wrong)


async def test_a_code_follows_real_time_where_a_demo_has_moved_its_clock(runtime: Runtime) -> None:
    assert abs(runtime.clock.now().timestamp() - time.time()) > 3600
    app, _ = await with_factor(runtime, name := await made(runtime, Role.COMMITTEE))
    assert (await sign_in(runtime, name, PASSWORD, following(app))).actor.restriction is None


async def test_whoever_finds_a_session_open_cannot_put_another_second_factor_in_its_place(runtime: Runtime) -> None:
    _, actor = await with_factor(runtime, await made(runtime, Role.COMMITTEE))
    with pytest.raises(Conflict, match="SECOND_FACTOR_SET"):
        await begin_second_factor(runtime, actor)
    with pytest.raises(Conflict, match="SECOND_FACTOR_SET"):
        await confirm_second_factor(runtime, actor, "123456")


async def test_a_second_factor_counts_only_when_a_code_has_confirmed_it(runtime: Runtime) -> None:
    name = await made(runtime, Role.COMMITTEE)
    opened = await sign_in(runtime, name, PASSWORD)
    app = pyotp.TOTP((await begin_second_factor(runtime, opened.actor)).secret)
    with pytest.raises(InvalidCode):
        await confirm_second_factor(runtime, opened.actor, app.at(time.time(), counter_offset=9))
    assert await stands(await sign_in(runtime, name, PASSWORD))


async def test_a_second_factor_is_stored_sealed_and_taken_away_where_the_phone_is_lost(strict: Runtime) -> None:
    name = await made(strict, Role.DEPARTMENT)
    app, _ = await with_factor(strict, name)
    stored = await Account.get(username=name, using_db=service_connection())
    assert stored.totp_sealed
    assert app.secret.encode() not in stored.totp_sealed
    assert await clear_second_factor(strict, OPERATOR, name.upper()) == 1
    assert (await sign_in(strict, name, PASSWORD)).actor.restriction is Restriction.SECOND_FACTOR


async def test_an_account_without_a_password_is_refused_as_an_unknown_name_is(runtime: Runtime) -> None:
    name = await made(runtime, Role.COMMITTEE)
    await Account.filter(username=name).using_db(service_connection()).update(password_hash=None)
    for tried in (name, "nobody.of.that.name", "", "x" * 65, "a\0b"):
        with pytest.raises(InvalidCredentials):
            await sign_in(runtime, tried, PASSWORD)


async def test_who_is_disabled_while_the_password_is_checked_does_not_get_in(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await made(runtime, Role.COMMITTEE)
    matches = runtime.passwords.matches

    async def slowly(stored: str | None, password: str) -> bool:
        right = await matches(stored, password)
        await disable_account(runtime, OPERATOR, name)
        return right

    monkeypatch.setattr(runtime.passwords, "matches", slowly)
    with pytest.raises(InvalidCredentials):
        await sign_in(runtime, name, PASSWORD)
    assert (await trail(name))[-2:] == ["disable_account", "sign_in_refused"]


async def test_a_refused_attempt_is_nobodys_act_though_a_session_was_sent_along(runtime: Runtime) -> None:
    name = await made(runtime, Role.COMMITTEE)
    opened = await sign_in(runtime, name, PASSWORD)
    caller = replace(opened.actor, origin="origin", request_id="request")
    with pytest.raises(InvalidCredentials):
        await sign_in(runtime, name, "not the password", caller=caller)
    act = await Audit.filter(action="sign_in_refused").using_db(service_connection()).order_by("-id").first()
    assert act
    assert (act.actor, act.account_id, act.origin, act.request_id) == ("ANONYMOUS", None, "origin", "request")
