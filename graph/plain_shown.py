"""What stands in the answer for rows that were read by columns: no row is made an object, and no field is called."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from itertools import repeat
from typing import Any, TypeAlias

from graphql import SelectionSetNode

from graph.global_id import global_ids
from graph.plain_fields import plain_fields

TYPENAME = "__typename"


@dataclass(frozen=True, slots=True)
class Shown:
    """A field that is a column: its name, and what makes of a page's values what stands in JSON, where they are not
    that already."""

    column: str
    convert: Callable[[Sequence[Any]], Iterable[Any]] | None = None

    def of(self, values: Mapping[str, Sequence[Any]]) -> Iterable[Any]:
        """What stands in the answer, of a page's values by their columns."""
        found = values[self.column]
        return found if self.convert is None else self.convert(found)


Fields: TypeAlias = "Mapping[str, Shown | Fields]"
"""A type's fields by their names in the schema: columns, and objects that no row is without."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a document asks for of each row, by its keys in the answer and in their order."""

    fields: "tuple[tuple[str, Shown | Selection], ...]" = ()

    @property
    def columns(self) -> list[str]:
        """What has to be read, each column once."""
        return list(dict.fromkeys(self._columns()))

    def of(self, values: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
        """The rows as the answer has them. By columns, for what is called for each value costs more than all else."""
        keys, columns = [key for key, _ in self.fields], [one.of(values) for _, one in self.fields]
        # Each row's dictionary without a step of ours: a page has hundreds of them.
        return list(map(dict, map(zip, repeat(keys), zip(*columns, strict=True))))

    def _columns(self) -> Iterator[str]:
        for _, one in self.fields:
            if isinstance(one, Shown):
                yield one.column
            else:
                yield from one.columns


def of_type(type_name: str) -> dict[str, Shown]:
    """The fields `id` and `__typename` of a type."""
    return {
        "id": Shown("id", partial(global_ids, type_name)),
        TYPENAME: Shown("id", lambda ids: [type_name] * len(ids)),
    }


def choice(column: str, of: type[Enum]) -> Shown:
    """One of an enum's members, by its name in the schema, which the table may write in another way; or null."""
    names = {None: None} | {member.value: member.name for member in of}
    return Shown(column, partial(map, names.__getitem__))


def of_table(table: str, fields: Mapping[str, Shown]) -> dict[str, Shown]:
    """The same fields where a page has columns of several tables, which are called `table.column` then."""
    return {name: replace(shown, column=f"{table}.{shown.column}") for name, shown in fields.items()}


def selected(selections: SelectionSetNode | None, fields: Fields) -> Selection | None:
    """What is asked of a valid document's rows; None for anything but these fields, or nothing."""
    found: list[tuple[str, Shown | Selection]] = []
    for key, node in (plain_fields(selections) or {}).items():
        known = fields.get(node.name.value)
        below = known if known is None or isinstance(known, Shown) else selected(node.selection_set, known)
        if below is None:
            return None
        found.append((key, below))
    return Selection(tuple(found)) if found else None
