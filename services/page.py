"""A page of a list: how long it may be, and what it carries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.problem import InvalidInput
from triage.fault import Fault

DEFAULT_PAGE = 50
LARGEST_PAGE = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in their order, each with the cursor after which a next page begins.

    `position` is the cursor of this snapshot in the alert log, on pages of alerts alone: a subscription after it leaves
    no gap and repeats nothing.
    """

    items: list[T]
    cursors: Sequence[str]
    has_next: bool
    position: str | None = None


def page_size(first: int | None) -> int:
    """How many rows a page has. Raises InvalidInput for fewer than 1 or more than 100."""
    size = DEFAULT_PAGE if first is None else first
    if not 1 <= size <= LARGEST_PAGE:
        raise InvalidInput((Fault(("first",), "OUT_OF_BOUNDS", {"minimum": 1, "maximum": LARGEST_PAGE}),))
    return size
