"""Bounds of what comes in variables, before anything looks into them."""

from collections.abc import Mapping
from typing import Any

from graph.limits import Limits


def variables_excess(variables: Mapping[str, Any] | None, limits: Limits) -> str | None:
    """Which bound the variables break, in a sentence; None where they break none.

    Bytes are counted as those of the names and texts, and eight for every other value. Walks no further than the first
    bound that is broken, and not by recursion: what is deep must not reach Python's own limit here.
    """
    if not variables:
        return None
    size = values = 0
    waiting: list[tuple[Any, int]] = [(variables, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > limits.variable_depth:
            return f"The variables are nested too deeply; at most {limits.variable_depth} levels are allowed."
        values += 1
        match value:
            case dict():
                if values + len(waiting) + len(value) > limits.variable_values:
                    return _too_many(limits)
                size += sum(map(len, value))
                waiting += [(inner, depth + 1) for inner in value.values()]
            case list():
                if values + len(waiting) + len(value) > limits.variable_values:
                    return _too_many(limits)
                waiting += [(inner, depth + 1) for inner in value]
            case str():
                size += len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
            case _:
                size += 8
        if size > limits.variables:
            return f"The variables are too long; at most {limits.variables} bytes are allowed."
    return None


def _too_many(limits: Limits) -> str:
    return f"The variables have too many values; at most {limits.variable_values} are allowed."
