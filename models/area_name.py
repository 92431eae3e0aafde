"""How names of areas are compared: people type them without accents, with old accents, with and without zeros."""

import re
import unicodedata

TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
"""The five tone marks; the other marks (circumflex, breve, horn) make another letter and stay where they are."""

_ABBREVIATIONS = {
    "p": "phuong",
    "f": "phuong",
    "x": "xa",
    "tt": "thi tran",
    "q": "quan",
    "h": "huyen",
    "tp": "thanh pho",
    "tx": "thi xa",
    "dk": "dac khu",
}
_NUMBERED = re.compile(r"^(p|f|q)0*([0-9]+)$")
_KINDS = ("phuong", "xa", "thi tran", "quan", "huyen", "thanh pho", "thi xa", "dac khu", "tinh")


def tidy_name(name: str) -> str:
    """The name as it is kept: NFC, single spaces, none at the ends."""
    return unicodedata.normalize("NFC", " ".join(name.split()))


def search_name(name: str) -> str:
    """The name as it is looked up by: lower case, no accents, no leading zeros, kinds written out, `y` as `i`.

    `Phường 01`, `phuong 1`, `P.1` and `P1` are the same, so are `Hoà` and `Hòa`, and `Quy Đức` and `Qui Đức`.
    """
    words = re.sub(r"[^\w]+", " ", _without_marks(name.lower()).replace("_", " ")).split()
    spelled = [part for word in words for part in _NUMBERED.sub(r"\1 \2", word).split()]
    if len(spelled) > 1 and spelled[0] in _ABBREVIATIONS:
        spelled[0] = _ABBREVIATIONS[spelled[0]]
    return " ".join(_word(word) for word in spelled)


def search_names(name: str) -> list[str]:
    """The `search_name`s of areas that may be meant: a bare number or name may be any kind of area's."""
    searched = search_name(name)
    if not searched or any(searched.startswith(kind + " ") for kind in _KINDS):
        return [searched] if searched else []
    return [searched, *(f"{kind} {searched}" for kind in _KINDS)]


def same_spelling(one: str, other: str) -> bool:
    """Whether two names have the same accents, wherever in a syllable they stand: `Hoà` is `Hòa`, `Hóa` is not."""
    return _syllables(one) == _syllables(other)


def _word(word: str) -> str:
    if word.isdecimal():
        return str(int(word))
    return re.sub(r"^([^aeiou]+|qu)y$", r"\1i", word)


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _syllables(name: str) -> list[tuple[str, str]]:
    syllables = []
    for word in unicodedata.normalize("NFD", name.casefold()).split():
        letters = "".join(letter for letter in word if letter not in TONES)
        marks = "".join(letter for letter in word if letter in TONES)
        bare = unicodedata.normalize("NFC", letters)
        syllables.append((str(int(bare)) if bare.isdecimal() else bare, marks))
    return syllables
