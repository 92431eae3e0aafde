"""Finding the strings of an input that no column can hold."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass

from graph.context import Context
from graph.outage import is_unstorable, too_long
from services.problem import InvalidInput
from triage.fault import Fault

# Ids and cursors: no column ever sees them as they are sent, and what they are not is said in words of its own.
_DECODED = re.compile(r"after|before|id|ids|(?!national).*_ids?")


@contextmanager
def without_odd_text(context: Context, arguments: Mapping[str, object]) -> Iterator[None]:
    """Around what a root field does with its arguments. Raises InvalidInput with the place of each odd string.

    A NUL is refused before anything is asked: in the database it would end the snapshot that the operation's other
    fields read. What a column has found too long is named by its place afterwards. It costs nothing where neither is.
    """
    if context.request.odd_text and (faults := _all_faults(arguments)):
        raise InvalidInput(faults)
    try:
        yield
    except Exception as error:
        if not is_unstorable(error):
            raise
        faults = _all_faults(arguments, *(too_long(error) or ()))
        if not faults:
            raise
        raise InvalidInput(faults) from error


def _all_faults(arguments: Mapping[str, object], length: int | None = None, most: int = 0) -> tuple[Fault, ...]:
    return tuple(
        fault
        for name, value in arguments.items()
        # What stands in an input is named from there on, as every other fault of it.
        for fault in _faults(value, () if name == "input" else (name,), length, most)
    )


def _faults(value: object, path: tuple[str | int, ...], length: int | None, most: int) -> Iterator[Fault]:
    """The strings with a NUL, and those of just the `length` of which a column has said that it takes `most`."""
    if path and _DECODED.fullmatch(str(path[-1])):
        return
    if isinstance(value, str) and "\0" in value:
        yield Fault(path, "BAD_CHARACTER")
    elif isinstance(value, str) and len(value) == length:
        yield Fault(path, "TOO_LONG", {"maximum": most})
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _faults(item, (*path, index), length, most)
    elif is_dataclass(value):
        for one in fields(value):
            yield from _faults(getattr(value, one.name), (*path, one.name), length, most)
