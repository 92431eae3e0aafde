"""The public keys of the department's OpenID Connect provider: fetched, kept for an hour, fetched anew when they turn.

What is fetched is bounded in time and size, and none of it is followed elsewhere: a provider that was broken into must
not be able to make this server ask other machines of the house.
"""

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
import jwt
import orjson
import structlog

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Asymmetric ones only: with the others, whoever can read the public key could sign."""

_KINDS = frozenset({"RSA", "EC", "OKP"})
_DISCOVERY = "/.well-known/openid-configuration"
_SECONDS = 5.0
_LARGEST = 256 * 1024
_MOST_KEYS = 50
_FRESH_SECONDS = 3600.0
# A provider that is away for a night must not lock everybody out; longer, a key that it took back would live on.
_STALE_SECONDS = 24 * 3600.0
# A token with an unknown key makes us ask, and anybody can make such tokens: so many a minute.
_MOST_ASKED, _ASKED_SECONDS = 5, 60.0

logger = structlog.get_logger(__name__)


class ProviderAway(Exception):
    """The provider's keys cannot be had now; a password still serves."""


class ProviderKeys:
    """The keys of one issuer, by key id."""

    def __init__(self, issuer: str, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing is fetched before the first token comes. `now` counts seconds, from anywhere."""
        self._issuer, self._now = issuer, now
        self._keys: dict[str | None, dict[str, object]] = {}
        self._fetched_at: float | None = None
        self._asked: list[float] = []
        self._flight: asyncio.Task[None] | None = None

    async def find(self, kid: str | None) -> dict[str, object] | None:
        """The key (a JWK) of this id, or None where the provider has none. Raises ProviderAway."""
        age = self._age()
        known = self._key(kid)
        if known is not None and age < _FRESH_SECONDS:
            return known
        try:
            await self._fetch_once()
        except ProviderAway:
            # Only a key that was known, and not for long: an unknown one cannot be judged without the provider.
            if known is not None and age < _STALE_SECONDS:
                return known
            raise
        return self._key(kid)

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._now() - self._fetched_at

    def _key(self, kid: str | None) -> dict[str, object] | None:
        if kid is None and len(self._keys) == 1:
            # A provider with a single key need not name it.
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    async def _fetch_once(self) -> None:
        """Fetches; who comes meanwhile waits for the same answer. Raises ProviderAway."""
        if self._flight is None or self._flight.done():
            now = self._now()
            self._asked = [at for at in self._asked if now - at < _ASKED_SECONDS]
            if len(self._asked) >= _MOST_ASKED:
                if self._age() < _FRESH_SECONDS:
                    return
                raise ProviderAway("asked often enough for now")
            self._asked.append(now)
            self._flight = asyncio.create_task(self._fetch())
        # Shielded: who hangs up must not end the fetch for the others.
        await asyncio.shield(self._flight)

    async def _fetch(self) -> None:
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as client:
                described = await _json(client, self._issuer.rstrip("/") + _DISCOVERY)
                if described.get("issuer") != self._issuer:
                    raise ValueError("the discovery document is another issuer's")
                where = described.get("jwks_uri")
                if not isinstance(where, str) or not is_safe(where):
                    raise ValueError("the keys' address is not https")
                keys = (await _json(client, where)).get("keys")
            self._keys = _usable(keys)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            logger.warning("provider_away", error=type(error).__name__)
            raise ProviderAway("the provider does not answer as one") from error
        self._fetched_at = self._now()


def is_safe(url: str) -> bool:
    """Whether keys may be fetched from there: over https, or from this very machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")


async def _json(client: aiohttp.ClientSession, url: str) -> dict[str, object]:
    async with client.get(url, allow_redirects=False, headers={"accept": "application/json"}) as response:
        if response.status != 200:
            raise ValueError(f"status {response.status}")
        body = bytearray()
        async for chunk in response.content.iter_chunked(16 * 1024):
            body += chunk
            if len(body) > _LARGEST:
                raise ValueError("the answer is too long")
    found = orjson.loads(body)
    if not isinstance(found, dict):
        raise ValueError("the answer is no object")
    return found


def _usable(keys: object) -> dict[str | None, dict[str, object]]:
    """Keys that verify signatures, by key id. Raises ValueError where there is none."""
    found: dict[str | None, dict[str, object]] = {}
    for key in keys[:_MOST_KEYS] if isinstance(keys, list) else ():
        if not isinstance(key, dict) or key.get("kty") not in _KINDS or key.get("use", "sig") != "sig":
            continue
        kid = key.get("kid")
        # A private key (it has a `d`) that somebody published by mistake is everybody's: it proves nothing.
        if "d" in key or not (kid is None or isinstance(kid, str)):
            continue
        try:
            made = jwt.PyJWK(key)
        except jwt.PyJWTError:
            continue
        if made.algorithm_name in ALGORITHMS:
            found[kid] = key
    if not found:
        raise ValueError("the provider has no key that we could use")
    return found
