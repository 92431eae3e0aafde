"""Signing in as a frontend does it: first passwords, second factors, and people who manage people."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pyotp
import pytest

from commands.outcome import OPERATOR
from commands.session import runtime_on
from models.state import Role
from services.add_account import NewAccount, add_accounts
from tests.acceptance.client import Api
from tests.acceptance.conftest import CITY, PASSWORD, WARD, Place, serving

PROBLEM = "... on Problem { code message }"
SESSION = "... on Session { token restriction account { id displayName role } }"
SIGN_IN = f"mutation ($input: SignInInput!) {{ done: signIn(input: $input) {{ __typename {SESSION} {PROBLEM} }} }}"
CHANGE = (
    "mutation ($input: ChangePasswordInput!) "
    f"{{ done: changePassword(input: $input) {{ __typename {SESSION} ... on InvalidInput {{ fields {{ path code }} }}"
    " } }"
)
BEGIN = (
    "mutation { done: beginSecondFactor "
    "{ __typename ... on SecondFactorBegun { secret uri } ... on Conflict { reason } } }"
)
CONFIRM = (
    "mutation ($input: ConfirmSecondFactorInput!) "
    f"{{ done: confirmSecondFactor(input: $input) {{ __typename {SESSION} ... on InvalidCode {{ code triesLeft }} }} }}"
)
ACCOUNTS = (
    "{ accounts(first: 100) { nodes { id username role mustChangePassword secondFactor version allowedActions "
    "area { name } station { name } } } }"
)
RESET = (
    "mutation ($input: ResetPasswordInput!) { done: resetPassword(input: $input) "
    "{ __typename ... on PasswordReset { temporaryPassword } ... on Problem { code } } }"
)
CHANGE_ACCOUNT = (
    "mutation ($input: ChangeAccountInput!) { done: changeAccount(input: $input) { __typename "
    "... on AccountChanged { account { id role version } } ... on Conflict { reason current { id } } "
    "... on Problem { code } ... on InvalidInput { fields { path code } } } }"
)
DISABLE = (
    "mutation ($input: DisableAccountInput!) { done: disableAccount(input: $input) "
    "{ __typename ... on AccountChanged { account { disabledAt allowedActions } } ... on Problem { code } } }"
)
ENABLE = DISABLE.replace("Disable", "Enable").replace("disableAccount", "enableAccount")
WATCH = "subscription { alerts { cursor } }"


async def do(api: Api, operation: str, **input: object) -> Any:
    """What a mutation has answered."""
    return (await api.data(operation, {"input": input} if input else {}))["done"]


@pytest.fixture(scope="module")
async def people(place: Place) -> None:
    """Accounts of this file's own."""
    new = [
        ("so.y.te", Role.DEPARTMENT, CITY, False),
        ("tram.moi", Role.STATION_HEAD, WARD, True),
        ("tram.truong", Role.STATION_HEAD, WARD, False),
        ("yta", Role.STATION_STAFF, WARD, False),
        ("yta.hai", Role.STATION_STAFF, WARD, False),
    ]
    async with runtime_on(place.settings, place.urls) as runtime:
        made = [
            NewAccount(name, PASSWORD, name.title(), role, area, must_change=first) for name, role, area, first in new
        ]
        await add_accounts(runtime, OPERATOR, made)


@pytest.fixture(scope="module")
async def strict(place: Place, api: Api, people: None) -> AsyncIterator[Api]:
    """A server where department and administrator need a second factor, as in production."""
    async with serving(replace(place, more={"KHAIBAO_SECOND_FACTOR": "required"})) as url:
        yield Api(url, api.session)


async def test_a_department_sets_its_second_factor_before_it_sees_anything_and_signs_in_with_codes(
    strict: Api,
) -> None:
    first = await do(strict, SIGN_IN, username="so.y.te", password=PASSWORD)
    assert (first["__typename"], first["restriction"]) == ("Session", "SECOND_FACTOR")
    restricted = strict.acting(first["token"])
    assert (await restricted.ask("{ alerts { cursor } }")).code == "NOT_FOUND"
    assert (await restricted.data("{ me { displayName } }"))["me"]["displayName"] == "So.Y.Te"
    begun = await do(restricted, BEGIN)
    app = pyotp.parse_uri(begun["uri"])
    assert isinstance(app, pyotp.TOTP)
    assert (app.secret, app.name, app.issuer) == (begun["secret"], "so.y.te", "Khai báo")
    wrong = await do(restricted, CONFIRM, code=app.at(time.time(), counter_offset=50))
    assert (wrong["code"], wrong["triesLeft"]) == ("INVALID_CODE", None)
    confirmed = await do(restricted, CONFIRM, code=app.now())
    assert (confirmed["__typename"], confirmed["restriction"]) == ("Session", None)
    assert (await restricted.ask("{ me { id } }")).code == "UNAUTHENTICATED"
    assert await strict.acting(confirmed["token"]).data("{ alerts { cursor } }")

    needed = await do(strict, SIGN_IN, username="so.y.te", password=PASSWORD)
    assert (needed["__typename"], needed["code"]) == ("SecondFactorNeeded", "SECOND_FACTOR_NEEDED")
    code = app.at(time.time(), counter_offset=1)
    again = await do(strict, SIGN_IN, username="so.y.te", password=PASSWORD, code=code)
    assert (again["__typename"], again["restriction"]) == ("Session", None)
    for used in (code, "000000"):
        refused = await do(strict, SIGN_IN, username="so.y.te", password=PASSWORD, code=used)
        assert refused["__typename"] == "InvalidCredentials"


