"""What proves that a report comes from whom we gave a message to: a code for each message, which nobody can guess."""

import base64
import hashlib
import hmac
from uuid import UUID

from access.keys import Key, KeyRing

_PURPOSE = b"khaibao delivery token"
_BYTES = 16


def delivery_token(key: Key, id: UUID) -> str:
    """The code for a message: 22 characters that need no quoting in a URL."""
    # A key of its own from the installation's, so that a code tells nothing of what else the key protects.
    own = hmac.new(key.secret, _PURPOSE, hashlib.sha256).digest()
    made = hmac.new(own, str(id).encode(), hashlib.sha256).digest()[:_BYTES]
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def token_fits(keys: KeyRing, id: UUID, token: str) -> bool:
    """Whether the code is this message's, by whichever key it was made: a report may come after a rotation."""
    return any(hmac.compare_digest(delivery_token(key, id).encode(), token.encode()) for key in keys.all)
