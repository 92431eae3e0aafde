"""Receipt codes that can be read out on the phone."""

import secrets

ALPHABET = "34679ACDEFGHJKMNPRTVWXY"
"""23 characters, none of which looks like another: no 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U."""

_RANDOM = 9
_GROUP = 5
_PRIME = len(ALPHABET)


def new_receipt_code() -> str:
    """A code of nine random characters and a check character, as XXXXX-XXXXX (1.8 million million codes)."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
    return _grouped(body + check_character(body))


def read_receipt_code(text: str) -> str | None:
    """The code as it is stored, from what somebody typed (any case, with or without the dash).

    None where it cannot be a code: a wrong character, a wrong length, a check character that does not fit. The weighted
    sum over a prime finds every single wrong character and every two that were swapped.
    """
    body = "".join(character for character in text.upper() if character not in "- \u2010\u2011\u2013")
    if len(body) != _RANDOM + 1 or any(character not in ALPHABET for character in body):
        return None
    return _grouped(body) if check_character(body[:-1]) == body[-1] else None


def check_character(body: str) -> str:
    """The character that is put behind others, at most 21, so that a slip in copying them is found."""
    total = sum(weight * ALPHABET.index(character) for weight, character in enumerate(body, start=2))
    # The check character has weight 1, so swapping it with its neighbour is found as well.
    return ALPHABET[-total % _PRIME]


def _grouped(body: str) -> str:
    return f"{body[:_GROUP]}-{body[_GROUP:]}"
