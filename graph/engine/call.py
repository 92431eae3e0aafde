"""Calling a field's resolver: without Strawberry's glue where that does nothing, and through it where it does."""

import inspect
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import strawberry
from graphql import GraphQLUnionType, get_nullable_type
from strawberry.schema.exception_handlers import get_error_type, get_exception_types
from strawberry.schema.schema_converter import field_contains_type
from strawberry.types.field import StrawberryField

from graph.engine.arguments import Arguments, core_arguments
from graph.engine.asked import Asked
from graph.engine.convert import Converters
from graph.engine.info import RawInfo, info_class
from graph.engine.place import Place
from graph.engine.unknown import Unknown

if TYPE_CHECKING:
    from graph.engine.run import Run

Call: TypeAlias = "Callable[[Run, Any, Place], Any]"
"""(run, source, the source's place) to what the resolver gives."""

_Handlers = tuple[tuple[tuple[type[Exception], ...], Any], ...]


def attribute(asked: Asked, schema: strawberry.Schema) -> Callable[[Any], Any] | None:
    """Reads the attribute that the field is; None for a field that is more than an attribute."""
    field = asked.field
    if type(field) is not StrawberryField or not field.is_basic_field or schema.config.default_resolver is not getattr:
        return None
    return None if _handlers(asked, schema) else attrgetter(field.python_name)


def call_of(asked: Asked, schema: strawberry.Schema, converters: Converters) -> Call:
    """How the field's resolver is called."""
    field = asked.field
    try:
        if type(field) is not StrawberryField or field.extensions or field.base_resolver is None:
            raise Unknown("a field with more to it than its resolver")
        return _straight(asked, schema, Arguments(asked, schema, converters))
    except Unknown:
        resolve: Any = asked.definition.subscribe or asked.definition.resolve

        def call(run: "Run", source: Any, here: Place) -> Any:
            return resolve(source, RawInfo(run, asked, here), **core_arguments(asked, run))

        return call


def _straight(asked: Asked, schema: strawberry.Schema, arguments: Arguments) -> Call:
    base: Any = schema.config.info_class
    field, made = asked.field, info_class(base)
    resolver = field.base_resolver
    if resolver is None or not callable(resolver.wrapped_func):
        raise Unknown("no resolver")
    function: Any = resolver.wrapped_func
    build, takes_self, told = arguments.needed(), resolver.self_parameter, resolver.info_parameter
    sources = [one.name for one in (resolver.parent_parameter, resolver.root_parameter) if one]
    handlers = _handlers(asked, schema)
    if takes_self and told and told.name == "info" and not sources and not handlers:
        # Nearly all of them.
        if build is None:
            return lambda run, source, here: function(source, info=made(run, asked, here))

        def with_arguments(run: "Run", source: Any, here: Place) -> Any:
            info = made(run, asked, here)
            return function(source, info=info, **build(run, info))

        return with_arguments

    def resolve(run: "Run", source: Any, info: Any) -> Any:
        given = build(run, info) if build is not None else {}
        for name in sources:
            given[name] = source
        if told:
            given[told.name] = info
        return function(source, **given) if takes_self else function(**given)

    if not handlers:
        return lambda run, source, here: resolve(run, source, made(run, asked, here))
    if field.is_async:

        async def handled(run: "Run", source: Any, info: Any) -> Any:
            try:
                found = resolve(run, source, info)
                return await found if inspect.isawaitable(found) else found
            except Exception as error:
                answer = _answer(handlers, error, field, info)
                if inspect.isawaitable(answer):
                    answer = await answer
                if answer is None:
                    raise
                return answer

        return lambda run, source, here: handled(run, source, made(run, asked, here))
    return _handling(resolve, handlers, asked, made)


def _handling(resolve: Any, handlers: _Handlers, asked: Asked, made: Any) -> Call:
    """Of a resolver that is no coroutine, and may return one."""
    field = asked.field

    def call(run: "Run", source: Any, here: Place) -> Any:
        info = made(run, asked, here)
        try:
            found = resolve(run, source, info)
        except Exception as error:
            answer = _answer(handlers, error, field, info)
            if answer is None:
                raise
            return answer
        return waiting(found, info) if inspect.isawaitable(found) else found

    async def waiting(found: Any, info: Any) -> Any:
        try:
            return await found
        except Exception as error:
            answer = _answer(handlers, error, field, info)
            if inspect.isawaitable(answer):
                answer = await answer
            if answer is None:
                raise
            return answer

    return call


def _answer(handlers: _Handlers, error: Exception, field: StrawberryField, info: Any) -> Any:
    """What is answered in the error's place; None where it is raised on."""
    for kinds, handler in handlers:
        if isinstance(error, kinds):
            return handler.handle(error, field=field, info=info)
    return None


def _handlers(asked: Asked, schema: strawberry.Schema) -> _Handlers:
    """Those of the schema's handlers whose answers the field's type has, which then is a union."""
    field = asked.field
    if field.is_subscription or not isinstance(get_nullable_type(asked.definition.type), GraphQLUnionType):
        return ()
    return tuple(
        (get_exception_types(handler), handler)
        for handler in schema.exception_handlers
        if field_contains_type(field, get_error_type(handler))
    )
