"""Where a page of a list that is ordered by the areas' numbers goes on."""

from services.cursor import PageKind, read_number_cursor
from services.problem import InvalidCursor

_LARGEST = 2**31 - 1


def read_number(kind: PageKind, after: str) -> tuple[int, str]:
    """The number and the identifier after which the page begins.

    Raises InvalidCursor, also for what no row can have and the database would refuse to compare.
    """
    number, id = read_number_cursor(kind, after)
    if not -_LARGEST <= number <= _LARGEST or "\0" in id:
        raise InvalidCursor
    return number, id
