"""Which passwords are too weak to be taken: the short, the user's own name, and rows that every guesser begins with."""

import unicodedata

MINIMUM_LENGTH = 12
LONGEST = 1000
"""Letters. The slow hash reads all of them, so that an endless one would cost time."""

_FEWEST_LETTERS = 5
_LONGEST_UNIT = 4
# As keyboards and counting have them; each goes on from its end at its beginning.
_ROWS = (
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)


def weak(password: str, username: str) -> bool:
    """Whether a password has too few letters, too few different ones, or is a row, a repeated unit or the name.

    It asks for no capitals, digits or signs: rules about letters make passwords that are alike.
    """
    folded = unicodedata.normalize("NFC", password).casefold()
    name = username.strip().casefold()
    return (
        len(folded) < MINIMUM_LENGTH
        or len(set(folded)) < _FEWEST_LETTERS
        or _repeats(folded)
        or _is_row(folded)
        or (bool(name) and len(folded.replace(name, "")) < _FEWEST_LETTERS)
    )


def _repeats(folded: str) -> bool:
    times = len(folded) // 2 + 1
    return any(folded == (folded[:unit] * times)[: len(folded)] for unit in range(1, _LONGEST_UNIT + 1))


def _is_row(folded: str) -> bool:
    for row in _ROWS:
        endless = row * (len(folded) // len(row) + 2)
        if folded in endless or folded in endless[::-1]:
            return True
    return False
