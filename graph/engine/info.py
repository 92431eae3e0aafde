"""What a resolver is told of the field that it resolves, made only as far as it looks at it."""

from collections.abc import Callable
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLObjectType, GraphQLOutputType, GraphQLSchema, OperationDefinitionNode
from graphql.pyutils import Path, gather_with_cancel
from graphql.type.definition import GraphQLResolveInfoHelpers
from strawberry.execution import optimized_is_awaitable

from graph.engine.asked import Asked, Spot
from graph.engine.place import Place, path_of

if TYPE_CHECKING:
    from graph.engine.run import Run


class RawInfo:
    """What graphql-core tells a resolver, by the same names."""

    __slots__ = ("_above", "_asked", "_run")

    abort_signal = None
    is_awaitable = staticmethod(optimized_is_awaitable)
    operation_extensions = None

    def __init__(self, run: "Run", asked: Asked, above: Place) -> None:
        """Of a field of the object that stands in `above`."""
        self._run, self._asked, self._above = run, asked, above

    @property
    def field_name(self) -> str:
        """The field's name in the schema."""
        return self._asked.name

    @property
    def field_nodes(self) -> list[FieldNode]:
        """Where in the document it is asked for."""
        return self._asked.nodes

    @property
    def return_type(self) -> GraphQLOutputType:
        """The field's type."""
        return self._asked.definition.type

    @property
    def parent_type(self) -> GraphQLObjectType:
        """The type that the field belongs to."""
        return self._asked.parent

    @property
    def path(self) -> Path:
        """Where in the answer its value will stand."""
        return path_of(self._above, self._asked.key, Spot(self._asked, nullable=True))

    @property
    def schema(self) -> GraphQLSchema:
        """graphql-core's schema."""
        return self._run.shape.schema

    @property
    def fragments(self) -> dict[str, Any]:
        """The document's fragments by name."""
        return self._run.shape.fragment_nodes

    @property
    def root_value(self) -> Any:
        """What the operation began with; of a subscription the event."""
        return self._run.root

    @property
    def operation(self) -> OperationDefinitionNode:
        """What runs."""
        return self._run.shape.operation

    @property
    def variable_values(self) -> dict[str, Any]:
        """The coerced variables."""
        return self._run.variables

    @property
    def context(self) -> Any:
        """The operation's context."""
        return self._run.context

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """Awaiting several things as graphql-core does."""
        return GraphQLResolveInfoHelpers(gather=lambda values: gather_with_cancel(*values), track=self._run.track)


@cache
def info_class(base: Any) -> Callable[["Run", Asked, Place], Any]:
    """The Info of a schema (`StrawberryConfig.info_class`) that makes itself only as far as it is looked at."""

    class Info(base):  # type: ignore[misc]  # a class of its own for each schema's class
        """See above."""

        def __init__(self, run: "Run", asked: Asked, above: Place) -> None:
            self._run, self._asked, self._above = run, asked, above

        @cached_property
        def _raw_info(self) -> RawInfo:
            return RawInfo(self._run, self._asked, self._above)

        @property
        def _field(self) -> Any:
            return self._asked.field

        @property
        def field_name(self) -> str:
            return self._asked.name

        @property
        def context(self) -> Any:
            return self._run.context

    return Info
