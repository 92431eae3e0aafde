"""A refresh token serves once; in two hands it ends the session."""

import asyncio

import pytest

from access.actor import ANONYMOUS
from access.authenticate import Unauthenticated, authenticate
from models.account import Account, RefreshToken, Session
from models.audit import Audit
from models.database import service_connection
from models.state import Role
from services.clean_sessions import SESSION_DAYS, clean_sessions
from services.disable_account import disable_account
from services.open_session import OpenedSession, open_session
from services.problem import InvalidCredentials
from services.refresh_session import refresh_session
from services.runtime import Runtime
from services.sign_out import sign_out
from tests.integration.made import account, wards


async def opened(runtime: Runtime) -> OpenedSession:
    """A nurse's session."""
    (ward, *_) = await wards(1)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    return await open_session(runtime, service_connection(), account_id=nurse.account_id)


async def stands(runtime: Runtime, token: str) -> bool:
    """Whether an access token opens anything."""
    try:
        await authenticate(runtime.tokens, token, service_connection())
    except Unauthenticated:
        return False
    return True


async def refused(runtime: Runtime, refresh_token: str) -> bool:
    """Whether a refresh token is refused."""
    try:
        await refresh_session(runtime, ANONYMOUS, refresh_token)
    except InvalidCredentials:
        return True
    return False


async def test_new_tokens_are_of_the_same_session_and_do_not_make_it_longer(runtime: Runtime) -> None:
    first = await opened(runtime)
    second = await refresh_session(runtime, ANONYMOUS, first.refresh_token)
    assert (second.session_id, second.session_expires_at) == (first.session_id, first.session_expires_at)
    assert second.refresh_token != first.refresh_token
    assert await stands(runtime, second.token)
    assert await stands(runtime, (await refresh_session(runtime, ANONYMOUS, second.refresh_token)).token)


async def test_a_refresh_token_that_is_used_again_ends_the_whole_family_and_says_so_in_the_audit(
    runtime: Runtime,
) -> None:
    first = await opened(runtime)
    second = await refresh_session(runtime, ANONYMOUS, first.refresh_token)
    assert await refused(runtime, first.refresh_token)
    assert await refused(runtime, second.refresh_token)
    assert not await stands(runtime, first.token)
    assert not await stands(runtime, second.token)
    session = await Session.get(id=first.session_id, using_db=service_connection())
    assert session.end_reason == "refresh_token_reused"
    line = await Audit.get(action="refresh_token_reused", using_db=service_connection())
    assert str(first.session_id) in line.objects


async def test_of_many_who_show_one_token_at_once_exactly_one_gets_tokens_and_the_family_ends(runtime: Runtime) -> None:
    for _ in range(5):
        first = await opened(runtime)
        answers = await asyncio.gather(
            *(refresh_session(runtime, ANONYMOUS, first.refresh_token) for _ in range(8)), return_exceptions=True
        )
        assert sum(isinstance(answer, OpenedSession) for answer in answers) == 1
        assert sum(isinstance(answer, InvalidCredentials) for answer in answers) == 7
        assert not await stands(runtime, first.token)


@pytest.mark.parametrize("token", ["", "x", "é" * 43, "x" * 10_000, "\0", "\ud800"])
async def test_what_is_no_refresh_token_is_refused(runtime: Runtime, token: str) -> None:
    assert await refused(runtime, token)


async def test_a_session_that_is_over_gives_no_tokens(runtime: Runtime) -> None:
    left = await opened(runtime)
    await sign_out(runtime, left.actor)
    assert await refused(runtime, left.refresh_token)
    old = await opened(runtime)
    await service_connection().execute_query("UPDATE session SET expires_at = clock_timestamp() WHERE ended_at IS NULL")
    assert await refused(runtime, old.refresh_token)


async def test_a_disabled_account_gets_no_tokens(runtime: Runtime) -> None:
    mine = await opened(runtime)
    disabled = await Account.get(id=mine.actor.account_id, using_db=service_connection())
    assert await disable_account(runtime, ANONYMOUS, disabled.username) == 1
    assert await refused(runtime, mine.refresh_token)


async def test_tokens_are_stored_as_hashes(runtime: Runtime) -> None:
    mine = await opened(runtime)
    (stored,) = await RefreshToken.all().using_db(service_connection())
    assert mine.refresh_token not in stored.token_hash


async def test_what_is_over_for_a_month_is_removed_with_its_tokens(runtime: Runtime) -> None:
    old, present = await opened(runtime), await opened(runtime)
    await service_connection().execute_query(
        f"UPDATE session SET expires_at = clock_timestamp() - interval '{SESSION_DAYS + 1} days' WHERE id = $1",
        [old.session_id],
    )
    assert await clean_sessions(runtime) == 1
    assert [row.id for row in await Session.all().using_db(service_connection())] == [present.session_id]
    assert [row.session_id for row in await RefreshToken.all().using_db(service_connection())] == [present.session_id]
