"""Finding the strings of an input that no column can hold."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass

from graph.context import Context
from graph.outage import is_unstorable, too_long
from services.problem import InvalidInput
from triage.fault import Fault


def refuse_odd_text(context: Context, value: object) -> None:
    """Raises InvalidInput with the place of every string that has a NUL. Costs nothing where the request has none."""
    if context.request.odd_text and (faults := tuple(_faults(value, ()))):
        raise InvalidInput(faults)


@contextmanager
def naming_odd_text(arguments: Mapping[str, object]) -> Iterator[None]:
    """Raises InvalidInput with the place of what a column refuses in these arguments: a NUL, or far too long a text."""
    try:
        yield
    except Exception as error:
        if not is_unstorable(error):
            raise
        length, most = too_long(error) or (None, 0)
        faults = [
            fault
            for name, value in arguments.items()
            # What stands in an input is named from there on, as every other fault of it.
            for fault in _faults(value, () if name == "input" else (name,), length, most)
        ]
        if not faults:
            raise
        raise InvalidInput(tuple(faults)) from error


def _faults(value: object, path: tuple[str | int, ...], length: int | None = None, most: int = 0) -> Iterator[Fault]:
    """The strings with a NUL, and those of just the `length` of which a column has said that it takes `most`."""
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
