"""Access tokens: which session is asking, signed, so that garbage is refused before any database is asked.

They say nothing of a person, and nothing of what the session may do: that is read from the session itself, each time.
"""

import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from access.signing import ALGORITHM, SigningPair

AUDIENCE = "khaibao:api"
RESIDENT = "resident"
ISSUER = "khaibao"
ACCESS_SECONDS = 900

# Ours have about four hundred characters; what is far longer is not worth decoding.
_LONGEST = 2_000
_LOOK_SECONDS = 10.0
_REMEMBERED = 10_000


class BadToken(Exception):
    """The token is not one of ours, was changed, or is too old."""


class UnknownKey(BadToken):
    """The token names a key that this process does not know, or not yet."""


class NoSigningKey(Exception):
    """No key is there to sign with: the process has not read the table of keys."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and its end, in real time."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token that was checked says."""

    session_id: UUID
    issued_at: datetime
    expires_at: datetime
    of_account: bool = False
    """Whether it is a token of the staff, and not of a resident."""


async def _nothing_to_read() -> None:
    """For a process that has no table of keys to look at."""


class Tokens:
    """Signs and checks with the keys that it was told last; `seconds` is how long a token lives."""

    def __init__(self, issuer: str = ISSUER, seconds: int = ACCESS_SECONDS) -> None:
        """Knows no key until `follow`."""
        self._issuer = issuer
        self._seconds = seconds
        self._pairs: dict[str, SigningPair] = {}
        self._read: dict[bytes, Claims] = {}
        self._looked_at = float("-inf")
        self.look: Callable[[], Awaitable[None]] = _nothing_to_read
        """Reads the table of keys and calls `follow`; for a token whose key was made since the last look."""

    def follow(self, pairs: Iterable[SigningPair]) -> None:
        """Takes the keys that are published now, in the place of those before."""
        before, self._pairs = self._pairs, {pair.id: pair for pair in pairs}
        if before.keys() != self._pairs.keys():
            # What a key has signed that is published no more is no token any more.
            self._read.clear()

    @property
    def public_keys(self) -> list[dict[str, str]]:
        """Every published key: those that have signed, the one that signs, and the one that is to."""
        return [pair.public_jwk for pair in self._pairs.values()]

    def issue(
        self, session_id: UUID, subject: str, *, until: datetime | None = None, seconds: float | None = None
    ) -> AccessToken:
        """A token of a session, of the life of all tokens or of `seconds`, and no longer than `until`.

        Raises NoSigningKey.
        """
        now = datetime.now(UTC)
        key, private = self._signing(now)
        expires_at = now + timedelta(seconds=self._seconds if seconds is None else seconds)
        expires_at = min(expires_at, until or expires_at).replace(microsecond=0)
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": subject,
            "sid": str(session_id),
            "iat": now,
            "exp": expires_at,
        }
        token = jwt.encode(claims, private, algorithm=ALGORITHM, headers={"kid": key})
        return AccessToken(token, expires_at)

    def read(self, token: str) -> Claims:
        """What a token says that one of the keys has signed and that has not ended. Raises BadToken or UnknownKey."""
        if len(token) > _LONGEST or not token.isascii():
            raise BadToken
        try:
            key = jwt.get_unverified_header(token).get("kid")
            pair = self._pairs.get(key) if isinstance(key, str) else None
            if pair is None:
                raise UnknownKey
            claims = jwt.decode(
                token,
                pair.public,
                # Named here and never taken from the token, which could say "none".
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                # A machine whose clock is a second behind the signer's must not refuse what was signed just now.
                options={"require": ["iss", "aud", "sub", "sid", "iat", "exp"], "verify_iat": False},
            )
            of_account = claims["sub"] != RESIDENT
            return Claims(UUID(claims["sid"]), _moment(claims["iat"]), _moment(claims["exp"]), of_account)
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise BadToken from error

    async def check(self, token: str) -> Claims:
        """The same, after a look at the table where the key is not known. Raises BadToken.

        A screen whose line was cut comes back with the token that it had: what has been checked once is remembered, by
        its hash, for as long as the keys are the same. Whether it has ended is asked each time.
        """
        if len(token) > _LONGEST or not token.isascii():
            raise BadToken
        claims = self._read.get(_seen(token))
        if claims is None:
            claims = await self._check(token)
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            self._read[_seen(token)] = claims
        elif claims.expires_at <= datetime.now(UTC):
            raise BadToken
        return claims

    def known(self, token: str) -> Claims | None:
        """What a token says that `check` remembers and that has not ended; None for any other."""
        if len(token) > _LONGEST or not token.isascii():
            return None
        claims = self._read.get(_seen(token))
        return None if claims is None or claims.expires_at <= datetime.now(UTC) else claims

    async def _check(self, token: str) -> Claims:
        try:
            return self.read(token)
        except UnknownKey:
            # Once in a while for all tokens together: forged keys must not make each request a query.
            if time.monotonic() - self._looked_at < _LOOK_SECONDS:
                raise
        self._looked_at = time.monotonic()
        await self.look()
        return self.read(token)

    def _signing(self, now: datetime) -> tuple[str, EllipticCurvePrivateKey]:
        able = [(pair.signs_from, pair.id, pair.private) for pair in self._pairs.values() if pair.private is not None]
        if not able:
            raise NoSigningKey("no key to sign access tokens with")
        # Where this machine's clock is behind the database's the first key of all has not begun: it is taken anyway.
        begun = [key for key in able if key[0] <= now]
        _, id, private = max(begun, key=lambda key: key[0]) if begun else min(able, key=lambda key: key[0])
        return id, private


def _seen(token: str) -> bytes:
    return hashlib.sha256(token.encode("ascii")).digest()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