async def test_a_first_password_is_changed_before_anything_else(strict: Api) -> None:
    first = await do(strict, SIGN_IN, username="tram.moi", password=PASSWORD)
    assert first["restriction"] == "PASSWORD"
    restricted = strict.acting(first["token"])
    for operation in ("{ alerts { cursor } }", ACCOUNTS, BEGIN):
        assert (await restricted.ask(operation)).code == "NOT_FOUND"
    weak = await do(restricted, CHANGE, currentPassword=PASSWORD, newPassword="tram.moi.tram.moi")
    assert (weak["__typename"], weak["fields"]) == (
        "InvalidInput",
        [{"path": "newPassword", "code": "WEAK_PASSWORD"}],
    )
    wrong = await do(restricted, CHANGE, currentPassword="not my password", newPassword="my own long password")
    assert wrong["__typename"] == "InvalidCredentials"
    changed = await do(restricted, CHANGE, currentPassword=PASSWORD, newPassword="my own long password")
    assert (changed["__typename"], changed["restriction"]) == ("Session", None)
    assert (await restricted.ask("{ me { id } }")).code == "UNAUTHENTICATED"
    assert await strict.acting(changed["token"]).data("{ alerts { cursor } }")


@pytest.mark.usefixtures("people")
async def test_a_head_gets_the_own_nurse_back_in_and_sees_no_other_station(api: Api) -> None:
    nurse = await do(api, SIGN_IN, username="yta", password=PASSWORD)
    head = api.acting((await do(api, SIGN_IN, username="tram.truong", password=PASSWORD))["token"])
    nodes = (await head.data(ACCOUNTS))["accounts"]["nodes"]
    found = {node["username"]: node for node in nodes}
    assert {"yta", "tram.truong", "station"} <= found.keys()
    assert not {"neighbour", "centre", "committee", "department"} & found.keys()
    assert found["yta"]["allowedActions"] == ["RESET_PASSWORD"]
    assert found["tram.truong"]["allowedActions"] == found["tram.moi"]["allowedActions"] == []
    assert (await do(head, RESET, accountId=found["tram.moi"]["id"]))["code"] == "NOT_FOUND"
    reset = await do(head, RESET, accountId=found["yta"]["id"])
    assert (await api.acting(nurse["token"]).ask("{ me { id } }")).code == "UNAUTHENTICATED"
    back = await do(api, SIGN_IN, username="yta", password=reset["temporaryPassword"])
    assert back["restriction"] == "PASSWORD"
    query = "query ($id: ID!) { node(id: $id) { __typename id } }"
    assert (await head.data(query, {"id": found["yta"]["id"]}))["node"]["__typename"] == "StaffAccount"
    assert (await api.acting(back["token"]).ask(query, {"id": found["yta"]["id"]})).code == "NOT_FOUND"


@pytest.mark.usefixtures("people")
async def test_who_is_moved_by_the_department_hears_nothing_more_on_the_open_socket(
    api: Api, tokens: dict[str, str]
) -> None:
    token = (await do(api, SIGN_IN, username="yta.hai", password=PASSWORD))["token"]
    department = api.acting(tokens["department"])
    found = {node["username"]: node for node in (await department.data(ACCOUNTS))["accounts"]["nodes"]}
    nurse = found["yta.hai"]
    async with api.acting(token).socket() as socket:
        await socket.subscribe("watch", WATCH)
        moved = await do(
            department, CHANGE_ACCOUNT, accountId=nurse["id"], version=nurse["version"], role="STATION_HEAD"
        )
        assert moved["account"] == {"id": nurse["id"], "role": "STATION_HEAD", "version": nurse["version"] + 1}
        assert await socket.error("watch") == "UNAUTHENTICATED"
    stale = await do(department, CHANGE_ACCOUNT, accountId=nurse["id"], version=nurse["version"], role="STATION_STAFF")
    assert (stale["reason"], stale["current"]) == ("STALE_VERSION", {"id": nurse["id"]})
    refused = await do(
        department, CHANGE_ACCOUNT, accountId=nurse["id"], version=nurse["version"] + 1, role="ADMINISTRATOR"
    )
    assert refused["fields"] == [{"path": "role", "code": "ROLE_NOT_YOURS"}]
    out = await do(department, DISABLE, accountId=nurse["id"])
    assert out["account"]["allowedActions"] == ["CHANGE", "ENABLE"]
    assert (await do(api, SIGN_IN, username="yta.hai", password=PASSWORD))["__typename"] == "InvalidCredentials"
    assert (await do(department, ENABLE, accountId=nurse["id"]))["account"]["disabledAt"] is None
    assert (await do(api, SIGN_IN, username="yta.hai", password=PASSWORD))["__typename"] == "Session"
