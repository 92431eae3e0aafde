"""The alphabet of text messages: what a text costs in segments, and how Vietnamese is written without accents."""

import unicodedata
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each takes two places: an escape goes before it.
_EXTENDED = frozenset("\f^{}\\[~]|€")

_SEPTETS, _SEPTETS_OF_MANY = 160, 153
_UNITS, _UNITS_OF_MANY = 70, 67

# What has no accent that could be taken off.
_LETTERS = str.maketrans({"đ": "d", "Đ": "D", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "..."})


@dataclass(frozen=True, slots=True)
class Measure:
    """What a text is sent as: its alphabet (GSM-7 or UCS-2) and how many segments it is charged as."""

    alphabet: str
    segments: int


def unaccented(text: str) -> str:
    """The text in letters that every phone shows; what is left over after that is a question mark."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    kept = (letter for letter in plain if not unicodedata.combining(letter))
    return "".join(letter if letter.isascii() and is_gsm7(letter) else "?" for letter in kept)


def is_gsm7(text: str) -> bool:
    """Whether every letter of the text is of the alphabet of 160 to a message."""
    return all(letter in _BASIC or letter in _EXTENDED for letter in text)


def measure(text: str) -> Measure:
    """The alphabet that the text needs, and in how many segments it goes."""
    if is_gsm7(text):
        return Measure("GSM-7", _segments([_septets(letter) for letter in text], _SEPTETS, _SEPTETS_OF_MANY))
    return Measure("UCS-2", _segments([_units(letter) for letter in text], _UNITS, _UNITS_OF_MANY))


def _segments(sizes: list[int], alone: int, of_many: int) -> int:
    if sum(sizes) <= alone:
        return 1
    # Letter by letter: what takes two places is not torn apart between two segments.
    segments, room = 1, of_many
    for size in sizes:
        if size > room:
            segments, room = segments + 1, of_many
        room -= size
    return segments


def _septets(letter: str) -> int:
    return 2 if letter in _EXTENDED else 1


def _units(letter: str) -> int:
    return len(letter.encode("utf-16-le")) // 2
