"""A page of a list as columns, for who shows values and needs no row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Columns:
    """A page's values by their columns' names; `ids` are what the trail calls its rows, as text."""

    values: Mapping[str, Sequence[Any]]
    ids: Sequence[str]
    cursors: Sequence[str]
    has_next: bool


def by_columns(names: Sequence[str], rows: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """The values of rows that have them in this order."""
    return dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
