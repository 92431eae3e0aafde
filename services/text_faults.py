"""What can be wrong with a line of text, whoever writes it and whatever it says."""

import re
import unicodedata
from collections.abc import Iterator

from triage.fault import Fault

_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u2800\u3164\ufeff\uffa0")
_JOINER = "\u200d"

# Nearly every line here: ASCII that is seen, and the letters of Latin scripts. To look at them one by one took a
# twentieth of a declaration's processor time.
_PLAIN = re.compile("[ -~\u00a1-\u00ac\u00ae-\u024f\u1e00-\u1eff]*")


def text_faults(path: tuple[str | int, ...], text: str, longest: int) -> Iterator[Fault]:
    """What can be wrong with a line of text: nothing in it, too long, or characters that no line holds."""
    if not text.strip():
        yield Fault(path, "REQUIRED")
    elif len(text) > longest:
        yield Fault(path, "TOO_LONG", {"maximum": longest})
    if not _PLAIN.fullmatch(text) and any(
        _is_odd(text, place) for place, character in enumerate(text) if not " " <= character <= "~"
    ):
        yield Fault(path, "BAD_CHARACTER")


def _is_odd(text: str, place: int) -> bool:
    character = text[place]
    if character == _JOINER:
        # It makes one picture of several, and nothing but a second spelling of a name.
        return place == 0 or unicodedata.category(text[place - 1]) not in ("So", "Sk", "Mn")
    number = ord(character)
    return (
        # Cc: NUL and other controls, which PostgreSQL or a terminal chokes on; Cs: halves of a character; Zl, Zp: ends
        # of a line in the middle of it.
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        # They turn a name around on the screen of who reads it.
        or character in _DIRECTIONS
        # They are not seen at all: two names that look the same would be two people, and an empty one somebody.
        or character in _UNSEEN
        or 0x2060 <= number <= 0x206F
        or 0xE0000 <= number <= 0xE007F
        # No characters, and never will be.
        or number & 0xFFFE == 0xFFFE
        or 0xFDD0 <= number <= 0xFDEF
    )
