"""Interfaces and unions in an answer: which object type a value is of, and then as that."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from graphql import GraphQLAbstractType, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from graphql.execution import Executor, default_type_resolver
from graphql.pyutils import Undefined
from strawberry.execution import optimized_is_awaitable
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from graph.engine.asked import Spot
from graph.engine.info import RawInfo
from graph.engine.objects import DEFINITION, field_place
from graph.engine.place import Place
from graph.engine.run import Complete

if TYPE_CHECKING:
    from graph.engine.run import Run


def abstract_completer(
    spot: Spot,
    type_: GraphQLAbstractType,
    schema: GraphQLSchema,
    completer: Callable[[Spot, GraphQLObjectType], Complete],
) -> Complete:
    """Completes a value of an interface or union; `completer` completes it once its own type is known."""
    known = _known(type_, schema)
    by_class: dict[type, Complete] = {}
    by_name: dict[str, Complete] = {}
    resolve: Any = type_.resolve_type or default_type_resolver

    def of_type(object_type: GraphQLObjectType) -> Complete:
        if object_type.name not in by_name:
            by_name[object_type.name] = completer(spot, object_type)
        return by_name[object_type.name]

    def complete(run: "Run", value: Any, above: Place, key: str | int, held: Any) -> Any:
        found = by_class.get(type(value))
        if found is None or getattr(value, TYPE_CAST_ATTRIBUTE, None) is not None:
            if isinstance(value, Exception):
                raise value
            if value is None or value is Undefined:
                return None
            if type(value) in known and getattr(value, TYPE_CAST_ATTRIBUTE, None) is None:
                found = by_class[type(value)] = of_type(known[type(value)])
            else:
                asked: Any = spot.asked
                info = RawInfo(run, asked, field_place(above, spot))
                name = resolve(value, info, type_)
                if optimized_is_awaitable(name):

                    def named(run: "Run", name: Any, above: Place, key: str | int, held: Any) -> Any:
                        return of_type(_named(schema, name, type_, spot, info, value))(run, value, above, key, held)

                    return run.wait(name, Place(above, key, held, spot), named)
                found = of_type(_named(schema, name, type_, spot, info, value))
        return found(run, value, above, key, held)

    return complete


def _named(
    schema: GraphQLSchema, name: Any, type_: GraphQLAbstractType, spot: Spot, info: RawInfo, value: Any
) -> GraphQLObjectType:
    """The type of that name; what graphql-core raises where there is none that could stand here."""
    asked, executor = spot.asked, SimpleNamespace(schema=schema)
    hold: Any = Executor.ensure_valid_runtime_type
    found: GraphQLObjectType = hold(executor, name, type_, asked.details if asked else [], info, value)
    return found


def _known(type_: GraphQLAbstractType, schema: GraphQLSchema) -> dict[type, GraphQLObjectType]:
    """The classes of which Strawberry says the type without looking at the value."""
    own = type_.extensions.get(DEFINITION)
    interface = None
    if isinstance(type_, GraphQLInterfaceType):
        if not isinstance(own, StrawberryObjectDefinition) or own.resolve_type is not None:
            return {}
        interface = own.origin
    found: dict[type, GraphQLObjectType] = {}
    for possible in schema.get_possible_types(type_):
        definition = possible.extensions.get(DEFINITION)
        if (
            isinstance(definition, StrawberryObjectDefinition)
            and definition.concrete_of is None
            and not definition.is_graphql_generic
            and not issubclass(definition.origin, Exception)
            and (interface is None or (issubclass(definition.origin, interface) and definition.name == possible.name))
        ):
            found[definition.origin] = possible
    return found
