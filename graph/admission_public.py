"""How much of what is done is the public's, while others wait.

A place counts how many are at work and not how much they take of the processor. What the public reads is quick, so that
there would always be room for the next, and together they would take all there is: in a storm four thousand of them
were answered beside four hundred declarations.
"""

import time
from collections.abc import Callable

_PART = 0.25
"""For each other request that is done."""
_MOST_SAVED = 10.0
_GAP = 0.05
"""Seconds after which somebody of the public is served in any case; while the loop itself is behind, nobody before."""


class PublicPart:
    """Counts what others had done, and what the public may have for that."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begins with what may be saved at most."""
        self._clock = clock
        self._saved, self._last = _MOST_SAVED, float("-inf")

    def other_done(self) -> None:
        """Somebody else was served."""
        self._saved = min(_MOST_SAVED, self._saved + _PART)

    def served(self) -> None:
        """Somebody of the public begins."""
        self._saved = max(0.0, self._saved - 1.0)
        self._last = self._clock()

    def may(self, strained: bool, others_wait: Callable[[], bool]) -> bool:
        """Whether another of the public may begin now."""
        if strained or (self._saved < 1.0 and others_wait()):
            return self._clock() - self._last >= _GAP
        return True
