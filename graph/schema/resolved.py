"""Strawberry's decorators for resolvers with the types kept: its own give back Any wherever there is a description."""

from collections.abc import Callable
from typing import TypeVar

import strawberry

R = TypeVar("R")


def resolved(description: str) -> Callable[[R], R]:
    """A field that this function or method resolves."""
    decorator: Callable[[R], R] = strawberry.field(description=description)
    return decorator


def mutating(description: str) -> Callable[[R], R]:
    """A mutation that this method carries out."""
    decorator: Callable[[R], R] = strawberry.mutation(description=description)
    return decorator


def subscribed(description: str) -> Callable[[R], R]:
    """A subscription whose events this method yields."""
    decorator: Callable[[R], R] = strawberry.subscription(description=description)
    return decorator
