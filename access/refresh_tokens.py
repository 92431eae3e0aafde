"""Refresh tokens: random, shown once, kept as a hash."""

import hashlib
import secrets

_BYTES = 32


def new_refresh_token() -> str:
    """A token nobody can guess (256 random bits)."""
    return secrets.token_urlsafe(_BYTES)


def refresh_token_hash(token: str) -> str:
    """What is stored and looked up. A plain hash serves, because the token itself is random."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
