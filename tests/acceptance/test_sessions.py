"""Sessions as clients live with them: tokens of minutes, refreshed and renewed, and gone when they are ended."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import jwt
import pytest

from tests.acceptance.client import Api, Socket
from tests.acceptance.conftest import PASSWORD, Place, serving
from tests.acceptance.declaring import breathless, declare
from tests.acceptance.test_alerts import ALERTS

SESSION = "token expiresAt refreshToken sessionExpiresAt restriction account { displayName }"
SIGN_IN = f"mutation ($input: SignInInput!) {{ signIn(input: $input) {{ ... on Session {{ {SESSION} }} }} }}"
REFRESH = f"""
mutation ($input: RefreshSessionInput!) {{
  refreshSession(input: $input) {{ __typename ... on Session {{ {SESSION} }} ... on Problem {{ code message }} }}
}}
"""
RENEW = """
mutation ($input: RenewSessionInput!) {
  renewSession(input: $input) { __typename ... on SessionRenewed { expiresAt } ... on Problem { code message } }
}
"""
ME = "{ me { displayName } }"
FIGURES = "subscription { areaSummary { declared } }"
LIFE = 5


async def opened(api: Api, name: str = "station") -> dict[str, Any]:
    """A session."""
    variables = {"input": {"username": name, "password": PASSWORD}}
    session: dict[str, Any] = (await api.data(SIGN_IN, variables))["signIn"]
    return session


async def refreshed(api: Api, session: dict[str, Any]) -> dict[str, Any]:
    """The same session with new tokens, or the refusal."""
    variables = {"input": {"refreshToken": session["refreshToken"]}}
    answer: dict[str, Any] = (await api.data(REFRESH, variables, accept_language="en"))["refreshSession"]
    return answer


async def renewed(socket: Socket, session: dict[str, Any], id: str) -> dict[str, Any]:
    """What showing a session's token on a socket answers."""
    await socket.subscribe(id, RENEW, {"input": {"token": session["token"]}})
    answer: dict[str, Any] = (await socket.next(id))["renewSession"]
    assert (await socket.message(id))["type"] == "complete"
    return answer


async def test_anybody_can_check_a_token_with_the_published_keys(api: Api) -> None:
    token = (await opened(api))["token"]
    client = jwt.PyJWKClient(f"{api.url}/.well-known/jwks.json")
    key = await asyncio.to_thread(client.get_signing_key_from_jwt, token)
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="khaibao:api", issuer="khaibao")
    assert 0 < claims["exp"] - time.time() <= 60 * 60
    assert set(claims) == {"iss", "aud", "sub", "sid", "iat", "exp"}
    reply = await api.get("/.well-known/jwks.json")
    assert "max-age" in reply.headers["Cache-Control"]
    assert all("d" not in key for key in reply.json["keys"])


async def test_a_session_goes_on_with_new_tokens_until_one_is_used_twice(api: Api) -> None:
    first = await opened(api)
    second = await refreshed(api, first)
    assert second["sessionExpiresAt"] == first["sessionExpiresAt"]
    assert (await api.acting(second["token"]).data(ME))["me"] == first["account"]
    third = await refreshed(api, first)
    assert (third["__typename"], third["code"]) == ("InvalidCredentials", "INVALID_CREDENTIALS")
    assert third["message"] == "The session is over. Sign in again."
    assert (await refreshed(api, second))["__typename"] == "InvalidCredentials"
    assert (await api.acting(second["token"]).ask(ME)).code == "UNAUTHENTICATED"


async def test_renewing_belongs_on_a_socket_and_to_the_session_that_opened_it(api: Api) -> None:
    mine, other = await opened(api), await opened(api)
    variables = {"input": {"token": mine["token"]}}
    refusal = (await api.acting(mine["token"]).data(RENEW, variables))["renewSession"]
    assert (refusal["__typename"], refusal["code"]) == ("SocketOnly", "SOCKET_ONLY")
    async with api.socket(mine["token"]) as socket:
        assert (await renewed(socket, await refreshed(api, mine), "1"))["__typename"] == "SessionRenewed"
        assert (await renewed(socket, other, "2"))["__typename"] == "InvalidCredentials"
        assert (await renewed(socket, {"token": "forged"}, "3"))["__typename"] == "InvalidCredentials"
    async with api.socket() as nobody:
        assert (await renewed(nobody, mine, "1"))["__typename"] == "InvalidCredentials"


@pytest.mark.parametrize("subscription", [ALERTS, FIGURES])
async def test_signing_out_ends_what_is_subscribed_within_a_second_or_so(api: Api, subscription: str) -> None:
    leaver = api.acting((await opened(api, "leaver"))["token"])
    async with leaver.socket() as socket:
        await socket.subscribe("1", subscription)
        await socket.subscribe("figures", FIGURES)
        await socket.next("figures")
        started = time.monotonic()
        await leaver.data("mutation { signOut { signedOut } }")
        while (message := await socket.message("1"))["type"] == "next":
            pass
        assert message["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert time.monotonic() - started < 2.5


async def test_a_subscription_ends_soon_after_its_token_unless_a_newer_one_is_shown(place: Place, api: Api) -> None:
    async with serving(place, KHAIBAO_ACCESS_TOKEN_SECONDS=str(LIFE)) as url, AsyncExitStack() as stack:
        short = Api(url, api.session)
        kept, left = await opened(short), await opened(short)
        going = await stack.enter_async_context(short.socket(kept["token"]))
        ending = await stack.enter_async_context(short.socket(left["token"]))
        stream = await stack.enter_async_context(short.acting(left["token"]).events(ALERTS))
        await going.subscribe("1", ALERTS)
        await ending.subscribe("1", ALERTS)
        await ending.subscribe("2", FIGURES)
        started = time.monotonic()
        waiting = [asyncio.create_task(_end(ending)), asyncio.create_task(_drained(stream))]
        number = 0
        while (await asyncio.wait(waiting, timeout=LIFE / 2))[1]:
            assert time.monotonic() - started < 60
            kept, number = await refreshed(short, kept), number + 1
            assert (await renewed(going, kept, f"renewal-{number}"))["__typename"] == "SessionRenewed"
        assert waiting[0].result() == {"1": "UNAUTHENTICATED", "2": "UNAUTHENTICATED"}
        assert time.monotonic() - started > LIFE
        assert (await short.acting(left["token"]).ask(ME)).code == "UNAUTHENTICATED"
        receipt = await declare(short, breathless())
        # Alerts of other tests may climb meanwhile, and this socket hears of them as well.
        while (event := (await going.next("1"))["alerts"])["change"] != "RAISED":
            pass
        assert event["alert"]["case"]["id"] == receipt["declarations"][0]["case"]["id"]


async def _end(socket: Socket) -> dict[str, str]:
    """The code that each of two operations ends with."""
    codes: dict[str, str] = {}
    async with asyncio.timeout(60):
        while len(codes) < 2:
            message = await _received(socket)
            if message["type"] == "error":
                codes[message["id"]] = message["payload"][0]["extensions"]["code"]
    return codes


async def _received(socket: Socket) -> dict[str, Any]:
    while True:
        try:
            return await socket.receive()
        except TimeoutError:  # Of one message, not of the whole: it may well be long in coming.
            continue


async def _drained(stream: Any) -> None:
    async with asyncio.timeout(60):
        async for _ in stream:
            pass
