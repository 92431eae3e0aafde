"""The keys of access tokens: shared, published ahead, and there as long as a token of theirs may live."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest

from access.keys import Key
from access.sealing import Sealer
from access.tokens import BadToken, Tokens
from models.database import service_connection
from models.identifier import uuid7
from models.signing_key import SigningKey
from services.runtime import Runtime
from services.signing_keys import AHEAD, LONGEST_TOKEN, follow_signing_keys

MOVE = """
UPDATE signing_key SET created_at = created_at - $1::interval, signs_from = signs_from - $1::interval,
  signs_until = signs_until - $1::interval
"""


@pytest.fixture
async def runtime(runtime: Runtime) -> Runtime:
    """A process without keys, over an empty table."""
    await SigningKey.all().using_db(service_connection()).delete()
    return another(runtime)


def another(runtime: Runtime) -> Runtime:
    """Another process of the same installation."""
    made = replace(runtime, tokens=Tokens(), key_period=timedelta(days=30))
    made.tokens.look = lambda: follow_signing_keys(made)
    return made


def checks(runtime: Runtime, token: str) -> bool:
    """Whether this process takes a token for one of ours."""
    try:
        runtime.tokens.read(token)
    except BadToken:
        return False
    return True


async def pass_by(time: timedelta) -> None:
    """Makes every key older, as if that time had passed."""
    await service_connection().execute_query(MOVE, [time])


def key_of(token: str) -> str:
    """The key that a token names."""
    name: str = jwt.get_unverified_header(token)["kid"]
    return name


def published(runtime: Runtime) -> set[str]:
    """The keys that this process publishes."""
    return {key["kid"] for key in runtime.tokens.public_keys}


async def test_processes_that_start_at_once_share_one_key(runtime: Runtime) -> None:
    processes = [another(runtime) for _ in range(5)]
    await asyncio.gather(*(follow_signing_keys(process) for process in processes))
    assert await SigningKey.all().using_db(service_connection()).count() == 1
    token = processes[0].tokens.issue(uuid7(), "resident").token
    for process in processes:
        assert checks(process, token)


async def test_the_next_key_is_published_before_it_signs_and_the_old_one_after_it_has(runtime: Runtime) -> None:
    await follow_signing_keys(runtime)
    first = runtime.tokens.issue(uuid7(), "resident").token
    await pass_by(timedelta(days=30) - AHEAD / 2)
    await follow_signing_keys(runtime)
    assert len(published(runtime)) == 2
    assert key_of(runtime.tokens.issue(uuid7(), "resident").token) == key_of(first)
    await pass_by(AHEAD)
    await follow_signing_keys(runtime)
    second = runtime.tokens.issue(uuid7(), "resident").token
    assert key_of(second) != key_of(first)
    assert checks(runtime, first)
    await pass_by(LONGEST_TOKEN)
    await follow_signing_keys(runtime)
    assert published(runtime) == {key_of(second)}
    assert not checks(runtime, first)


async def test_after_a_long_silence_a_new_key_signs_at_once(runtime: Runtime) -> None:
    await follow_signing_keys(runtime)
    before = published(runtime)
    await pass_by(timedelta(days=100))
    await follow_signing_keys(runtime)
    assert published(runtime).isdisjoint(before)
    assert checks(runtime, runtime.tokens.issue(uuid7(), "resident").token)


async def test_a_process_learns_a_new_key_from_the_first_token_that_names_it(runtime: Runtime) -> None:
    late = another(runtime)
    await follow_signing_keys(runtime)
    token = runtime.tokens.issue(uuid7(), "resident").token
    assert not checks(late, token)
    await late.tokens.check(token)
    assert checks(late, token)


async def test_the_private_half_lies_sealed_and_in_no_other_place(runtime: Runtime) -> None:
    await follow_signing_keys(runtime)
    key = await SigningKey.all().using_db(service_connection()).get()
    opened = runtime.sealer.open(f"signing:{key.id}", key.private_sealed)
    secret = str(opened["d"])
    assert secret.encode() not in key.private_sealed
    assert "d" not in key.public_jwk
    assert all("d" not in one for one in runtime.tokens.public_keys)


async def test_where_the_sealing_key_was_lost_another_key_is_made_and_the_old_tokens_live_on(runtime: Runtime) -> None:
    await follow_signing_keys(runtime)
    token = runtime.tokens.issue(uuid7(), "resident").token
    stranger = another(replace(runtime, sealer=Sealer(Key("other", b"o" * 32))))
    await follow_signing_keys(stranger)
    assert checks(stranger, token)
    assert key_of(stranger.tokens.issue(uuid7(), "resident").token) != key_of(token)
