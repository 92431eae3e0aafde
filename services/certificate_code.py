"""The codes of certificates: anybody verifies one by its code, so it is too long to be found by trying."""

import secrets

from services.receipt_code import ALPHABET, check_character

_RANDOM = 15
_GROUP = 4


def new_certificate_code() -> str:
    """A code of fifteen random characters (68 bits) and a check character, as XXXX-XXXX-XXXX-XXXX."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
    return _grouped(body + check_character(body))


def read_certificate_code(text: str) -> str | None:
    """The code as it is stored, from what somebody typed or scanned; None where it cannot be one."""
    body = "".join(one for one in text.upper() if one not in "- \u2010\u2011\u2013")
    if len(body) != _RANDOM + 1 or any(one not in ALPHABET for one in body):
        return None
    return _grouped(body) if check_character(body[:-1]) == body[-1] else None


def _grouped(body: str) -> str:
    return "-".join(body[at : at + _GROUP] for at in range(0, len(body), _GROUP))
