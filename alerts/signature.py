"""Signing what goes to a gateway and checking what comes from one: HMAC-SHA-256 over the time and the body."""

import hashlib
import hmac

TIMESTAMP = "khaibao-timestamp"
SIGNATURE = "khaibao-signature"

WINDOW_SECONDS = 300.0
"""How far a signature's time may be from ours: an old one that somebody wrote down no longer serves."""

_SCHEME = "sha256="


def signed(secret: str, body: bytes, now: float) -> dict[str, str]:
    """The two headers for a body, at a moment in seconds since 1970."""
    timestamp = str(int(now))
    return {TIMESTAMP: timestamp, SIGNATURE: _SCHEME + _digest(secret, timestamp, body)}


def holds(secret: str, body: bytes, timestamp: str, signature: str, now: float) -> bool:
    """Whether these two headers are of this body and of now, by the same secret."""
    # Compared before anything is made of the time: whoever does not know the secret learns nothing of our clock.
    if not hmac.compare_digest((_SCHEME + _digest(secret, timestamp, body)).encode(), signature.encode()):
        return False
    return timestamp.isascii() and timestamp.isdigit() and abs(now - int(timestamp)) <= WINDOW_SECONDS


def _digest(secret: str, timestamp: str, body: bytes) -> str:
    signed_bytes = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed_bytes, hashlib.sha256).hexdigest()
