"""Which documents ask for columns and nothing else, and what stands in the answer."""

from datetime import UTC, datetime

import orjson
import pytest
from graphql import OperationDefinitionNode, parse

from graph.global_id import global_id
from graph.plain_page import PlainPage, page_in
from graph.plain_shown import Fields, Shown, of_table, selected
from graph.schema.alert import COLUMNS as ALERT
from graph.schema.area import COLUMNS as AREA
from graph.schema.case import COLUMNS as CASE
from graph.schema.declaration import COLUMNS as DECLARATION
from graph.schema.enums import Sex
from models.alert import Alert as AlertRow
from models.area import Area as AreaRow
from models.case import Case as CaseRow
from models.declaration import Declaration as DeclarationRow
from models.identifier import uuid7
from services.columns import Columns
from services.cursor import Cursors


def page(document: str) -> PlainPage | None:
    return page_in(parse(document), "declarations", "Declaration", DECLARATION)


@pytest.mark.parametrize(
    "document",
    [
        "{ declarations { nodes { id state } } }",
        "{ declarations(first: 3) { __typename nodes { __typename a: id b: id } } }",
        "query ($n: Int) { all: declarations(first: $n) { pageInfo { endCursor } page: nodes { danger } } }",
        "{ declarations { pageInfo { hasNextPage __typename } } }",
    ],
)
def test_columns_under_any_name_are_plain(document: str) -> None:
    assert page(document) is not None


@pytest.mark.parametrize(
    "document",
    [
        "{ declarations { nodes { id area { name } } } }",
        "{ declarations { nodes { reported { name } } } }",
        "{ declarations { nodes { allowedActions } } }",
        "{ declarations { edges { cursor node { id } } } }",
        "{ declarations { nodes { id } more: nodes { state } } }",
        "{ declarations { nodes { id id } } }",
        "{ declarations { nodes { id @skip(if: false) } } }",
        "{ declarations { nodes { id } ... on DeclarationConnection { pageInfo { endCursor } } } }",
        "{ declarations { ...F } } fragment F on DeclarationConnection { nodes { id } }",
        "{ declarations { nodes { id } } me { id } }",
        "{ declarations { nodes { id } } other: declarations { nodes { id } } }",
        "{ cases { nodes { id } } }",
        "query A { declarations { nodes { id } } } query B { declarations { nodes { id } } }",
    ],
)
def test_whatever_is_more_than_that_goes_the_general_way(document: str) -> None:
    assert page(document) is None


def test_a_choice_has_its_name_in_the_schema_whatever_the_table_writes() -> None:
    assert CASE["sex"].convert
    values = [*(one.value for one in Sex), None]
    assert list(CASE["sex"].convert(values)) == [*(one.name for one in Sex), None]


def test_an_answer_has_the_keys_of_its_document_in_their_order() -> None:
    plain = page(
        "{ declarations { pageInfo { endCursor hasNextPage }"
        " nodes { at: submittedAt __typename severe id handledAt } } }"
    )
    assert plain
    at, id = datetime(2022, 3, 17, tzinfo=UTC), uuid7()
    values: dict[str, list[object]] = {
        "submitted_at": [at],
        "id": [str(id)],
        "severe": [True],
        "handled_at": [None],
        "rank": ["behind"],
    }
    assert set(plain.columns) <= set(values)
    found = Columns(values, [str(id)], Cursors("declarations", [(0, at, id)]), has_next=True)
    shown = orjson.loads(orjson.dumps(plain.answered(found, None).value))
    assert list(shown) == ["pageInfo", "nodes"]
    assert shown == {
        "pageInfo": {"endCursor": found.cursors[0], "hasNextPage": True},
        "nodes": [
            {
                "at": "2022-03-17T00:00:00+00:00",
                "__typename": "Declaration",
                "severe": True,
                "id": global_id("Declaration", id),
                "handledAt": None,
            }
        ],
    }
    assert list(shown["nodes"][0]) == ["at", "__typename", "severe", "id", "handledAt"]


def test_an_object_of_its_own_stands_in_each_row_with_the_columns_of_its_table() -> None:
    case: dict[str, Shown | Fields] = {**of_table("case", CASE), "area": of_table("place", AREA)}
    asked = parse("{ kind one: case { id area { name } id2: id } }").definitions[0]
    assert isinstance(asked, OperationDefinitionNode)
    found = selected(asked.selection_set, {"kind": Shown("kind"), "case": case})
    assert found
    assert found.columns == ["kind", "case.id", "place.name"]
    ids = [str(uuid7()), str(uuid7())]
    assert found.of({"kind": ["A", "B"], "case.id": ids, "place.name": ["X", "Y"]}) == [
        {"kind": kind, "one": {"id": global_id("Case", id), "area": {"name": name}, "id2": global_id("Case", id)}}
        for kind, id, name in zip("AB", ids, "XY", strict=True)
    ]
    assert found.of({"kind": (), "case.id": (), "place.name": ()}) == []


@pytest.mark.parametrize(
    ("columns", "row"), [(CASE, CaseRow), (DECLARATION, DeclarationRow), (ALERT, AlertRow), (AREA, AreaRow)]
)
def test_every_field_is_a_column_of_its_table(columns: object, row: type) -> None:
    # Each is a Tortoise model, whose fields a plain type does not have.
    assert {shown.column for shown in columns.values()} <= row._meta.db_fields  # type: ignore[attr-defined]  # see above
