"""What a resolver has completed by itself stands in the answer as it is."""

import asyncio
from typing import cast

import strawberry
from graphql import parse

from graph.engine import Ready, plan_of


@strawberry.type
class Row:
    """Something with two fields, neither of which is looked at."""

    number: int
    name: str


ROW = {"b": "two", "number": 1}


@strawberry.type
class Query:
    """Ready at once, ready later, and in a list."""

    @strawberry.field
    def now(self) -> Row:
        return cast(Row, Ready(ROW))

    @strawberry.field
    async def later(self) -> Row | None:
        await asyncio.sleep(0)  # Lets the loop have its turn: what comes later is completed in another place.
        return cast(Row, Ready(ROW))

    @strawberry.field
    def many(self) -> list[Row]:
        return [cast(Row, Ready(ROW)), Row(number=3, name="three")]


async def test_a_finished_object_stands_in_the_answer_as_it_is() -> None:
    rows = "{ b: name number }"
    plan = plan_of(strawberry.Schema(Query), parse(f"{{ now {rows} later {rows} many {rows} }}"))
    assert plan
    result = await plan.execute(None)
    assert result
    assert result.errors is None
    assert result.data == {"now": ROW, "later": ROW, "many": [ROW, {"b": "three", "number": 3}]}
