"""Sign-in with the department's own OpenID Connect provider: what one of its ID tokens proves."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from access.provider_keys import ALGORITHMS, ProviderKeys

_LONGEST_TOKEN = 16 * 1024
_LONGEST_NAME = 255
_LEEWAY_SECONDS = 30
# A token that lies about somewhere for long must not open a session, however late it expires.
_MOST_SECONDS = 600


class InvalidToken(Exception):
    """The token is none of this provider's for us, or no longer."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What a token proves: the name by which the provider knows somebody, and whether it asked for two factors."""

    name: str
    second_factor: bool


class Provider:
    """One issuer, as the settings name it."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        claim: str = "preferred_username",
        second_factor: tuple[str, str] | None = None,
        keys: ProviderKeys | None = None,
    ) -> None:
        """`claim` names the account; `second_factor` is a claim and its value that prove a second factor."""
        self._issuer, self._audience, self._claim, self._factor = issuer, audience, claim, second_factor
        self._keys = keys or ProviderKeys(issuer)

    async def prove(self, token: str) -> Proven:
        """What an ID token proves. Raises InvalidToken, and ProviderAway where the keys cannot be had."""
        claims = await self._claims(token)
        name = claims.get(self._claim)
        if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME or "\0" in name:
            raise InvalidToken(f"no name in the claim {self._claim}")
        return Proven(name.strip(), self._factor is not None and _holds(claims, *self._factor))

    async def _claims(self, token: str) -> Mapping[str, object]:
        if len(token) > _LONGEST_TOKEN:
            raise InvalidToken("too long")
        try:
            header = jwt.get_unverified_header(token)
            algorithm, kid = header.get("alg"), header.get("kid")
            # Before any key is fetched: `none` and the shared-secret ones end here.
            if algorithm not in ALGORITHMS or not (kid is None or isinstance(kid, str)):
                raise InvalidToken("not signed in a way that we take")
            key = await self._keys.find(kid)
            if key is None:
                raise InvalidToken("signed with a key that the provider does not have")
            claims: dict[str, object] = jwt.decode(
                token,
                # The key's own algorithm where it names one, so that a key serves for nothing else.
                jwt.PyJWK(key, None if "alg" in key else algorithm),
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["iss", "aud", "sub", "exp", "iat"], "enforce_minimum_key_length": True},
            )
        except jwt.PyJWTError as error:
            raise InvalidToken(type(error).__name__) from error
        # Real time, as the provider has it: the installation's own may have been moved.
        if time.time() - float(str(claims["iat"])) > _MOST_SECONDS:
            raise InvalidToken("made too long ago")
        self._check_meant_for_us(claims)
        return claims

    def _check_meant_for_us(self, claims: Mapping[str, object]) -> None:
        # Of a token for several, `azp` says who asked for it: another's must not sign anybody in here.
        party, audience = claims.get("azp"), claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if (party is not None or several) and party != self._audience:
            raise InvalidToken("asked for by another")


def _holds(claims: Mapping[str, object], claim: str, value: str) -> bool:
    """Whether a claim has this value, or has it among others, as `amr` does."""
    found = claims.get(claim)
    return value in found if isinstance(found, list) else found == value
