"""Which media type an answer goes out in."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

Medium = Literal["application/graphql-response+json", "application/json", "text/event-stream"]

_OURS: tuple[Medium, ...] = ("application/json", "application/graphql-response+json", "text/event-stream")
_MOST_CHOICES = 30
_KEPT = 256
_LONGEST_KEPT = 256
# What stands in quotes separates nothing; where they are not closed, all to the end, which is then looked at once.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?$)')
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


class _Choice(NamedTuple):
    name: str
    weight: float
    place: int

    @property
    def exact(self) -> int:
        """How much the range says: a type by its name counts before the ranges that hold it."""
        return 0 if self.name == "*/*" else 1 if self.name.endswith("/*") else 2

    def covers(self, medium: Medium) -> bool:
        return self.name in (medium, "*/*", medium.partition("/")[0] + "/*")


def medium_of(accept: str | None) -> Medium | None:
    """The type that an Accept header prefers of those we have, JSON without one, None where it wants none of them.

    Of equals the first counts: a client that lists text/event-stream last after the JSON types wants JSON.
    """
    if not accept or not accept.strip():
        return "application/json"
    # Clients send one of a few; a stranger's own, however long, must not push them out of what is kept.
    return _known(accept) if len(accept) <= _LONGEST_KEPT else _preferred(accept)


def _preferred(accept: str) -> Medium | None:
    choices = list(_choices(accept))
    best: Medium | None = None
    rank = (0.0, 0)
    for medium in _OURS:
        # What is said of a type itself holds whatever is said of a range: "*/*, application/json;q=0" wants no JSON.
        said = max(
            (choice for choice in choices if choice.covers(medium)), key=lambda choice: choice.exact, default=None
        )
        if said and said.weight > 0 and (said.weight, -said.place) > rank:
            best, rank = medium, (said.weight, -said.place)
    return best


_known = lru_cache(_KEPT)(_preferred)


def _choices(accept: str) -> Iterator[_Choice]:
    for place, choice in enumerate(_QUOTED.sub("", accept).split(",")[:_MOST_CHOICES]):
        name, _, parameters = choice.partition(";")
        yield _Choice(name.strip().lower(), _weight(parameters), place)


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            # A number in another form is not guessed at.
            return float(value) if _WEIGHT.fullmatch(value := value.strip()) else 0.0
    return 1.0
