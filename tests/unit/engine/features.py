"""A small schema with everything that a schema of ours has, and what others have besides."""

import asyncio
import enum
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Generic, NewType, TypeVar
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

T = TypeVar("T")
MOMENT = datetime(2022, 3, 1, 10, 30, tzinfo=UTC)


@strawberry.enum
class Colour(enum.Enum):
    """Named otherwise than its values."""

    RED = "r"
    GREEN = "g"


@strawberry.enum
class Renamed(enum.Enum):
    """Named otherwise in the API."""

    ONE = strawberry.enum_value("1", name="FIRST")
    TWO = strawberry.enum_value("2", name="SECOND")


Anything = NewType("Anything", object)


class Refused(Exception):
    """What a handler answers."""


@strawberry.input
class Inner:
    """Within another input."""

    number: int
    colour: Colour = Colour.GREEN
    words: list[str] = strawberry.field(default_factory=lambda: ["default"])


@strawberry.input
class Outer:
    """With whatever an input can have."""

    name: str
    inner: Inner
    more: list[Inner] | None = None
    grid: list[list[int]] | None = None
    when: datetime | None = None
    any: Anything | None = None
    unset: int | None = strawberry.UNSET
    ratio: float = 0.5


@strawberry.input
class Recursive:
    """Holds itself."""

    name: str
    below: "Recursive | None" = None


@strawberry.input(one_of=True)
class OneOf:
    """One of two."""

    number: int | None = strawberry.UNSET
    text: str | None = strawberry.UNSET


@strawberry.input
class Changed:
    """What may be left away, and what may be null."""

    name: strawberry.Maybe[str]
    note: strawberry.Maybe[str | None]


@strawberry.input
class BuildsItself:
    """Makes itself of what GraphQL has coerced."""

    number: int

    def __repr__(self) -> str:
        return f"BuildsItself({self.number})"


def _build(type_: Any, value: Any, context: Any) -> BuildsItself:
    return BuildsItself(number=value["number"] * 10 + len(context.path))


BuildsItself.__strawberry_definition__.from_input = _build  # type: ignore[attr-defined]  # set by the decorator


@strawberry.interface
class Named:
    """Whatever has a name."""

    name: str

    @strawberry.field
    def loud(self, mark: str = "!") -> str:
        """By a method of the interface."""
        return self.name.upper() + mark


@dataclass
class Row:
    """No type of the API."""

    name: str


@strawberry.type
class Page(Generic[T]):
    """Generic."""

    items: list[T]
    total: int


@strawberry.type
class Person(Named):
    """Has fields of every kind."""

    id: strawberry.ID
    age: int | None
    score: float
    colour: Colour
    renamed: Renamed | None
    born: date
    at: datetime
    clock: time
    key: UUID
    balance: Decimal
    any: Anything | None
    words: list[str]
    grid: list[list[int | None]]
    friend: "Person | None"
    strict: int = 1

    @strawberry.field
    def method(self, info: strawberry.Info, times: int = 1) -> str:
        """Knows where it is."""
        said = self.name * max(0, min(times, 3))
        return f"{said} {info.path.as_list()} {info.field_name} {info.python_name} {info.context['who']}"

    @strawberry.field
    async def slow(self, info: strawberry.Info) -> str:
        """Waited for."""
        await asyncio.sleep(0)
        return f"slow {self.name}"

    @strawberry.field
    def loaded(self, info: strawberry.Info) -> "Person | None":
        """By a loader, as a future."""
        loaded: Person | None = info.context["people"].load(self.name)
        return loaded

    @strawberry.field
    async def friends(self, info: strawberry.Info, first: int = 2) -> list["Person"]:
        """By a loader, several."""
        people = [await info.context["people"].load(name) for name in ("an", "binh", "chi")[:first]]
        return [one for one in people if one]

    @strawberry.field
    def fails(self, when: str = "x") -> str | None:
        """Raises for some."""
        if self.name.startswith(when):
            raise ValueError(f"{self.name} fails")
        return self.name

    @strawberry.field
    async def fails_later(self) -> str | None:
        """Raises for some, later."""
        await asyncio.sleep(0)
        raise ValueError(f"{self.name} fails later")

    @strawberry.field
    async def strictly_fails_later(self) -> str:
        """Raises later, where null may not stand."""
        await asyncio.sleep(0)
        if self.name == "binh":
            raise ValueError(f"{self.name} strictly fails later")
        return self.name

    @strawberry.field
    def nothing(self) -> str:
        """Null where null may not stand, for some."""
        return None if self.name == "chi" else "something"  # type: ignore[return-value]  # that is the point

    @strawberry.field
    def wrong(self) -> int | None:
        """No Int."""
        return "no number"  # type: ignore[return-value]  # that is the point

    @strawberry.field
    def given_error(self) -> str | None:
        """An exception as the value."""
        return KeyError("given")  # type: ignore[return-value]  # that is the point

    @strawberry.field
    def mixed(self) -> list[str | None]:
        """A list with what fails, what is waited for, and null."""
        return ["a", None, ValueError("in a list"), _later("b"), _fails("c")]  # type: ignore[list-item]  # on purpose

    @strawberry.field
    def strictly_mixed(self) -> list[str] | None:
        """The same where no item may be null."""
        return ["a", _later("b"), _fails("c"), _fails("d")]  # type: ignore[list-item]  # on purpose

    @strawberry.field
    def no_list(self) -> list[str] | None:
        """No list."""
        return 7  # type: ignore[return-value]  # that is the point

    @strawberry.field
    def generated(self) -> list[int]:
        """A generator."""
        return (number for number in range(3))  # type: ignore[return-value]  # on purpose

    @strawberry.field
    @staticmethod
    def static() -> str:
        """Takes nothing."""
        return "static"

    @strawberry.field
    def parent_of(self, root: strawberry.Parent["Person"]) -> str:
        """Takes its source by name."""
        return f"of {root.name}"


