"""Pages of lists that can grow, as Relay has them."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, cast, overload

import strawberry

from services.page import Page

T = TypeVar("T")
R = TypeVar("R")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """See the description."""

    has_next_page: bool = strawberry.field(description="Whether more follows after `endCursor`.")
    has_previous_page: bool = strawberry.field(description="Whether the page was asked for with `after`.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first row; null for an empty page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last row, to be given as `after`.")


@strawberry.type(description="One row of a page.")
class Edge(Generic[T]):
    """See the description."""

    cursor: str = strawberry.field(description="Where this row stands in the list.")
    node: T = strawberry.field(description="The row.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """See the description."""

    edges: list[Edge[T]] = strawberry.field(description="The rows with their cursors.")
    nodes: list[T] = strawberry.field(description="The rows without their cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")


class _Edges(Sequence[Edge[T]]):
    """The edges of a page, made when somebody looks at them: most ask for the nodes alone."""

    def __init__(self, nodes: list[T], cursors: Sequence[str]) -> None:
        self._nodes, self._cursors = nodes, cursors

    def __len__(self) -> int:
        return len(self._nodes)

    @overload
    def __getitem__(self, at: int) -> Edge[T]: ...

    @overload
    def __getitem__(self, at: slice) -> list[Edge[T]]: ...

    def __getitem__(self, at: int | slice) -> Edge[T] | list[Edge[T]]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        return Edge(cursor=self._cursors[at], node=self._nodes[at])


def parts(page: Page[R], of: Callable[[R], T], after: str | None) -> tuple[list[Edge[T]], list[T], PageInfo]:
    """The edges, the nodes and the page info of a page that a service has read."""
    nodes = [of(row) for row in page.items]
    # The schema says a list, and whoever completes it takes any sequence.
    edges = cast(list[Edge[T]], _Edges(nodes, page.cursors))
    info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=after is not None,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.cursors[-1] if page.cursors else None,
    )
    return edges, nodes, info


def connected(page: Page[R], of: Callable[[R], T], after: str | None) -> Connection[T]:
    """The connection of a page that a service has read."""
    edges, nodes, info = parts(page, of, after)
    return Connection(edges=edges, nodes=nodes, page_info=info)
