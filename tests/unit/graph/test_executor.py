"""A subscription that lives long remembers nothing of the events that it has had."""

import gc
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
import strawberry
from graphql.execution.collect_fields import CollectedFields

from graph.executor import EventExecutor


@strawberry.type
class Inner:
    """Something below an event."""

    number: int


@strawberry.type
class Event:
    """An event that is asked for what is below it."""

    inner: Inner


@strawberry.type
class Query:
    """A schema has one."""

    number: int = 0


@strawberry.type
class Subscription:
    """Events without end."""

    @strawberry.subscription
    async def events(self) -> AsyncGenerator[Event, None]:
        """One after another."""
        number = 0
        while True:
            number += 1
            yield Event(inner=Inner(number=number))


async def remembered(schema: strawberry.Schema, events: int) -> int:
    """How many collected selections are still held after so many events of one open subscription."""
    async with aclosing(await schema.stream("subscription { events { inner { number } } }")) as answers:
        for _ in range(events):
            await anext(answers)
        gc.collect()
        return sum(isinstance(held, CollectedFields) for held in gc.get_objects())


async def test_what_is_held_does_not_grow_with_the_events() -> None:
    schema = strawberry.Schema(Query, subscription=Subscription, execution_context_class=EventExecutor)
    few, many = await remembered(schema, 10), await remembered(schema, 300)
    assert many == pytest.approx(few, abs=5)
