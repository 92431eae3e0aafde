"""What every live event shows again and hardly ever changes: the names of areas and stations.

Both are public, so a memory of them can tell nobody what they may not see. An alert goes to several sockets at once,
and without this each of them would open a snapshot to read the same name.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from services.rows import Area, Station

SECONDS = 30.0
_MOST = 5_000

V = TypeVar("V")


class Memory(Generic[V]):
    """Rows by key, each forgotten after half a minute."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self._rows: dict[str, tuple[V, float]] = {}

    def missing(self, keys: Iterable[str]) -> list[str]:
        """Those that have to be read."""
        now = time.monotonic()
        return [key for key in keys if key not in self._rows or self._rows[key][1] < now]

    def keep(self, rows: Mapping[str, V]) -> None:
        """Takes up what was read."""
        if len(self._rows) > _MOST:
            self._rows.clear()
        until = time.monotonic() + SECONDS
        self._rows.update((key, (row, until)) for key, row in rows.items())

    def fresh(self, key: str) -> V | None:
        """The row where it need not be read again."""
        kept = self._rows.get(key)
        return kept[0] if kept and kept[1] >= time.monotonic() else None

    def get(self, key: str) -> V | None:
        """The row, None where there is none."""
        kept = self._rows.get(key)
        return kept[0] if kept else None

    def each(self, keys: Sequence[str]) -> list[V] | None:
        """The rows of these keys, which were read a moment ago; None where one of them has none."""
        try:
            return [self._rows[key][0] for key in keys]
        except KeyError:
            return None

    def forget(self) -> None:
        """Forgets everything."""
        self._rows.clear()


@dataclass(frozen=True, slots=True)
class Remembered:
    """The memories of one process."""

    areas: Memory[Area] = field(default_factory=Memory)
    stations: Memory[Station] = field(default_factory=Memory)
