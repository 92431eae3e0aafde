"""Guessing passwords: slowed down, and nobody locked out by others."""

import asyncio
from dataclasses import replace

import pytest

from access.actor import ANONYMOUS, Actor
from models.database import service_connection
from models.state import Role
from services.limit import Limiter
from services.limit_memory import MemoryCounters
from services.limit_rules import Rule
from services.open_session import OpenedSession
from services.problem import InvalidCredentials, TooManyRequests
from services.runtime import Runtime
from services.sign_in import sign_in
from tests.integration.made import account, wards

PASSWORD = "dung-mat-khau-2022"
BOUNDS = {
    Rule.SIGN_IN_BY_NAME_AND_ADDRESS: "3 per 15 minutes",
    Rule.SIGN_IN_BY_NAME: "6 per 15 minutes",
    Rule.SIGN_IN_BY_ADDRESS: "40 per 15 minutes",
}


def at(place: str) -> Actor:
    """Somebody without a session, at that place."""
    return replace(ANONYMOUS, origin=place)


@pytest.fixture
async def nga(runtime: Runtime) -> str:
    """The name of an account with that password."""
    runtime.limits = Limiter(MemoryCounters(), runtime.pseudonymiser.counted, BOUNDS)
    made = await account(runtime, Role.STATION_STAFF, (await wards(1))[0])
    found = await service_connection().execute_query(
        "UPDATE account SET password_hash = $2, username = 'nga' WHERE id = $1",
        [made.account_id, await runtime.passwords.hash(PASSWORD)],
    )
    assert found
    return "nga"


@pytest.fixture(autouse=True)
async def _unlimited_again(runtime: Runtime) -> object:
    yield
    runtime.limits = Limiter()


async def tried(runtime: Runtime, name: str, password: str, place: str) -> type:
    """How a sign-in ends."""
    try:
        return type(await sign_in(runtime, name, password, caller=at(place)))
    except (InvalidCredentials, TooManyRequests) as refused:
        return type(refused)


async def test_a_few_wrong_passwords_and_then_not_even_the_right_one(runtime: Runtime, nga: str) -> None:
    ends = [await tried(runtime, nga, "wrong", "here") for _ in range(4)]
    assert ends == [InvalidCredentials] * 3 + [TooManyRequests]
    with pytest.raises(TooManyRequests) as refused:
        await sign_in(runtime, f" {nga.upper()} ", PASSWORD, caller=at("here"))
    assert 800 <= refused.value.retry_after <= 900
    assert await tried(runtime, nga, PASSWORD, "elsewhere") is OpenedSession


async def test_an_unknown_name_is_refused_like_a_known_one(runtime: Runtime, nga: str) -> None:
    for number, name in enumerate((nga, "nobody", "\0", "x" * 500)):
        ends = [await tried(runtime, name, "wrong", f"place {number}") for _ in range(5)]
        assert ends == [InvalidCredentials] * 3 + [TooManyRequests] * 2


async def test_a_station_that_signs_in_all_day_is_never_stopped(runtime: Runtime, nga: str) -> None:
    assert [await tried(runtime, nga, PASSWORD, "here") for _ in range(12)] == [OpenedSession] * 12


async def test_of_many_guesses_at_once_few_are_answered(runtime: Runtime, nga: str) -> None:
    guesses = ["wrong"] * 29 + [PASSWORD]
    ends = await asyncio.gather(*(tried(runtime, nga, guess, "here") for guess in guesses))
    assert ends.count(OpenedSession) == 0
    assert ends[-1] is TooManyRequests


async def test_whoever_locks_a_name_from_many_places_does_not_lock_its_owner_out(runtime: Runtime, nga: str) -> None:
    assert await tried(runtime, nga, PASSWORD, "the station") is OpenedSession
    for number in range(6):
        assert await tried(runtime, nga, "wrong", f"place {number}") is InvalidCredentials
    assert await tried(runtime, nga, PASSWORD, "a new place") is TooManyRequests
    assert await tried(runtime, nga, PASSWORD, "the station") is OpenedSession


async def test_an_address_is_stopped_after_many_names(runtime: Runtime, nga: str) -> None:
    ends = [await tried(runtime, f"name{number}", "wrong", "here") for number in range(42)]
    assert ends == [InvalidCredentials] * 40 + [TooManyRequests] * 2
    assert await tried(runtime, nga, PASSWORD, "there") is OpenedSession