@strawberry.type
class Robot(Named):
    """Another that has a name."""

    serial: int


@strawberry.type
class Stray:
    """Known by what its value is."""

    name: str

    @classmethod
    def is_type_of(cls, value: object, info: Any) -> bool:
        """Rows as well."""
        return isinstance(value, Row | Stray)


@strawberry.type
class Refusal:
    """What is answered for Refused."""

    reason: str


class RefusedHandler(strawberry.ExceptionHandler[Refused, Refusal]):
    """From the exception to the answer; declines some."""

    async def handle(self, exception: Refused, *, field: StrawberryField, info: strawberry.Info) -> Refusal:
        """Waits for it; None declines."""
        await asyncio.sleep(0)
        declined = str(exception) == "declined"
        # Strawberry lets a handler decline, and its types do not.
        return None if declined else Refusal(reason=f"{exception} in {info.field_name}")  # type: ignore[return-value]  # None, too


class Nobody(BasePermission):
    """Lets nobody in but the one."""

    message = "not you"

    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        """By the context."""
        return bool(info.context["who"] == "me")


Anyone = Annotated[Person | Robot | Stray, strawberry.union("Anyone")]
Done = Annotated[Robot | Refusal, strawberry.union("Done")]


async def _later(value: str) -> str:
    await asyncio.sleep(0)
    return value


async def _fails(value: str) -> str:
    await asyncio.sleep(0)
    raise ValueError(value)


def person(name: str, friend: Person | None = None) -> Person:
    """Somebody."""
    number = len(name)
    return Person(
        name=name,
        id=strawberry.ID(name),
        age=number if number % 2 else None,
        score=number / 3,
        colour=Colour.RED,
        renamed=Renamed.TWO if number % 2 else Renamed.ONE if number == 4 else None,
        born=date(2000, 1, number),
        at=MOMENT,
        clock=time(10, number),
        key=UUID(int=number),
        balance=Decimal("1.50"),
        any=Anything({"of": [name, None, 1.5]}),
        words=[name, "tag"],
        grid=[[1, None], [], [number]],
        friend=friend,
    )


PEOPLE = {name: person(name, person("friend")) for name in ("an", "binh", "chi")}


