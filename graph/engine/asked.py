"""A field as a document asks for it, and the positions that its values take in an answer."""

from dataclasses import dataclass, replace
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList
from strawberry.types.field import StrawberryField


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One field of one selection. All that several fragments ask of it is together here."""

    key: str
    """Its name in the answer."""
    name: str
    details: FieldDetailsList
    nodes: list[FieldNode]
    parent: GraphQLObjectType
    definition: GraphQLField
    field: StrawberryField


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """What is known of a position before anything runs: whose value stands there, and whether it may be null."""

    asked: Asked | None
    """None for the answer as a whole."""
    nullable: bool
    item: bool = False
    """Whether it is a place of a list."""

    def of_item(self, nullable: bool) -> "Spot":
        """The position of each item of the list that stands here."""
        return replace(self, nullable=nullable, item=True)

    @property
    def nodes(self) -> list[FieldNode] | None:
        """Where in the document it is asked for."""
        return self.asked.nodes if self.asked else None

    def null(self) -> TypeError:
        """Null stands where the schema promises that none does."""
        asked: Any = self.asked
        return TypeError(f"Cannot return null for non-nullable field {asked.parent}.{asked.name}.")
