"""Which media type an answer goes out in."""

from typing import Literal

Medium = Literal["application/graphql-response+json", "application/json", "text/event-stream"]

_KNOWN: dict[str, Medium] = {
    "application/graphql-response+json": "application/graphql-response+json",
    "application/json": "application/json",
    "text/event-stream": "text/event-stream",
    "application/*": "application/json",
    "*/*": "application/json",
}
_MOST_CHOICES = 30


def medium_of(accept: str | None) -> Medium | None:
    """The type that an Accept header prefers of those we have, JSON without one, None where it wants none of them.

    Of equals the first counts: a client that lists text/event-stream last after the JSON types wants JSON.
    """
    if not accept or not accept.strip():
        return "application/json"
    best: Medium | None = None
    best_weight = 0.0
    for choice in accept.split(",")[:_MOST_CHOICES]:
        name, _, parameters = choice.partition(";")
        medium = _KNOWN.get(name.strip().lower())
        weight = _weight(parameters)
        if medium and weight > best_weight:
            best, best_weight = medium, weight
    return best


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
