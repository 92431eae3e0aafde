"""Whether something may go on now."""

import asyncio


class Gate:
    """As an `asyncio.Event`, which keeps a deque of 600 bytes on each of thousands of sockets where nobody waits."""

    __slots__ = ("_open", "_waiting")

    def __init__(self) -> None:
        """It is open."""
        self._open = True
        self._waiting: set[asyncio.Future[None]] | None = None

    def is_set(self) -> bool:
        """Whether it is open."""
        return self._open

    def set(self) -> None:
        """Opens it, for all who wait as well."""
        self._open = True
        waiting, self._waiting = self._waiting or (), None
        for one in waiting:
            if not one.done():
                one.set_result(None)

    def clear(self) -> None:
        """Closes it."""
        self._open = False

    async def wait(self) -> bool:
        """Returns when it is open, or was opened meanwhile."""
        if not self._open:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting = self._waiting or set()
            self._waiting.add(turn)
            try:
                await turn
            finally:
                # Who was cancelled waits no more; of those who were called nobody is kept.
                if self._waiting is not None:
                    self._waiting.discard(turn)
        return True
