"""Objects in an answer: a value of one object type, with the fields that are asked of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLError, GraphQLObjectType
from graphql.pyutils import Undefined, inspect
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from graph.engine.asked import Asked, Spot
from graph.engine.info import RawInfo
from graph.engine.place import Place
from graph.engine.ready import Ready
from graph.engine.run import Complete

if TYPE_CHECKING:
    from graph.engine.run import Run

Fields: TypeAlias = "tuple[Field, ...]"
DEFINITION = "strawberry-definition"


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """How one field of an object comes to its value in the answer."""

    asked: Asked
    spot: Spot
    get: Callable[[Any], Any] | None
    """Of an attribute that is a scalar or enum: reads it. `kind` and `convert` are as in `Leaf`."""
    kind: type | None
    convert: Callable[[Any], Any] | None
    fill: Complete
    """Fills the position with what `get` has read."""
    step: Callable[["Run", Any, Place, dict[str, Any]], Any] | None
    """Of every other field: all of it."""


def object_completer(spot: Spot, type_: GraphQLObjectType, fields: Callable[[], Fields]) -> Complete:
    """Completes an object at a position; `fields` is called when the first object is there."""
    known, is_cast = known_class(type_), type_.is_type_of is not None
    selected: list[tuple[Any, ...]] = []

    def complete(run: "Run", source: Any, above: Place, key: str | int, held: Any) -> Any:
        if type(source) is not known or (is_cast and getattr(source, TYPE_CAST_ATTRIBUTE, None) is not None):
            if type(source) is Ready:
                return source.value
            if isinstance(source, Exception):
                raise source
            if source is None or source is Undefined:
                return None
            _hold(run, source, type_, spot, above)
        if not selected:
            selected.extend(_flat(fields()))
        data: dict[str, Any] = {}
        here: Place | None = None
        try:
            for name, get, kind, convert, nullable, field in selected:
                if get is not None:
                    try:
                        value = get(source)
                        if type(value) is kind:
                            data[name] = value if convert is None else convert(value)
                            continue
                    except Exception as error:
                        here = here or Place(above, key, held, spot)
                        data[name] = run.failed(error, here, name, field.spot)
                        continue
                    if value is None and nullable:
                        data[name] = None
                        continue
                    here = here or Place(above, key, held, spot)
                    data[name] = field.fill(run, value, here, name, data)
                else:
                    here = here or Place(above, key, held, spot)
                    data[name] = field.step(run, source, here, data)
        except Exception:  # Whatever it is goes on up; what was begun below here must not be waited for.
            if here is not None:
                run.abandon(here)
            raise
        return data

    return complete


def known_class(type_: GraphQLObjectType) -> type | None:
    """The class whose instances are of this type whatever they hold; None where each has to be looked at."""
    definition = type_.extensions.get(DEFINITION)
    if not isinstance(definition, StrawberryObjectDefinition) or definition.is_type_of is not None:
        return None
    origin = definition.origin
    return None if issubclass(origin, Exception) or hasattr(origin, "__await__") else origin


def _flat(fields: Fields) -> list[tuple[Any, ...]]:
    return [(one.asked.key, one.get, one.kind, one.convert, one.spot.nullable, one) for one in fields]


def _hold(run: "Run", source: Any, type_: GraphQLObjectType, spot: Spot, above: Place) -> None:
    """Raises what graphql-core would of a value that is not of the type."""
    if type_.is_type_of is None:
        return
    asked: Any = spot.asked
    found = type_.is_type_of(source, RawInfo(run, asked, field_place(above, spot)))  # type: ignore[arg-type]  # has what is read
    if not found:
        raise GraphQLError(f"Expected value of type '{type_}' but got: {inspect(source)}.", spot.nodes)


def field_place(above: Place, spot: Spot) -> Place:
    """The place of the object that has the field, from a place within that field's lists."""
    place: Any = above
    while spot.item:
        spot, place = place.spot, place.above
    found: Place = place
    return found
