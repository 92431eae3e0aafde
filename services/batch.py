"""How many keys one statement is asked with, and how many rows each of them may have."""

from collections.abc import Iterable
from typing import TypeVar

MOST_A_CASE = 50
"""Rows of one kind that are shown below one case; a case has one or two, unless somebody plays."""

K = TypeVar("K")


def padded(keys: Iterable[K]) -> list[K]:
    """The different keys, the last one repeated until their number is a power of two (none stay none).

    A statement with 37 placeholders is another one than with 38, and each would be prepared anew; so there are eight
    lengths up to 100, and the repeats change nothing that is found.
    """
    different = list(dict.fromkeys(keys))
    if not different:
        return []
    length = 1 << (len(different) - 1).bit_length()
    return different + [different[-1]] * (length - len(different))


def possible(ids: Iterable[str]) -> list[str]:
    """Those that can be a row's identifier: a text with a NUL cannot, and PostgreSQL refuses to be asked about it."""
    return [id for id in ids if "\0" not in id]
