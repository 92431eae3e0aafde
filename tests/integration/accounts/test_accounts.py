"""Accounts: added all or none, listed, disabled, given a new password; and what each does to who is signed in."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from access.authenticate import Unauthenticated, authenticate
from commands.outcome import OPERATOR
from models.account import Account
from models.audit import Audit
from models.database import service_connection
from models.state import Role
from services.add_account import NewAccount, add_accounts
from services.disable_account import disable_account
from services.list_accounts import list_accounts
from services.problem import InvalidCredentials, InvalidInput, NotFound
from services.runtime import Runtime
from services.set_password import set_password
from services.sign_in import sign_in

PASSWORD = "a long enough password"
NURSE = NewAccount("Nurse.26740", PASSWORD, "  Lê   Thị Lan ", Role.STATION_STAFF, "26740")


async def codes(work: Awaitable[object]) -> set[tuple[object, str]]:
    """The last part of the path and the code of each fault that is raised."""
    with pytest.raises(InvalidInput) as refused:
        await work
    return {(fault.path[-1], fault.code) for fault in refused.value.faults}


async def signed_in(runtime: Runtime, token: str) -> bool:
    """Whether a token still opens anything."""
    try:
        await authenticate(runtime.tokens, token, service_connection())
    except Unauthenticated:
        return False
    return True


async def test_station_staff_belong_to_the_station_of_their_ward(runtime: Runtime) -> None:
    [added] = await add_accounts(runtime, OPERATOR, [NURSE])
    assert (added.username, added.area_id, added.station_id) == (
        "nurse.26740",
        "vn-79-2022-26740",
        "vn-79-2022-26740-tyt",
    )
    actor = (await sign_in(runtime, "NURSE.26740", PASSWORD)).actor
    assert (actor.role, actor.display_name, actor.station_id) == (Role.STATION_STAFF, "Lê Thị Lan", added.station_id)


async def test_a_medical_centre_belongs_to_the_districts_centre_and_a_committee_to_none(runtime: Runtime) -> None:
    centre = replace(NURSE, username="centre", role=Role.MEDICAL_CENTRE, area="760")
    committee = replace(NURSE, username="committee", role=Role.COMMITTEE, area="vn-79-2022-760")
    added = await add_accounts(runtime, OPERATOR, [centre, committee])
    assert [one.station_id for one in added] == ["vn-79-2022-760-ttyt", None]


async def test_every_fault_of_every_account_is_said_at_once_and_none_is_added(runtime: Runtime) -> None:
    faulty = [
        replace(NURSE, username="with space"),
        replace(NURSE, username="short", password="short"),
        replace(NURSE, username="nowhere", area="99999"),
        replace(NURSE, username="nameless", display_name="  "),
        replace(NURSE, username="no.station", area="79"),
        NURSE,
        NURSE,
    ]
    assert await codes(add_accounts(runtime, OPERATOR, faulty)) == {
        ("username", "BAD_USERNAME"),
        ("password", "WEAK_PASSWORD"),
        ("area", "UNKNOWN_AREA"),
        ("display_name", "REQUIRED"),
        ("area", "NO_STATION"),
        ("username", "USERNAME_TAKEN"),
    }
    assert await list_accounts() == []


async def test_a_name_is_taken_whatever_its_capitals(runtime: Runtime) -> None:
    await add_accounts(runtime, OPERATOR, [NURSE])
    again = replace(NURSE, username="NURSE.26740")
    assert await codes(add_accounts(runtime, OPERATOR, [again])) == {("username", "USERNAME_TAKEN")}


async def test_accounts_are_listed_by_name_role_and_area(runtime: Runtime) -> None:
    committee = replace(NURSE, username="committee", role=Role.COMMITTEE, area="79")
    await add_accounts(runtime, OPERATOR, [NURSE, committee])
    assert [one.username for one in await list_accounts()] == ["committee", "nurse.26740"]
    assert [one.username for one in await list_accounts(role=Role.COMMITTEE)] == ["committee"]
    [nurse] = await list_accounts(area_id="vn-79-2022-26740")
    assert (nurse.area_name, nurse.disabled_at) == ("Phường Bến Nghé", None)


async def test_a_disabled_account_is_out_at_once_and_for_good(runtime: Runtime) -> None:
    await add_accounts(runtime, OPERATOR, [NURSE])
    session = await sign_in(runtime, NURSE.username, PASSWORD)
    assert await disable_account(runtime, OPERATOR, NURSE.username) == 1
    assert not await signed_in(runtime, session.token)
    with pytest.raises(InvalidCredentials):
        await sign_in(runtime, NURSE.username, PASSWORD)
    assert await disable_account(runtime, OPERATOR, NURSE.username) == 0


async def test_a_new_password_ends_what_was_begun_with_the_old_one(runtime: Runtime) -> None:
    await add_accounts(runtime, OPERATOR, [NURSE])
    session = await sign_in(runtime, NURSE.username, PASSWORD)
    assert await set_password(runtime, OPERATOR, NURSE.username, "another good password") == 1
    assert not await signed_in(runtime, session.token)
    with pytest.raises(InvalidCredentials):
        await sign_in(runtime, NURSE.username, PASSWORD)
    await sign_in(runtime, NURSE.username, "another good password")


async def test_a_new_password_must_be_long_enough(runtime: Runtime) -> None:
    await add_accounts(runtime, OPERATOR, [NURSE])
    short = set_password(runtime, OPERATOR, NURSE.username, "short")
    assert await codes(short) == {("password", "WEAK_PASSWORD")}


@pytest.mark.parametrize(
    "work",
    [
        lambda runtime: disable_account(runtime, OPERATOR, "nobody"),
        lambda runtime: set_password(runtime, OPERATOR, "nobody", PASSWORD),
    ],
    ids=["disable", "password"],
)
async def test_an_unknown_account_is_not_found(runtime: Runtime, work: Callable[[Runtime], Awaitable[int]]) -> None:
    with pytest.raises(NotFound):
        await work(runtime)


async def test_no_password_is_stored_and_each_act_is_on_record(runtime: Runtime) -> None:
    await add_accounts(runtime, OPERATOR, [NURSE])
    account = await Account.get(username="nurse.26740", using_db=service_connection())
    assert account.password_hash is not None
    assert account.password_hash.startswith("$argon2id$")
    await set_password(runtime, OPERATOR, NURSE.username, "another good password")
    await disable_account(runtime, OPERATOR, NURSE.username)
    acts = await Audit.filter(objects__contains=[str(account.id)]).using_db(service_connection()).order_by("at")
    assert [act.action for act in acts] == ["add_account", "set_password", "disable_account"]
