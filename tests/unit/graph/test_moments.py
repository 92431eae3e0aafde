"""Days and times are taken in the form that clients write them in, and in no other."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from graphql import GraphQLScalarType, parse, validate
from strawberry.exceptions import StrawberryInputCoercionError

from graph.api import build_schema

SCHEMA = build_schema()._schema


def scalar(name: str) -> GraphQLScalarType:
    found = SCHEMA.type_map[name]
    assert isinstance(found, GraphQLScalarType)
    return found


@pytest.mark.parametrize(
    ("name", "sent", "read"),
    [
        ("Date", "2024-02-29", date(2024, 2, 29)),
        ("Time", "07:30", time(7, 30)),
        ("Time", "07:30:15.5", time(7, 30, 15, 500_000)),
        ("DateTime", "2022-03-17T07:30:00Z", datetime(2022, 3, 17, 7, 30, tzinfo=UTC)),
        ("DateTime", "2022-03-17T07:30+07:00", datetime(2022, 3, 17, 7, 30, tzinfo=timezone(timedelta(hours=7)))),
        ("DateTime", "2022-03-17T07:30:00", datetime(2022, 3, 17, 7, 30)),
    ],
)
def test_what_clients_write_is_read(name: str, sent: str, read: object) -> None:
    assert scalar(name).coerce_input_value(sent) == read


ODD = {
    "Date": ("2022-02-29", "0000-00-00", "20220317", "2022-W11-4", "2022-076", "2022-3-17", "2022-03-17\n", "", 5),
    "Time": ("07:30+07:00", "07:30Z", "0730", "07", "T07:30", "24:00", "07:60", "", 7),
    "DateTime": (
        "2022",
        "2022-03-17",
        "20220317T07",
        "2022-03-17 07:30",
        "2022-02-29T07:30Z",
        "2022-03-17T07:30+99:99",
    ),
}


@pytest.mark.parametrize(("name", "sent"), [(name, one) for name, odd in ODD.items() for one in odd])
def test_what_nobody_means_is_refused_with_an_example(name: str, sent: object) -> None:
    with pytest.raises(StrawberryInputCoercionError, match=rf"^A {name} is .*, such as "):
        scalar(name).coerce_input_value(sent)


@pytest.mark.parametrize("odd", ['"2022-02-29"', "20220317", "null_is_none", "[1]"])
def test_in_a_document_the_place_is_said_as_well(odd: str) -> None:
    [error] = validate(SCHEMA, parse(f"{{ protocol(at: {odd}) {{ version }} }}"))
    assert error.message.startswith("A Date is a day")
    assert [(place.line, place.column) for place in error.locations or ()] == [(1, 16)]
    assert validate(SCHEMA, parse('{ protocol(at: "2024-02-29") { version } }')) == []
