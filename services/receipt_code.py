"""Receipt codes that can be read out on the phone."""

import os
from operator import mul

ALPHABET = "34679ACDEFGHJKMNPRTVWXY"
"""23 characters, none of which looks like another: no 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U."""

_RANDOM = 9
_GROUP = 5
_PRIME = len(ALPHABET)
_PLACES = {character: place for place, character in enumerate(ALPHABET)}
_WEIGHTS = range(2, 2 + 21)

# Each random byte as a character, and the bytes that would make some characters likelier than others.
_DRAWN = bytes(ord(ALPHABET[byte % _PRIME]) for byte in range(256))
_LEFT_OUT = bytes(range(256 - 256 % _PRIME, 256))
_BYTES = 16


def new_receipt_code() -> str:
    """A code of nine random characters and a check character, as XXXXX-XXXXX (1.8 million million codes)."""
    body = ""
    while len(body) < _RANDOM:
        # Once in nearly every case: a draw for each character costs as much as judging a person does.
        body += os.urandom(_BYTES).translate(_DRAWN, _LEFT_OUT).decode("ascii")
    body = body[:_RANDOM]
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
    total = sum(map(mul, _WEIGHTS, map(_PLACES.__getitem__, body)))
    # The check character has weight 1, so swapping it with its neighbour is found as well.
    return ALPHABET[-total % _PRIME]


def _grouped(body: str) -> str:
    return f"{body[:_GROUP]}-{body[_GROUP:]}"
