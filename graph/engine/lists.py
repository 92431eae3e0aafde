"""Lists in an answer."""

from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from graphql.pyutils import Undefined, is_iterable

from graph.engine.asked import Spot
from graph.engine.leaf import Leaf
from graph.engine.place import Place
from graph.engine.run import Complete

if TYPE_CHECKING:
    from graph.engine.run import Run


def list_completer(spot: Spot, fill: Complete, leaf: Leaf | None) -> Complete:
    """Completes a list at a position, each item by `fill`; `leaf` are items that are scalars or enums."""
    kind = leaf.kind if leaf is not None and not leaf.fails else None
    convert = leaf.convert if leaf is not None else None

    def complete(run: "Run", value: Any, above: Place, key: str | int, held: Any) -> Any:
        if type(value) is not list and type(value) is not tuple:
            if isinstance(value, Exception):
                raise value
            if value is None or value is Undefined:
                return None
            if hasattr(value, "__aiter__"):
                return run.wait(_all_of(value), Place(above, key, held, spot), complete)
            if not is_iterable(value):
                asked: Any = spot.asked
                raise GraphQLError(f"Expected Iterable, but did not find one for field '{asked.parent}.{asked.name}'.")
        here = Place(above, key, held, spot)
        done: list[Any] = []
        try:
            for item in value:
                if type(item) is kind:
                    done.append(item if convert is None else convert(item))
                else:
                    done.append(fill(run, item, here, len(done), done))
        except Exception:  # Whatever it is goes on up; what was begun below here must not be waited for.
            run.abandon(here)
            raise
        return done

    return complete


async def _all_of(values: Any) -> list[Any]:
    return [value async for value in values]
