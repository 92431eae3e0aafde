"""The explorer's ready-made operations are operations of this API, within its bounds."""

from typing import Any

import orjson
import pytest
from graphql import OperationDefinitionNode, parse, validate
from graphql.execution.values import VariableValues, get_variable_values

from graph.api import build_schema
from graph.documents import excess
from graph.explorer.operations import Operation, operations
from graph.limits import Limits

SCHEMA = build_schema()._schema


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.title)
def test_a_ready_made_operation_is_valid_and_so_are_its_variables(operation: Operation) -> None:
    document = parse(operation.query)
    assert validate(SCHEMA, document) == []
    assert excess(SCHEMA, document, Limits()) is None
    (definition,) = document.definitions
    assert isinstance(definition, OperationDefinitionNode)
    variables: dict[str, Any] = orjson.loads(operation.variables)
    found = get_variable_values(SCHEMA, definition.variable_definitions or (), variables)
    assert isinstance(found, VariableValues), found
