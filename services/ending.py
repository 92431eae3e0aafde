"""Whether this process is ending: what readiness says, when streams end, and who is waited for."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Ending:
    """First it is known that the process ends: whoever shares out requests is told, and everybody is still served.

    Then the streams end, each with a word that brings its client back, here or elsewhere. What is short is finished.
    """

    def __init__(self) -> None:
        """Nothing of it yet."""
        self.begun = False
        self._streams_end = asyncio.Event()
        self._open = 0
        self._all_closed = asyncio.Event()
        self._told: set[Callable[[], None]] = set()

    def begin(self) -> None:
        """From now on the process is not ready, and connections are not kept for another request."""
        self.begun = True

    async def comes(self) -> None:
        """Returns when streams are to end."""
        await self._streams_end.wait()

    async def end_streams(self, patience: float) -> None:
        """Asks every stream to end, and returns when all have, or after so many seconds."""
        self.begin()
        self._streams_end.set()
        for tell in list(self._told):
            tell()
        if self._open:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._all_closed.wait()

    @contextmanager
    def stream(self, told: Callable[[], None] | None = None) -> Iterator[None]:
        """For as long as a socket or a stream of events is open.

        `told` is called once when streams are to end, at once where that is so already: for who has no task to wait.
        """
        self._open += 1
        self._all_closed.clear()
        if told is not None:
            self._told.add(told)
            if self._streams_end.is_set():
                told()
        try:
            yield
        finally:
            if told is not None:
                self._told.discard(told)
            self._open -= 1
            if not self._open:
                self._all_closed.set()
