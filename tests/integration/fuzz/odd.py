"""Odd values: what is of the right type and yet at its edge, and what is of no type that was asked for."""

import random
from collections import deque
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    get_nullable_type,
)

from access.actor import Actor
from tests.integration.fuzz.ids import odd_cursor, odd_id
from tests.integration.scope.grove import Grove
from tests.integration.scope.oracle import Oracle
from tests.integration.scope.values import Values


@dataclass(frozen=True, slots=True)
class Raw:
    """A token that stands as it is: a number that Python cannot hold or would write otherwise."""

    text: str


TEXTS = [
    "",
    " ",
    "\t\n\r",
    "\0",
    "a\0b",
    "\x01\x02\x1b[31m\x7f\x85",
    "\u202eđảo ngược\u202c",
    "\u2066\u2067\u2068\u2069\u200e\u200f",
    "\u200b\u200d\ufeff",
    "\u2028\u2029",
    "a" + "\u0300" * 300,
    "\U0010ffff\ufffe\uffff",
    "👩‍👩‍👧‍👦" * 20,
    "ﷺ" * 50,
    "İıſK",
    "x" * 201,
    "x" * 5_000,
    "Ω" * 3_000,
    "٣٤٥",
    "0912345678\n",
    "+84" + "9" * 40,
    "'; DROP TABLE person; --",
    "%s%n{0}${x}",
    "../../../etc/passwd",
    "<script>",
    "null",
    "NaN",
    "1e400",
    "[]",
    "%00%ff",
    "=1+1",
    "\ud800",
]
INTS: list[Any] = [
    *(0, -1, 1, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1, 2**53, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**15),
    *(Raw("1e400"), Raw("-0"), Raw("1e2"), Raw("1.0"), Raw("9" * 400), Raw("-" + "9" * 5_000), Raw("0.1e-999")),
]
FLOATS: list[Any] = [
    *(0.0, -0.0, -1.0, 1e308, -1e308, 5e-324, 1e15, 36.6, 0.1 + 0.2, 1e-9, 100000000000.0, 37.00000000001),
    *(Raw("1e400"), Raw("9" * 5_000), Raw("-1e309"), Raw("NaN"), Raw("Infinity")),
]
DATES = [
    *("0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "-0001-01-01", "2021-02-29", "2020-02-29", "1900-02-29"),
    *(
        "1582-10-10",
        "2022-13-01",
        "2022-3-7",
        "20220307",
        "2022-W10-1",
        "2022-066",
        "2022-03-07T00:00:00",
        "٢٠٢٢-٠٣-٠٧",
    ),
    *("0001-01-02", "9999-12-30", "1752-09-05", "2199-12-31", "1869-12-31", "2022-03-18\0", "", " 2022-03-18"),
]
TIMES = [
    *("24:00:00", "23:59:60", "00:00:00+23:59", "00:00:00-23:59", "12:00:00.9999999", "12", "12:00Z", "T12:00", "1200"),
    *("00:00:00", "23:59:59.999999", "12:00:00+00:00:01", "12:00:00+14:00", "\0", "", "-01:00"),
]
MOMENTS = [
    *("0000-00-00T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00Z"),
    *("9999-12-31T23:59:59.999999Z", "2021-02-29T00:00:00Z", "2022-03-18T24:00:00Z", "2022-03-18", "2022-03-18T10:00"),
    *("2022-03-18T10:00:00+23:59", "2022-03-18T10:00:00-00:00", "2022-03-18T10:00:00+05:30:15", "2022-03-18 10:00Z"),
    *("10000-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2022-03-18T10:00:00.1234567Z", "2022-W11-5T10", "", "\0"),
    *("0001-01-01T00:00:00", "9999-12-31T23:59:59", "1900-01-01T00:00:00Z", "2199-12-31T23:59:59+07:00"),
]
ANYTHING: list[Any] = [
    *(None, True, False, 0, -1, 2**31, 1.5, "", "x", "\0", [], [None], [[]], {}, {"x": None}, {"__typename": "x"}),
    *(
        [[[[[]]]]],
        {"": ""},
        ["x"] * 30,
        Raw("1e400"),
        Raw("9" * 400),
        Raw("NaN"),
        {"a": {"b": {"c": [1, {"d": None}]}}},
    ),
]
_SHOWN = 60
_BY_SCALAR: dict[str, list[Any]] = {
    "Int": INTS,
    "Float": FLOATS,
    "Date": DATES,
    "DateTime": MOMENTS,
    "Time": TIMES,
    "String": TEXTS,
    "Boolean": [True, False],
}


class OddValues(Values):
    """Draws values as `Values` does, of which some are odd; `how_odd` is how many of a hundred leaves."""

    def __init__(self, grove: Grove, oracle: Oracle, chance: random.Random) -> None:
        """From what is there as `oracle` knows it."""
        super().__init__(grove, oracle, chance)
        self.how_odd = 10
        self.shown: dict[str, deque[str]] = {}
        """The latest identifiers in answers, by the names of their types."""

    def _value(self, actor: Actor, type_: GraphQLInputType, hint: str, argument: str) -> Any:
        chance = self._chance
        odd = chance.random() * 100 < self.how_odd
        if odd and chance.random() < 0.12:
            return chance.choice(ANYTHING)
        if odd and not isinstance(type_, GraphQLNonNull) and chance.random() < 0.2:
            return None
        bare = get_nullable_type(type_)
        match bare:
            case GraphQLList() if odd:
                many = chance.choice([0, 0, 1, 2, 11, 60, 101, 400])
                one = self._value(actor, bare.of_type, hint, argument)
                # The same thing many times, or different ones.
                return [one if chance.random() < 0.7 else super()._value(actor, bare.of_type, hint, argument)] * many
            case GraphQLEnumType() if odd:
                return chance.choice([*bare.values, "NOT_ONE", "", "true", next(iter(bare.values)).lower()])
            case GraphQLInputObjectType() if odd:
                value = super()._value(actor, bare, hint, argument)
                if isinstance(value, dict) and value:
                    value = dict(value)
                    key = chance.choice(list(value))
                    match chance.randrange(3):
                        case 0:
                            del value[key]
                        case 1:
                            value[key] = None
                        case _:
                            value[chance.choice(["unknown", "", "__proto__", key.upper()])] = chance.choice(ANYTHING)
                return value
            case GraphQLInputObjectType(name="DeclareInput") if chance.random() < 0.6:
                # Field by field from the schema, where the ready household has not every field.
                return self._object(actor, bare, hint)
            case GraphQLScalarType() if odd:
                return self._odd(actor, bare.name, hint, argument)
        return super()._value(actor, type_, hint, argument)

    def _id(self, actor: Actor, hint: str, argument: str) -> str:
        folded = f"{argument} {hint}".lower()
        kinds = [kind for kind in self.shown if kind.lower() in folded] or list(self.shown)
        if argument != "idempotencyKey" and kinds and self._chance.random() < 0.6:
            # The longest name says most: CaseTransfer before Case.
            return self._chance.choice(
                self.shown[max(kinds, key=len) if self._chance.random() < 0.7 else self._chance.choice(kinds)]
            )
        return super()._id(actor, hint, argument)

    def note(self, kind: str, id: str) -> None:
        """Remembers an identifier of an answer."""
        self.shown.setdefault(kind, deque(maxlen=_SHOWN)).append(id)

    def _object(self, actor: Actor, type_: GraphQLInputObjectType, hint: str) -> dict[str, Any]:
        ready = self._household(actor)
        return {
            field: ready[field]
            if field in ready and self._chance.random() < 0.6
            else self._value(actor, inner.type, f"{hint}.{type_.name}.{field}", field)
            for field, inner in type_.fields.items()
            if isinstance(inner.type, GraphQLNonNull) or self._chance.random() < 0.6
        }

    def _odd(self, actor: Actor, type_: str, hint: str, argument: str) -> Any:
        if argument in ("after", "before"):
            return odd_cursor(self._chance, list(self.cursors), [*TEXTS, *MOMENTS])
        if type_ == "ID":
            ready = str(self._id(actor, hint, argument))
            return odd_id(self._chance, ready, TEXTS)
        return self._chance.choice(_BY_SCALAR[type_])
