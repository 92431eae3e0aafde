"""What an ID token proves, and which keys are fetched when; the answers of a provider are put in by hand."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from access.provider import InvalidToken, Proven, Provider
from access.provider_keys import ProviderAway, ProviderKeys, is_safe

ISSUER, AUDIENCE = "https://id.example", "khaibao"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())


class GivenKeys(ProviderKeys):
    """Keys that need no provider."""

    def __init__(self, **keys: Mapping[str, object]) -> None:
        """By their ids."""
        super().__init__(ISSUER)
        self._given = keys

    async def find(self, kid: str | None) -> dict[str, object] | None:
        """The key that was given."""
        found = self._given.get(kid or "")
        return dict(found) if found else None


def jwk(key: Any) -> dict[str, object]:
    """A public key as a provider publishes it."""
    algorithm = jwt.get_algorithm_by_name("ES256" if isinstance(key, ec.EllipticCurvePrivateKey) else "RS256")
    found: dict[str, object] = algorithm.to_jwk(key.public_key(), as_dict=True)
    return found


def provider(**changes: Any) -> Provider:
    """A provider with an RSA key and one of a curve."""
    keys = GivenKeys(rsa=jwk(KEY), curve=jwk(CURVE))
    return Provider(ISSUER, AUDIENCE, keys=keys, **changes)


def claims(**changes: object) -> dict[str, object]:
    """The claims of a good token; None takes one out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "7f3", "iat": now, "exp": now + 300, "preferred_username": "lan"}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def token(key: Any = KEY, algorithm: str = "RS256", kid: str | None = "rsa", **changes: object) -> str:
    """A signed token."""
    return jwt.encode(claims(**changes), key, algorithm, headers={"kid": kid} if kid else None)


@pytest.mark.parametrize(("key", "algorithm", "kid"), [(KEY, "RS256", "rsa"), (CURVE, "ES256", "curve")])
async def test_a_good_token_proves_the_name(key: Any, algorithm: str, kid: str) -> None:
    assert await provider().prove(token(key, algorithm, kid)) == Proven("lan", second_factor=False)


@pytest.mark.parametrize(
    ("changes", "proven"),
    [({"acr": "mfa"}, True), ({"acr": ["pwd", "mfa"]}, True), ({"acr": "pwd"}, False), ({}, False)],
)
async def test_a_claim_proves_the_providers_second_factor(changes: dict[str, Any], proven: bool) -> None:
    found = await provider(second_factor=("acr", "mfa")).prove(token(**changes))
    assert found.second_factor is proven


NOW = int(time.time())
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": ["khaibao", "another"]},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": NOW - 60},
        {"exp": None},
        {"iat": None},
        {"iat": NOW - 3600},
        {"iat": NOW + 3600},
        {"sub": None},
        {"preferred_username": None},
        {"preferred_username": ["lan"]},
        {"preferred_username": "la\0n"},
        {"preferred_username": "  "},
    ],
    ids=str,
)
async def test_a_token_that_is_not_for_us_now_proves_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        await provider().prove(token(**changes))


def signed_with_the_public_key() -> str:
    """What a library takes that lets the token choose how it is checked: HS256 with the public key as the secret."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    head = f"{part(orjson.dumps({'alg': 'HS256', 'kid': 'rsa'}))}.{part(orjson.dumps(claims()))}"
    return f"{head}.{part(hmac.digest(PUBLIC, head.encode(), hashlib.sha256))}"


@pytest.mark.parametrize(
    "forged",
    [
        jwt.encode(claims(), "", "none", headers={"kid": "rsa"}),
        signed_with_the_public_key(),
        token(OTHER),
        token(kid="unknown"),
        token(kid=None),
        token(CURVE, "ES256", "rsa"),
        "no.token.atall",
        "",
        "x" * 20_000,
    ],
    ids=["none", "HS256", "other key", "unknown kid", "no kid", "other kind", "nonsense", "empty", "endless"],
)
async def test_a_forged_token_proves_nothing(forged: str) -> None:
    with pytest.raises(InvalidToken):
        await provider().prove(forged)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://id.example/keys", True),
        ("http://localhost:9000/keys", True),
        ("http://127.0.0.1/keys", True),
        ("http://id.example/keys", False),
        ("file:///etc/passwd", False),
        ("https://", False),
    ],
)
def test_keys_come_over_https_or_from_this_machine(url: str, safe: bool) -> None:
    assert is_safe(url) is safe


async def test_a_provider_that_is_away_is_asked_a_few_times_a_minute_only() -> None:
    clock = [0.0]
    keys = ProviderKeys("http://127.0.0.1:9", now=lambda: clock[0])
    asked = 0
    for _ in range(20):
        with pytest.raises(ProviderAway) as away:
            await keys.find("any")
        asked += away.value.__cause__ is not None
    assert asked == 5
    clock[0] = 61.0
    with pytest.raises(ProviderAway) as away:
        await keys.find("any")
    assert away.value.__cause__ is not None
