"""Which language a caller reads."""

from functools import lru_cache
from typing import Literal

Language = Literal["vi", "en"]
DEFAULT: Language = "vi"
_MOST_CHOICES = 20
_KEPT = 256
_LONGEST_KEPT = 256


def language_of(accept_language: str | None) -> Language:
    """The language of an Accept-Language header: the one it ranks first of those we have, Vietnamese otherwise."""
    if not accept_language:
        return DEFAULT
    # As with `graph.accept`: a few are sent again and again, and a stranger's own must not push them out.
    return _remembered(accept_language) if len(accept_language) <= _LONGEST_KEPT else _preferred(accept_language)


def _preferred(accept_language: str) -> Language:
    best: Language = DEFAULT
    best_weight = 0.0
    for choice in accept_language.split(",")[:_MOST_CHOICES]:
        tag, _, parameters = choice.strip().partition(";")
        weight = _weight(parameters)
        found = _known(tag.strip().lower())
        if found and weight > best_weight:
            best, best_weight = found, weight
    return best


_remembered = lru_cache(_KEPT)(_preferred)


def _known(tag: str) -> Language | None:
    primary = tag.partition("-")[0]
    if primary == "en":
        return "en"
    return "vi" if primary in ("vi", "*") else None


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
