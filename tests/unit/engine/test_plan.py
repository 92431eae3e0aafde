"""What a plan promises beside the answer: what it leaves to graphql-core, and what it does with what is waited for."""

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
import strawberry
from graphql import parse
from strawberry.extensions import SchemaExtension

from graph.engine import Plan, plan_of
from graph.engine.place import Place
from tests.unit.engine.features import SCHEMA, Anything, Query, context


class Times(SchemaExtension):
    """Would have to be called for every field."""

    def resolve(self, _next: Any, root: Any, info: Any, *args: str, **kwargs: Any) -> Any:
        """As it was."""
        return _next(root, info, *args, **kwargs)


def plan(text: str, **more: Any) -> Plan:
    """The plan of a document that has one."""
    found = plan_of(SCHEMA, parse(text), **more)
    assert found is not None
    return found


def places() -> int:
    """How many places of answers are still held."""
    gc.collect()
    return sum(isinstance(held, Place) for held in gc.get_objects())


async def data(text: str, told: dict[str, Any] | None = None, **variables: Any) -> Any:
    """The data of an answer without errors."""
    result = await plan(text).execute(told or context(), variables, Query())
    assert result is not None
    assert not result.errors, result.errors
    return result.data


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { types { name } } }",
        '{ plain __type(name: "Person") { name } }',
        "{ plain @defer }",
        "{ people { name @stream } }",
        "query @disableErrorPropagation { plain }",
        "query Q { plain } query R { plain @unheard }",
        "fragment F($a: Int) on Query { plain } { ...F }",
    ],
)
def test_what_is_not_known_is_left_to_graphql_core(text: str) -> None:
    assert plan_of(SCHEMA, parse(text, experimental_fragment_arguments=True)) is None


def test_a_schema_whose_extensions_look_on_is_left_to_graphql_core() -> None:
    assert plan_of(strawberry.Schema(Query, extensions=[Times], config=SCHEMA.config), parse("{ plain }")) is None


async def test_the_operation_of_that_name_runs() -> None:
    document = parse("query A { plain } query B { page { total } }")
    found = plan_of(SCHEMA, document, "B")
    assert found is not None
    result = await found.execute(context())
    assert result is not None
    assert result.data == {"page": {"total": 3}}


async def test_what_stands_side_by_side_is_loaded_at_once() -> None:
    told = context()
    await data("{ people(first: 3) { ... on Person { loaded { name loaded { id } } friends { name } } } }", told)
    assert [sorted(set(batch)) for batch in told["batches"]] == [["an", "binh", "chi"]]


