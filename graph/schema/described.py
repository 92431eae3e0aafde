"""Making an enum known to the API, each value with its meaning."""

from enum import Enum

import strawberry


def describe(enum: type[Enum], description: str, values: dict[str, str]) -> None:
    """Makes the enum known to the API. Every value has its meaning, or the program does not start."""
    found = strawberry.enum(enum, description=description)
    definition = found.__strawberry_definition__  # type: ignore[attr-defined]  # set by strawberry.enum on the class
    for value in definition.values:
        value.description = values.pop(value.name)
    if values:
        raise ValueError(f"{enum.__name__} has no {', '.join(values)}")
