"""The replay's operations against the schema that the server has."""

import pytest
from graphql import build_schema, parse, validate

from graph.api import build_schema as built
from simulation import operations

DOCUMENTS = {name: text for name, text in vars(operations).items() if name.isupper() and not name.startswith("_")}
SCHEMA = build_schema(built().as_str())


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_the_server_knows_everything_that_an_operation_asks_for(name: str) -> None:
    assert validate(SCHEMA, parse(DOCUMENTS[name])) == []
