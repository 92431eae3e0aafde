"""Filling a position: with a value, with what is waited for, or with null where that fails and null may stand there."""

import asyncio
from typing import TYPE_CHECKING, Any

from strawberry.execution import optimized_is_awaitable

from graph.engine.asked import Spot
from graph.engine.place import Place
from graph.engine.run import Complete

if TYPE_CHECKING:
    from graph.engine.run import Run

_PLAIN = frozenset({type(None), bool, int, float, str, bytes, list, tuple, dict})


def filled(spot: Spot, complete: Complete, known: type | None = None) -> Complete:
    """What fills a position with whatever a resolver, an attribute or a list has for it.

    It raises only where null may not stand there. `known` is a class whose instances nobody has to wait for.
    """
    nullable = spot.nullable
    plain = _PLAIN if known is None else _PLAIN | {known}

    def fill(run: "Run", value: Any, above: Place, key: str | int, held: Any) -> Any:
        try:
            if type(value) not in plain and optimized_is_awaitable(value):
                if not asyncio.isfuture(value) or not value.done() or value.cancelled():
                    return run.wait(value, Place(above, key, held, spot), complete)
                value = value.result()
            completed = complete(run, value, above, key, held)
            if completed is None and not nullable:
                raise spot.null()
        except Exception as error:
            return run.failed(error, above, key, spot)
        return completed

    return fill
