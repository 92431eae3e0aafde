"""The project's own schema over invented objects: whatever a resolver has to find is drawn from a pool.

Everything but the finding is as it is: types, arguments, conversions, handlers. So thousands of operations take
seconds, and fail, wait and are null in ways that a database hardly would.
"""

import asyncio
import copy
import functools
import random
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)
from strawberry.types.field import StrawberryField

from access.authenticate import Unauthenticated
from services import problem
from triage.fault import Fault

_EACH = 4
_DEFINITION = "strawberry-definition"
_SCALARS: dict[str, list[Any]] = {
    "Int": [0, 1, 42, 2**31 - 1],
    "Float": [0.5, 37.25, 2],
    "String": ["", "đường", "text"],
    "Boolean": [True, False],
    "ID": ["QWxlcnQ6MQ==", "id"],
    "Date": [date(2022, 3, 1), date(2021, 12, 31)],
    "DateTime": [datetime(2022, 3, 1, 10, 0, 0, 125, tzinfo=UTC), datetime(2022, 3, 1)],
    "Time": [time(10, 30), time(23, 59, 59)],
    "UUID": [UUID(int=7)],
}
_REFUSALS: list[Callable[[], Exception]] = [
    problem.NotFound,
    lambda: problem.InvalidInput((Fault(("name",), "REQUIRED"),)),
    lambda: problem.Conflict("WRONG_STATE", problem.Current("CASE", None), {"state": "OPEN", "allowed": ["close"]}),
    Unauthenticated,
    lambda: ValueError("a fault of ours"),
]


class Told:
    """The context as far as handlers look at it."""

    language = "en"

    def __init__(self) -> None:
        """Nothing was told."""
        self.noted: list[tuple[str, ...]] = []

    def told(self, *said: str) -> None:
        """Notes what was refused."""
        self.noted.append(said)

    refused = told


class Pool:
    """Some objects of each type, which are each other's values."""

    def __init__(self, schema: strawberry.Schema, seed: str, *, rows: int | None = None) -> None:
        """Fills it, and has the schema's resolvers find in it. The schema is then good for nothing else.

        With `rows` nothing fails, every list has as many, and only what is a coroutine is waited for: to measure.
        """
        self._schema, self._chance, self._rows = schema, random.Random(seed), rows
        self._types = {
            name: type_
            for name, type_ in schema._schema.type_map.items()
            if isinstance(type_, GraphQLObjectType) and not name.startswith("__")
        }
        self._objects: dict[str, list[Any]] = {}
        self._kept: dict[Any, Any] = {}
        self._failures: list[Exception] = []
        for name, type_ in self._types.items():
            self._objects[name] = [object.__new__(type_.extensions[_DEFINITION].origin) for _ in range(_EACH)]
        for name, type_ in self._types.items():
            for key, definition in type_.fields.items():
                field = definition.extensions[_DEFINITION]
                if field.base_resolver is None:
                    for number, one in enumerate(self._objects[name]):
                        one.__dict__["pooled"] = f"{name} {number}"
                        self._give(one, field.python_name, definition)
                else:
                    self._resolve(f"{name}.{key}", field, definition)

    def one(self, type_: str) -> Any:
        """An object of this type."""
        return self._objects[type_][0]

    def forget(self) -> None:
        """Lets go of what the exceptions among the values were raised through, which they would keep."""
        for failure in self._failures:
            failure.__traceback__ = failure.__context__ = None

    def _give(self, one: Any, name: str, definition: GraphQLField) -> None:
        if self._rows is None and self._chance.random() < 0.01:
            return
        value = one.__dict__[name] = self._value(definition.type, self._chance, odd=0.02)
        self._failures += [failure for failure in (value if isinstance(value, list) else [value]) if _fails(failure)]

    def _resolve(self, name: str, field: StrawberryField, definition: GraphQLField) -> None:
        """Has the field find in the pool, by a resolver of the same signature: sometimes a coroutine, as drawn."""
        found, type_, pick = copy.copy(field), definition.type, self._picked
        found.base_resolver = copy.copy(field.base_resolver)  # type: ignore[arg-type]  # it has one
        original: Any = field.base_resolver.wrapped_func  # type: ignore[union-attr]  # it has one
        if field.is_subscription:

            @functools.wraps(original)
            async def fake(*source: Any, info: Any, **given: Any) -> Any:
                for number in range(2):
                    yield pick(f"{name} {number}", type_, source, given)

        elif field.is_async if self._rows else self._chance.random() < 0.4:

            @functools.wraps(original)
            async def fake(*source: Any, **given: Any) -> Any:
                given.pop("info", None)
                await asyncio.sleep(0)
                return pick(name, type_, source, given)

        elif not self._rows and self._chance.random() < 0.3:

            @functools.wraps(original)
            def fake(*source: Any, **given: Any) -> Any:
                given.pop("info", None)
                future = asyncio.get_running_loop().create_future()
                future.set_result(pick(name, type_, source, given))
                return future

        else:

            @functools.wraps(original)
            def fake(*source: Any, **given: Any) -> Any:
                given.pop("info", None)
                return pick(name, type_, source, given)

        found.base_resolver.wrapped_func = fake  # type: ignore[union-attr]  # it has one
        found.__dict__.pop("is_async", None)
        definition.extensions[_DEFINITION] = found
        resolve = self._schema.schema_converter.from_resolver(found)
        if field.is_subscription:
            definition.subscribe = resolve
        else:
            definition.resolve = resolve

    def _picked(self, name: str, type_: Any, source: Any, given: Any) -> Any:
        """The same for the same field of the same object with the same arguments."""
        if self._rows and (name, type_) in self._kept:
            return self._kept[name, type_]
        told = f"{name} {[getattr(one, 'pooled', None) for one in source]} {sorted(given.items())}"
        chance = random.Random(zlib.crc32(told.encode()))
        if self._rows is None and chance.random() < 0.04:
            raise chance.choice(_REFUSALS)()
        found = self._value(type_, chance, odd=0.01)
        if self._rows:
            self._kept[name, type_] = found
        return found

    def _value(self, type_: Any, chance: random.Random, odd: float) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return self._present(type_.of_type, chance, odd)
        return None if chance.random() < 0.2 else self._present(type_, chance, odd)

    def _present(self, type_: Any, chance: random.Random, odd: float) -> Any:
        if self._rows is None and chance.random() < odd:
            return chance.choice([None, "odd", 7, ValueError("as a value"), object, [], 1.5, 2**31])
        if isinstance(type_, GraphQLList):
            return [self._value(type_.of_type, chance, odd / 4) for _ in range(self._length(type_.of_type, chance))]
        if isinstance(type_, GraphQLEnumType):
            raw = not self._rows and chance.random() < 0.3
            return chance.choice(list(type_.values.values())).value if raw else self._member(type_, chance)
        if is_leaf_type(type_):
            return chance.choice(_SCALARS.get(type_.name, ["text"]))
        if is_abstract_type(type_):
            type_ = chance.choice(self._schema._schema.get_possible_types(type_))
        return chance.choice(self._objects[type_.name])

    def _length(self, item: Any, chance: random.Random) -> int:
        if self._rows is None:
            return chance.randint(0, 3)
        return 2 if is_leaf_type(get_named_type(item)) else self._rows

    def _member(self, type_: Any, chance: random.Random) -> Any:
        return chance.choice(list(type_.wrapped_cls))


def _fails(value: Any) -> bool:
    return isinstance(value, Exception)