@strawberry.type
class Query:
    """Reads."""

    plain: str = "plain"

    @strawberry.field
    def people(self, first: int = 2) -> list[Person | None] | None:
        """Some."""
        return [*list(PEOPLE.values())[:first], None]

    @strawberry.field
    async def person(self, name: str = "an", id: strawberry.ID | None = None) -> Person | None:
        """One, or none."""
        return PEOPLE.get(name)

    @strawberry.field
    def page(self) -> Page[Person] | None:
        """A generic."""
        return Page(items=list(PEOPLE.values()), total=3)

    @strawberry.field
    def numbers(self) -> Page[int]:
        """Another of the same."""
        return Page(items=[1, 2], total=2)

    @strawberry.field
    def anyone(self) -> list[Anyone | None]:
        """Members of a union, one known by its value alone."""
        return [PEOPLE["an"], Robot(name="r2", serial=2), Row("row"), Stray(name="stray")]  # type: ignore[list-item]  # so

    @strawberry.field
    def stranger(self) -> Anyone | None:
        """No member of the union."""
        return Refusal(reason="no member")  # type: ignore[return-value]  # that is the point

    @strawberry.field
    async def named(self) -> list[Named | None]:
        """Of an interface."""
        return [Robot(name="r2", serial=2), None, PEOPLE["chi"]]

    @strawberry.field
    def unnamed(self) -> Named | None:
        """Not of the interface."""
        return Row("row")  # type: ignore[return-value]  # that is the point

    @strawberry.field
    def echo(
        self,
        info: strawberry.Info,
        number: int | None = 3,
        ratio: float | None = None,
        text: Annotated[str | None, strawberry.argument(name="texte")] = None,
        colour: Colour = Colour.RED,
        colours: list[Colour | None] | None = None,
        renamed: Renamed | None = None,
        outer: Outer | None = None,
        recursive: Recursive | None = None,
        one: OneOf | None = None,
        changed: Changed | None = None,
        built: BuildsItself | None = None,
        grid: list[list[int]] | None = None,
        any: Anything | None = None,
        on: date | None = None,
        at: datetime | None = None,
        id: strawberry.ID | None = None,
    ) -> str | None:
        """Says what it was given."""
        given = (
            number,
            ratio,
            text,
            colour,
            colours,
            renamed,
            outer,
            recursive,
            one,
            changed,
            built,
            grid,
            any,
            on,
            at,
        )
        return f"{given} {id} {sorted(info.variable_values)}"

    @strawberry.field
    def required(self, outer: Outer, number: int, one: OneOf) -> str | None:
        """Says what it had to be given."""
        return f"{outer} {number} {one}"

    @strawberry.field(permission_classes=[Nobody])  # type: ignore[untyped-decorator]  # Strawberry has it so
    def secret(self, number: int = 1) -> str | None:
        """For one alone."""
        return f"secret {number}"

    @strawberry.field
    def selected(self, info: strawberry.Info) -> Person | None:
        """Looks at what is asked of it."""
        names = [one.name for one in info.selected_fields[0].selections if hasattr(one, "name")]
        return person("".join(names)[:20] or "x")


@strawberry.type
class Mutation:
    """Changes one after the other."""

    @strawberry.mutation
    async def push(self, info: strawberry.Info, number: int) -> int:
        """Notes the number, after a while that is shorter for greater ones."""
        for _ in range(max(0, 5 - number)):
            await asyncio.sleep(0)
        info.context["pushed"].append(number)
        return len(info.context["pushed"])

    @strawberry.mutation
    def refuse(self, how: str = "said") -> Done:
        """Refused at once."""
        if how == "fails":
            raise ValueError("no refusal")
        if how == "not":
            return Robot(name="done", serial=1)
        raise Refused(how)

    @strawberry.mutation
    async def refuse_later(self, info: strawberry.Info, input: Outer, how: str = "said") -> Done:
        """Refused after a while."""
        await asyncio.sleep(0)
        info.context["pushed"].append(input.name)
        if how == "not":
            return Robot(name=input.name, serial=input.inner.number)
        raise Refused(how)

    @strawberry.mutation
    async def strictly(self, fails: bool = False) -> Person:
        """May not be null."""
        await asyncio.sleep(0)
        if fails:
            raise ValueError("strictly")
        return PEOPLE["an"]


@strawberry.type
class Subscription:
    """Goes on."""

    @strawberry.subscription
    async def count(self, info: strawberry.Info, to: int = 2, fails: bool = False) -> AsyncGenerator[int, None]:
        """Numbers."""
        for number in range(min(to, 5)):
            yield number
        if fails:
            raise ValueError("the stream fails")

    @strawberry.subscription
    async def met(self, info: strawberry.Info, first: int = 2) -> AsyncGenerator[Person, None]:
        """People."""
        for one in list(PEOPLE.values())[:first]:
            yield one

    @strawberry.subscription
    async def never(self) -> AsyncGenerator[int, None]:
        """Fails before the first."""
        if self is None:
            raise ValueError("never")
        yield 1


SCHEMA = strawberry.Schema(
    Query,
    Mutation,
    Subscription,
    types=[Robot],
    exception_handlers=[RefusedHandler()],
    config=StrawberryConfig(
        auto_camel_case=True,
        scalar_map={
            Anything: strawberry.scalar(name="Anything", serialize=lambda value: value, parse_value=lambda value: value)
        },
    ),
)


class Shared(DataLoader[str, Person | None]):
    """graphql-core cancels what a field waits for that is given up, and with it what others wait for as well."""

    def load(self, key: str) -> Any:
        """Whoever gives it up does so alone."""
        return asyncio.shield(super().load(key))


def context(who: str = "me") -> dict[str, Any]:
    """What every resolver is handed, new for each operation."""
    batches: list[list[str]] = []

    async def load(names: list[str]) -> list[Person | None]:
        batches.append(names)
        await asyncio.sleep(0)
        return [PEOPLE.get(name) for name in names]

    return {"who": who, "people": Shared(load_fn=load), "batches": batches, "pushed": []}
