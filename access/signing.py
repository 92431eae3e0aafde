"""The key pairs that access tokens are signed with."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

ALGORITHM = "ES256"


@dataclass(frozen=True, slots=True)
class SigningPair:
    """A key and the time in which it signs. `private` is None where this installation cannot open that half."""

    id: str
    public: ec.EllipticCurvePublicKey
    private: ec.EllipticCurvePrivateKey | None
    signs_from: datetime
    signs_until: datetime

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half as whoever checks tokens takes it (RFC 7517)."""
        found: dict[str, str] = ECAlgorithm.to_jwk(self.public, as_dict=True)
        return {**found, "kid": self.id, "use": "sig", "alg": ALGORITHM}

    @property
    def private_jwk(self) -> dict[str, str]:
        """Both halves: to be sealed, and to be given to nobody. Raises ValueError where there is no private half."""
        if self.private is None:
            raise ValueError("only the public half is known here")
        found: dict[str, str] = ECAlgorithm.to_jwk(self.private, as_dict=True)
        return found


def new_pair(signs_from: datetime, signs_until: datetime) -> SigningPair:
    """A pair that nobody has seen yet."""
    private = ec.generate_private_key(ec.SECP256R1())
    return SigningPair(secrets.token_urlsafe(12), private.public_key(), private, signs_from, signs_until)


def read_pair(
    id: str,
    public_jwk: dict[str, str],
    private_jwk: dict[str, object] | None,
    signs_from: datetime,
    signs_until: datetime,
) -> SigningPair:
    """A pair from its stored halves. Raises ValueError or jwt.InvalidKeyError for what is no such key."""
    private = ECAlgorithm.from_jwk(dict(private_jwk)) if private_jwk is not None else None
    public = ECAlgorithm.from_jwk(dict(public_jwk))
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(private, ec.EllipticCurvePrivateKey | None):
        raise ValueError(f"the signing key {id} has its halves in the wrong places")
    return SigningPair(id, public, private, signs_from, signs_until)
