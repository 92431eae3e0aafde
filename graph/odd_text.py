"""Finding the strings of an input that no column can hold."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from graph.context import Context
from services.problem import InvalidInput
from triage.fault import Fault


def refuse_odd_text(context: Context, value: object) -> None:
    """Raises InvalidInput with the place of every string that has a NUL. Costs nothing where the request has none."""
    if context.request.odd_text and (faults := tuple(_faults(value, ()))):
        raise InvalidInput(faults)


def _faults(value: object, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(value, str) and "\0" in value:
        yield Fault(path, "BAD_CHARACTER")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _faults(item, (*path, index))
    elif is_dataclass(value):
        for one in fields(value):
            yield from _faults(getattr(value, one.name), (*path, one.name))
