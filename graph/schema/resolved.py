"""Strawberry's decorators for resolvers with the types kept: its own give back Any wherever there is a description.

Those of root fields name what the caller asks to do, and let nobody in whose role does not have it.
"""

import contextlib
import functools
import inspect
from collections.abc import AsyncGenerator, Callable
from typing import Any, TypeVar

import strawberry

from access.actor import Actor
from access.authenticate import Unauthenticated
from access.policy import Action, may
from graph.odd_text import without_odd_text
from services.problem import NotFound

R = TypeVar("R", bound=Callable[..., Any])

BY_ACCOUNT = "by_account"
_ACTION = "__khaibao_action__"


class NoAction(Exception):
    """A root field does not say what it is that its caller asks to do."""


def resolved(description: str, *, by_account: bool = False) -> Callable[[R], R]:
    """A field of an object that this function or method resolves.

    `by_account` says that what it shows depends on which account asks, not only on where and as what it stands: whoever
    asks for it shares no execution with others.
    """
    decorator: Callable[[R], R] = strawberry.field(description=description, metadata={BY_ACCOUNT: by_account})
    return decorator


def querying(description: str, action: Action) -> Callable[[R], R]:
    """A root field that reads."""
    return _root(strawberry.field, description, action, lambda context: context.only_reads())


def mutating(description: str, action: Action) -> Callable[[R], R]:
    """A root field that changes something."""
    return _root(strawberry.mutation, description, action, lambda context: context.writes())


def subscribed(description: str, action: Action) -> Callable[[R], R]:
    """A root field whose events this method yields."""
    return _root(strawberry.subscription, description, action, lambda context: context.stays())


def _root(
    made: Callable[..., Any], description: str, action: Action, begins: Callable[[Any], None]
) -> Callable[[R], R]:
    def decorate(resolver: R) -> R:
        field: R = made(_gated(resolver, action, begins), description=description)
        return field

    return decorate


def require(actor: Actor, action: Action) -> None:
    """Raises Unauthenticated where nobody is signed in and somebody might, NotFound where the role has no such action.

    Refused as if there were nothing: being told "forbidden" would already tell something.
    """
    if may(actor, action):
        return
    raise Unauthenticated if actor.kind == "ANONYMOUS" else NotFound


def actions(*roots: type) -> dict[str, Action]:
    """The action of each root field, by "Query.alerts". Raises NoAction for one that names none."""
    found: dict[str, Action] = {}
    for root in roots:
        definition = root.__strawberry_definition__  # type: ignore[attr-defined]  # Strawberry adds it
        for field in definition.fields:
            resolver = field.base_resolver
            action = getattr(resolver.wrapped_func, _ACTION, None) if resolver else None
            name = f"{definition.name}.{field.name}"
            if not isinstance(action, Action):
                raise NoAction(f"{name} names no action: make it with querying, mutating or subscribed")
            found[name] = action
    return found


def describe_inputs(mutation: type) -> None:
    """Gives each argument `input` the words of its type, which say what is sent."""
    for field in mutation.__strawberry_definition__.fields:  # type: ignore[attr-defined]  # Strawberry adds it
        for argument in field.arguments:
            definition = getattr(argument.type, "__strawberry_definition__", None)
            if argument.python_name == "input" and definition is not None:
                argument.description = definition.description


def _gated(resolver: Callable[..., Any], action: Action, begins: Callable[[Any], None]) -> Callable[..., Any]:
    gated: Callable[..., Any]
    if inspect.isasyncgenfunction(resolver):

        @functools.wraps(resolver)
        async def gated(self: Any, info: Any, **arguments: Any) -> AsyncGenerator[Any, None]:
            require(info.context.actor, action)
            begins(info.context)
            with without_odd_text(info.context, arguments):
                async with contextlib.aclosing(resolver(self, info, **arguments)) as events:
                    async for event in events:
                        yield event
    elif inspect.iscoroutinefunction(resolver):

        @functools.wraps(resolver)
        async def gated(self: Any, info: Any, **arguments: Any) -> Any:
            require(info.context.actor, action)
            begins(info.context)
            with without_odd_text(info.context, arguments):
                return await resolver(self, info, **arguments)
    else:

        @functools.wraps(resolver)
        def gated(self: Any, info: Any, **arguments: Any) -> Any:
            require(info.context.actor, action)
            begins(info.context)
            with without_odd_text(info.context, arguments):
                return resolver(self, info, **arguments)

    setattr(gated, _ACTION, action)
    return gated
