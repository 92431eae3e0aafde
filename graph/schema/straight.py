"""Building an input from what GraphQL has coerced already, without looking at its types once more."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from strawberry.types.base import get_object_definition

from graph.messages import camel

T = TypeVar("T")


def build_straight(type_: type[T], **nested: type) -> type[T]:
    """Makes the type build itself straight from the coerced values; `nested` names its fields that are inputs too.

    Those have to be made so before it, and may be lists.
    """
    definition = get_object_definition(type_, strict=True)
    pythonic = {camel(field.python_name): field.python_name for field in definition.fields}
    builders = {camel(name): _builder(one) for name, one in nested.items()}

    def build(_: type, value: Mapping[str, Any], context: object) -> T:
        given = {pythonic[name]: one for name, one in value.items()}
        for name, builder in builders.items():
            if (below := value.get(name)) is not None:
                python = pythonic[name]
                given[python] = [builder(one) for one in below] if isinstance(below, list) else builder(below)
        return type_(**given)

    definition.from_input = build
    return type_


def _builder(type_: type) -> Callable[[Mapping[str, Any]], Any]:
    build = get_object_definition(type_, strict=True).from_input
    if build is None:
        raise TypeError(f"{type_.__name__} is to be built straight before what it is nested in")
    made = build
    return lambda value: made(type_, value, None)  # type: ignore[arg-type]  # the context is of no use to ours
