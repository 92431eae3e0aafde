"""The variables of one operation, from what was sent to what is meant."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError, GraphQLNonNull, GraphQLSchema, VariableDefinitionNode
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_default_value

from graph.engine.inputs import Coerce, coercion
from graph.engine.unknown import Unknown

_MOST_ERRORS = 50
"""As graphql-core's `execute` has it."""


class Variables:
    """What an operation declares."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        """Raises Unknown where a definition is not valid."""
        self._schema, self._definitions = schema, definitions
        self._compiled: list[tuple[str, Coerce, Any, bool]] | None = []
        for node in definitions:
            signature = get_variable_signature(schema, node)
            if isinstance(signature, GraphQLError):
                raise Unknown(signature.message)
            try:
                default = coerce_default_value(signature)
                coerce = coercion(signature.type)
            except TypeError as error:
                raise Unknown("a default that is none") from error
            except Unknown:
                self._compiled = None
                break
            required = default is Undefined and isinstance(signature.type, GraphQLNonNull)
            self._compiled.append((signature.name, coerce, default, required))

    def coerced(self, sent: Mapping[str, Any]) -> dict[str, Any] | list[GraphQLError]:
        """The values by name; or what graphql-core says is wrong with what was sent."""
        if self._compiled is not None:
            try:
                return _happily(self._compiled, sent)
            except Exception:  # Only the good case is ours: graphql-core looks again, and says what is wrong with it.
                pass
        found = self.by_core(sent)
        return found if isinstance(found, list) else found.coerced

    def by_core(self, sent: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """The same as graphql-core keeps it."""
        return get_variable_values(self._schema, self._definitions, dict(sent), max_errors=_MOST_ERRORS)


def _happily(compiled: list[tuple[str, Coerce, Any, bool]], sent: Mapping[str, Any]) -> dict[str, Any]:
    coerced: dict[str, Any] = {}
    for name, coerce, default, required in compiled:
        value = sent.get(name, Undefined)
        if value is not Undefined:
            coerced[name] = coerce(value)
        elif required:
            raise LookupError(name)
        elif default is not Undefined:
            coerced[name] = default
    return coerced
