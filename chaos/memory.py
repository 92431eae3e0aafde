"""What the servers hold in memory while a run goes on."""

import asyncio
import time
from collections.abc import Sequence
from statistics import median

from chaos.part import Part

_LOOK = 0.25
_STEP = 10.0
_WARM = 0.3
_LONG_ENOUGH = 60.0
_MIB = 1024 * 1024


class Memory:
    """Samples of each part, twice a second and more."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._samples: dict[str, list[tuple[float, float]]] = {part.name: [] for part in parts}

    async def watch(self) -> None:
        """Looks until it is cancelled."""
        while True:
            for part in self._parts:
                if (held := part.rss) > 0:
                    self._samples[part.name].append((time.monotonic(), held / _MIB))
            await asyncio.sleep(_LOOK)

    def peaks(self) -> dict[str, float]:
        """The most MiB that each has held."""
        return {name: max((held for _, held in samples), default=0.0) for name, samples in self._samples.items()}

    def course(self, name: str) -> list[int]:
        """What a part held, in MiB, every ten seconds."""
        samples = self._samples[name]
        found: list[int] = []
        for moment, held in samples:
            if moment - samples[0][0] >= _STEP * len(found):
                found.append(round(held))
        return found

    def growth(self, name: str) -> float:
        """By how many MiB a part has grown from when it was warm to the end; 0 for a run too short to say so."""
        samples = self._samples[name]
        if not samples or samples[-1][0] - samples[0][0] < _LONG_ENOUGH:
            return 0.0
        warm = samples[int(len(samples) * _WARM) : int(len(samples) * (_WARM + 0.1)) + 1]
        last = samples[int(len(samples) * 0.9) :]
        return median(held for _, held in last) - median(held for _, held in warm)
