"""Signing in with the department's own OpenID Connect provider: a real issuer in a process of its own."""

import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.acceptance.client import Api
from tests.acceptance.conftest import PASSWORD, SIGN_IN, Place, free_port, serving
from tests.acceptance.issuer import AUDIENCE, Provider, issuing

WITH_PROVIDER = """
mutation ($input: SignInWithProviderInput!) {
  signInWithProvider(input: $input) {
    __typename
    ... on Session { token restriction account { displayName } }
    ... on Problem { code }
  }
}
"""


@pytest.fixture(scope="module")
async def provider(api: Api) -> AsyncIterator[Provider]:
    """The department's provider."""
    async with issuing(free_port(), api.session) as provider:
        yield provider


def settings(provider: Provider) -> dict[str, str]:
    """What a server is told of it."""
    return {
        "KHAIBAO_SECOND_FACTOR": "required",
        "KHAIBAO_OIDC_ISSUER": provider.url,
        "KHAIBAO_OIDC_AUDIENCE": AUDIENCE,
        "KHAIBAO_OIDC_SECOND_FACTOR": "amr=mfa",
    }


@pytest.fixture(scope="module")
async def house(place: Place, api: Api, provider: Provider) -> AsyncIterator[Api]:
    """A server that takes the provider's tokens, and second factors where they are needed."""
    async with serving(replace(place, more=settings(provider))) as url:
        yield Api(url, api.session)


async def enter(api: Api, token: str) -> Any:
    """What a token gives."""
    return (await api.data(WITH_PROVIDER, {"input": {"idToken": token}}))["signInWithProvider"]


async def test_a_token_of_the_provider_opens_a_session_of_the_account_that_it_names(
    house: Api, provider: Provider
) -> None:
    session = await enter(house, await provider.token("Station"))
    assert (session["__typename"], session["restriction"]) == ("Session", None)
    assert (await house.acting(session["token"]).data("{ me { displayName } }"))["me"]["displayName"] == "Station"


@pytest.mark.parametrize(("proof", "restriction"), [({"amr": ["pwd", "mfa"]}, None), ({}, "SECOND_FACTOR")])
async def test_a_department_needs_the_providers_second_factor_or_one_of_its_own(
    house: Api, provider: Provider, proof: dict[str, object], restriction: str | None
) -> None:
    session = await enter(house, await provider.token("department", **proof))
    assert (session["__typename"], session["restriction"]) == ("Session", restriction)


async def forged(provider: Provider, algorithm: str) -> str:
    """A token that nobody signed, or that is signed with the public key as if it were a secret."""
    [key] = (await provider.get("/keys"))["keys"]
    if algorithm == "none":
        return jwt.encode(provider.claims("station"), "", "none", headers={"kid": key["kid"]})
    public = jwt.PyJWK(key).key
    assert isinstance(public, RSAPublicKey)
    secret = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    parts = ({"alg": "HS256", "typ": "JWT", "kid": key["kid"]}, provider.claims("station"))
    head = ".".join(_part(orjson.dumps(part)) for part in parts)
    return f"{head}.{_part(hmac.digest(secret, head.encode(), hashlib.sha256))}"


def _part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_a_forged_token_opens_nothing(house: Api, provider: Provider, algorithm: str) -> None:
    assert (await enter(house, await forged(provider, algorithm)))["code"] == "INVALID_CREDENTIALS"


NOW = int(time.time())


@pytest.mark.parametrize(
    "changes",
    [
        {"preferred_username": "nobody.we.know"},
        {"aud": "another program"},
        {"iss": "https://another.example"},
        {"exp": NOW - 120},
        {"iat": NOW - 7200},
    ],
    ids=["unknown account", "audience", "issuer", "expired", "old"],
)
async def test_a_token_that_is_not_for_this_house_now_opens_nothing(
    house: Api, provider: Provider, changes: dict[str, object]
) -> None:
    token = await provider.token("station", **changes)
    assert (await enter(house, token))["code"] == "INVALID_CREDENTIALS"


async def test_keys_are_kept_fetched_anew_when_they_turn_and_the_old_ones_forgotten(
    house: Api, provider: Provider
) -> None:
    before = await provider.token("station")
    assert (await enter(house, before))["__typename"] == "Session"
    asked = (await provider.get("/asked"))["asked"]
    assert (await enter(house, before))["__typename"] == "Session"
    assert (await provider.get("/asked"))["asked"] == asked
    await provider.turn()
    assert (await enter(house, await provider.token("station")))["__typename"] == "Session"
    assert (await enter(house, before))["code"] == "INVALID_CREDENTIALS"


async def test_where_the_provider_is_down_a_password_still_serves(place: Place, api: Api) -> None:
    async with issuing(free_port(), api.session) as provider:
        token = await provider.token("station")
        await provider.end()
        async with serving(replace(place, more=settings(provider))) as url:
            house = Api(url, api.session)
            reply = await house.ask(WITH_PROVIDER, {"input": {"idToken": token}})
            assert reply.code == "UNAVAILABLE"
            assert reply.json["errors"][0]["extensions"]["retryAfter"] >= 1
            password = {"input": {"username": "station", "password": PASSWORD}}
            assert (await house.data(SIGN_IN, password))["signIn"]["token"]


async def test_a_house_without_a_provider_takes_nobodys_tokens(api: Api, provider: Provider) -> None:
    assert (await enter(api, await provider.token("station")))["code"] == "INVALID_CREDENTIALS"
