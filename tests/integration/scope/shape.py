"""An operation drawn from the schema: what it selects, and the variables it takes."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from graphql import GraphQLInputType

KEPT = {"__typename", "id", "area", "station", "disease", "from", "to"}
"""What an answer is judged by, and so never left away."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An argument whose value is drawn anew for each execution; `hint` says where it stands, as `alerts.areaId`."""

    variable: str
    argument: str
    type_: GraphQLInputType
    hint: str


@dataclass(frozen=True, slots=True)
class Selected:
    """A field with what is selected below it; or, where `on` is given, a fragment on that type."""

    name: str
    parent: str
    on: str | None = None
    alias: str | None = None
    slots: tuple[Slot, ...] = ()
    below: tuple["Selected", ...] = ()

    def text(self) -> str:
        """As it stands in a document."""
        inside = f" {{ {' '.join(one.text() for one in self.below)} }}" if self.below else ""
        if self.on:
            return f"... on {self.on}{inside}"
        given = f"({', '.join(f'{slot.argument}: ${slot.variable}' for slot in self.slots)})" if self.slots else ""
        return f"{f'{self.alias}: ' if self.alias else ''}{self.name}{given}{inside}"

    def all_slots(self) -> Iterator[Slot]:
        """Every variable in it."""
        yield from self.slots
        for one in self.below:
            yield from one.all_slots()

    def fields(self) -> Iterator[str]:
        """Every field in it, as `Case.person`."""
        if not self.on and not self.name.startswith("__"):
            yield f"{self.parent}.{self.name}"
        for one in self.below:
            yield from one.fields()

    def smaller(self) -> Iterator["Selected"]:
        """The same with one thing less below it, at any depth; each still selects something."""
        for place, one in enumerate(self.below):
            if len(self.below) > 1 and one.name not in KEPT:
                yield replace(self, below=self.below[:place] + self.below[place + 1 :])
            for less in one.smaller():
                yield replace(self, below=(*self.below[:place], less, *self.below[place + 1 :]))


@dataclass(frozen=True, slots=True)
class Shape:
    """One root field with its selection; `root` is query, mutation or subscription."""

    root: str
    selected: Selected
    slots: tuple[Slot, ...] = field(init=False)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        """Writes the document."""
        slots = tuple(self.selected.all_slots())
        declared = ", ".join(f"${slot.variable}: {slot.type_}" for slot in slots)
        object.__setattr__(self, "slots", slots)
        object.__setattr__(
            self, "text", f"{self.root}{f'({declared})' if declared else ''} {{ {self.selected.text()} }}"
        )

    @property
    def field(self) -> str:
        """The root field's name."""
        return self.selected.name

    def smaller(self) -> Iterator["Shape"]:
        """The same operation, asking for one thing less."""
        for less in self.selected.smaller():
            yield Shape(self.root, less)