async def test_a_resolver_is_told_what_strawberry_tells_it() -> None:
    seen: list[Any] = []

    @strawberry.type
    class Asked:
        @strawberry.field
        async def here(self, info: strawberry.Info, number: int = 1) -> int:
            seen.append(info)
            return number

    @strawberry.type
    class Root:
        @strawberry.field
        def asked(self) -> list[Asked]:
            return [Asked(), Asked()]

    schema = strawberry.Schema(Root)
    document = parse("query Q($n: Int!) { below: asked { ...F } } fragment F on Asked { there: here(number: $n) }")
    found = plan_of(schema, document)
    assert found is not None
    await found.execute("context", {"n": 7}, root="root")
    await schema.execute(
        "query Q($n: Int!) { below: asked { ...F } } fragment F on Asked { there: here(number: $n) }",
        {"n": 7},
        context_value="context",
        root_value="root",
    )
    ours, theirs = seen[1], seen[3]
    assert isinstance(ours, strawberry.Info)
    for name in ("path", "context", "root_value", "variable_values", "field_name", "python_name", "selected_fields"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert ours.schema is theirs.schema
    assert ours.return_type is theirs.return_type
    assert ours.query == theirs.query
    assert ours.get_argument_definition("number") == theirs.get_argument_definition("number")


async def test_whoever_goes_away_leaves_nothing_running() -> None:
    ended: list[str] = []
    begun = asyncio.Event()

    @strawberry.type
    class Root:
        @strawberry.field
        async def slow(self, name: str) -> str:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                ended.append(name)
            return name

    found = plan_of(strawberry.Schema(Root), parse('{ a: slow(name: "a") b: slow(name: "b") }'))
    assert found is not None
    running = asyncio.create_task(found.execute(None))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(ended) == ["a", "b"]


async def test_what_had_not_begun_when_all_became_null_never_does() -> None:
    begun: list[str] = []

    @strawberry.type
    class Root:
        @strawberry.field
        async def later(self) -> str:
            begun.append("later")
            return "later"

        @strawberry.field
        def fails(self) -> str:
            raise ValueError("at once")

    found = plan_of(strawberry.Schema(Root), parse("{ later fails }"))
    assert found is not None
    result = await found.execute(None)
    assert result is not None
    assert result.data is None
    assert [str(error.original_error) for error in result.errors or ()] == ["at once"]
    assert begun == []


async def test_what_others_wait_for_is_not_cancelled_with_a_field() -> None:
    shared: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @strawberry.type
    class Root:
        @strawberry.field
        def waits(self) -> str:
            return shared  # type: ignore[return-value]  # GraphQL awaits it

        @strawberry.field
        async def fails(self) -> str:
            raise ValueError("soon")

    found = plan_of(strawberry.Schema(Root), parse("{ waits fails }"))
    assert found is not None
    result = await found.execute(None)
    assert result is not None
    assert result.data is None
    assert not shared.cancelled()


async def test_a_literal_that_may_be_changed_is_nobody_else_s() -> None:
    given: list[Any] = []

    @strawberry.type
    class Root:
        @strawberry.field
        def take(self, any: Anything, words: list[str]) -> int:
            given.append((any, words))
            words.append("more")
            return len(words)

    schema = strawberry.Schema(Root, config=SCHEMA.config)
    found = plan_of(schema, parse('{ take(any: {a: [1]}, words: ["one"]) }'))
    assert found is not None
    results = [await found.execute(None) for _ in range(2)]
    assert [result and result.data for result in results] == [{"take": 2}, {"take": 2}]
    assert given[0][0] is not given[1][0]


async def test_a_subscription_that_is_left_closes_its_source() -> None:
    closed: list[bool] = []

    @strawberry.type
    class Going:
        @strawberry.subscription
        async def on(self) -> AsyncGenerator[int, None]:
            try:
                while True:
                    yield 1
            finally:
                closed.append(True)

    schema = strawberry.Schema(Query, subscription=Going, config=SCHEMA.config)
    found = plan_of(schema, parse("subscription { on }"))
    assert found is not None
    source = found.subscribe(None)
    assert source is not None
    async with aclosing(source) as answers:
        assert (await anext(answers)).data == {"on": 1}
    assert closed == [True]


async def test_nothing_is_left_of_an_answer() -> None:
    found = plan("{ people { ... on Person { name friend { slow } failsLater } } }")
    await found.execute(context())
    before = places()
    for _ in range(5):
        await found.execute(context())
    assert places() <= before


async def test_a_plan_that_grows_beyond_its_bound_gives_itself_up() -> None:
    deep = "{ people { ... on Person { friend { friend { friend { name } } name age } name age score } } }"
    found = plan(deep, most_fields=4)
    assert await found.execute(context()) is not None
    assert await found.execute(context()) is None
    assert found.size == 0


async def test_more_outcomes_of_conditions_than_are_kept_are_left_to_graphql_core() -> None:
    names = [f"c{number}" for number in range(4)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: plain @include(if: ${name})" for name in names)
    found, left = plan(f"query ({declared}) {{ {fields} }}"), 0
    for number in range(16):
        chosen = {name: bool(number >> place & 1) for place, name in enumerate(names)}
        result = await found.execute(context(), chosen, Query())
        left += result is None
        assert result is None or result.data == {name: "plain" for name in names if chosen[name]}
    assert left == 8


async def test_a_condition_that_is_null_is_left_to_graphql_core() -> None:
    found = plan("query ($c: Boolean = true) { plain @include(if: $c) }")
    assert await found.execute(context(), {"c": None}, Query()) is None
