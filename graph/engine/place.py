"""A position in one answer, known by the positions above it."""

from typing import Any

from graphql.pyutils import Path

from graph.engine.asked import Spot


class Place:
    """Where a value stands, or will stand: under `key` of `held`, which stands in the place `above`.

    Made only where something below may have to be waited for, or an error be told of.
    """

    __slots__ = ("above", "gone", "held", "key", "spot")

    def __init__(self, above: "Place | None", key: str | int, held: Any, spot: Spot) -> None:
        """Nothing stands there yet."""
        self.above = above
        self.key = key
        self.held = held
        self.spot = spot
        self.gone = False

    @property
    def dead(self) -> bool:
        """Whether an error has made null of it, or of what it is in: whatever comes for it comes too late."""
        place: Place | None = self
        while place is not None:
            if place.gone:
                return True
            place = place.above
        return False

    def path(self, *key: str | int) -> list[str | int]:
        """The keys from the top of the answer to here, and on to `key`."""
        keys: list[str | int] = list(key)
        place = self
        while place.above is not None:
            keys.append(place.key)
            place = place.above
        keys.reverse()
        return keys


def path_of(above: Place, key: str | int, spot: Spot) -> Path:
    """The same as graphql-core keeps it, for whoever reads `info.path`."""
    before = path_of(above.above, above.key, above.spot) if above.above is not None else None
    return Path(before, key, None if spot.item or spot.asked is None else spot.asked.parent.name)
