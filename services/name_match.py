"""Whether somebody is meant by what was typed of their name."""

import re
import unicodedata

_WORDS = re.compile(r"[^\W_]+")


def folded_words(text: str) -> list[str]:
    """The words of a name as they are compared: small letters, no accents, đ as d."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return _WORDS.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


def matches(wanted: list[str], name: str) -> bool:
    """Whether each wanted word is the beginning of a word of the name, in any order. `wanted` is folded."""
    words = folded_words(name)
    return all(any(word.startswith(one) for word in words) for one in wanted)
