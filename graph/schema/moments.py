"""Days and times as the API takes them: each in one form, and not in all that Python can read.

`2022-W11-4` and `20220317` are days in ISO 8601, too, but no client means them. A time of day with an offset would be
read as if it had none, and somebody would be on duty at other hours than they think.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import TypeVar

from graphql import GraphQLError, StringValueNode, ValueNode
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition, TimeDefinition
from strawberry.types.scalar import ScalarDefinition

Read = TypeVar("Read")

_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def _strictly(form: str, read: Callable[[str], Read], otherwise: str) -> Callable[[object], Read]:
    matches = re.compile(form).fullmatch

    def parsed(value: object) -> Read:
        if isinstance(value, str) and matches(value):
            try:
                return read(value)
            except ValueError:
                pass  # The 29th of February of a year that has none.
        raise StrawberryInputCoercionError(otherwise)

    return parsed


def _literally(parsed: Callable[[object], Read]) -> Callable[[ValueNode, object], Read]:
    """The same for what stands in a document: the error says where."""

    def read(node: ValueNode, _: object = None) -> Read:
        try:
            return parsed(node.value if isinstance(node, StringValueNode) else None)
        except StrawberryInputCoercionError as error:
            raise GraphQLError(error.message, node) from None

    return read


def _made(definition: ScalarDefinition, description: str, parsed: Callable[[object], object]) -> ScalarDefinition:
    # What is written stays as it is: the engine knows it by its function.
    return replace(definition, description=description, parse_value=parsed, parse_literal=_literally(parsed))


MOMENTS: dict[object, ScalarDefinition] = {
    date: _made(
        DateDefinition,
        "A day, such as `2022-03-17`.",
        _strictly(_DAY, date.fromisoformat, "A Date is a day that there is, such as 2022-03-17."),
    ),
    time: _made(
        TimeDefinition,
        "A time of day on the clock on the wall, such as `07:30:00`; seconds may be left out.",
        _strictly(_CLOCK, time.fromisoformat, "A Time is a time of day without an offset, such as 07:30."),
    ),
    datetime: _made(
        DateTimeDefinition,
        "A moment with its offset, such as `2022-03-17T07:30:00+07:00`.",
        _strictly(
            f"{_DAY}T{_CLOCK}(Z|[+-][0-9]{{2}}:[0-9]{{2}})?",
            datetime.fromisoformat,
            "A DateTime is a moment that there is, such as 2022-03-17T07:30:00+07:00.",
        ),
    ),
}
