"""Bounds of what comes in variables, before anything looks into them."""

from collections.abc import Iterable, Mapping
from typing import Any

from graph.limits import Limits

_OTHER = 8
"""Bytes of whatever is no text."""
_LONGEST_CHARACTER = 4


def variables_excess(variables: Mapping[str, Any] | None, limits: Limits) -> str | None:
    """Which bound the variables break, in a sentence; None where they break none.

    Bytes are counted as those of the names and texts, and eight for every other value. Walks no further than the first
    bound that is broken, and not by recursion: what is deep must not reach Python's own limit here.
    """
    if not variables or _surely_within(variables, limits):
        return None
    size, values = 0, 1
    waiting: list[tuple[dict[str, Any] | list[Any], int]] = [(dict(variables), 1)]
    while waiting:
        holder, depth = waiting.pop()
        values += len(holder)
        if values > limits.variable_values:
            return f"The variables have too many values; at most {limits.variable_values} are allowed."
        if holder and depth > limits.variable_depth:
            return f"The variables are nested too deeply; at most {limits.variable_depth} levels are allowed."
        held: Iterable[Any] = holder
        if isinstance(holder, dict):
            size += sum(map(len, holder))
            held = holder.values()
        for value in held:
            if isinstance(value, str):
                size += len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
            elif isinstance(value, (dict, list)):
                waiting.append((value, depth + 1))
            else:
                size += _OTHER
        if size > limits.variables:
            return f"The variables are too long; at most {limits.variables} bytes are allowed."
    return None


def _surely_within(variables: Mapping[str, Any], limits: Limits) -> bool:
    """Whether they are far from every bound, as nearly all are: each character taken for the longest."""
    characters, values = 0, 1
    level: list[Any] = [variables]
    for _ in range(limits.variable_depth):
        below: list[Any] = []
        for holder in level:
            values += len(holder)
            if values > limits.variable_values:
                return False
            held = holder
            if type(holder) is not list:
                characters += sum(map(len, holder))
                held = holder.values()
            for value in held:
                kind = type(value)
                if kind is str:
                    characters += len(value)
                elif kind is dict or kind is list:
                    below.append(value)
        if not below:
            return _LONGEST_CHARACTER * characters + _OTHER * values <= limits.variables
        level = below
    return False
