"""Counting how often somebody tries something, and refusing what is too often.

Keys are phones, account names and the hashed networks that requests come from. They are hashed once more before they
are counted, so whatever keeps the counters learns none of them. A window is fixed: it begins with the first try, and
around its end twice the amount may come together.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import structlog
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError

from services.limit_memory import MemoryCounters
from services.limit_rules import BOUNDS, Rule, bound_of
from services.problem import TooManyRequests

_PATIENCE_SECONDS = 1.0
_LOG_SECONDS = 60.0
_KEY = "\0"

T = TypeVar("T")

logger = structlog.get_logger(__name__)


class Limiter:
    """Counts tries in a storage of the library's: this process's memory, Redis, or a table.

    A storage that cannot be reached lets everybody through, which is logged once a minute: these counters slow down
    whoever guesses, and a broken one must not keep a city from declaring. Ask it outside of transactions.
    """

    def __init__(
        self,
        storage: Storage | None = None,
        hashed: Callable[[str], str] = str,
        changed: Mapping[Rule, str] | None = None,
    ) -> None:
        """Counts nothing without a storage. `changed` are bounds that replace those of the table."""
        self._storage = storage
        self._window = FixedWindowRateLimiter(storage) if storage is not None else None
        self._hashed = hashed
        # Just this: what is made of it may be away, or slow.
        self._memory = storage if type(storage) is MemoryCounters else None
        self._items = {rule: bound_of(text) for rule, text in {**BOUNDS, **(changed or {})}.items()}
        self._names = {rule: item.key_for(_KEY).split(_KEY) for rule, item in self._items.items()}
        """What stands before and behind a key in the storage."""
        self._silent_until = 0.0

    async def hit(self, rule: Rule, *keys: str | None) -> None:
        """Counts one try. Raises TooManyRequests where it is one too many; does nothing where a key is not known."""
        if not await self._count(rule, keys, 1):
            raise TooManyRequests(await self._seconds(rule, keys))

    async def check(self, rule: Rule, *keys: str | None) -> None:
        """Counts nothing. Raises TooManyRequests where no further try is free."""
        if not await self._count(rule, keys, 0):
            raise TooManyRequests(await self._seconds(rule, keys))

    async def miss(self, rule: Rule, *keys: str | None) -> None:
        """Counts a try that has failed; never raises, for it is `check` that refuses the next one."""
        await self._count(rule, keys, 1)

    async def left(self, rule: Rule, *keys: str | None) -> int:
        """How many further tries are free; all of them where nothing is counted."""
        key, item = self._key(rule, keys), self._items[rule]
        if self._window is None or key is None:
            return item.amount
        try:
            return (await self._patiently(self._window.get_window_stats(item, key))).remaining
        except (StorageError, TimeoutError) as error:
            self._say(error)
            return item.amount

    async def forget(self, rule: Rule, *keys: str | None) -> None:
        """Lets all tries be free again."""
        key = self._key(rule, keys)
        if self._window is None or key is None:
            return
        try:
            await self._patiently(self._window.clear(self._items[rule], key))
        except (StorageError, TimeoutError) as error:
            self._say(error)

    async def give_back(self, rule: Rule, *keys: str | None) -> None:
        """Takes a try back that turned out to be none."""
        await self._count(rule, keys, -1)

    async def _count(self, rule: Rule, keys: tuple[str | None, ...], cost: int) -> bool:
        """Whether the try was free. Without a cost it is only looked whether the next one would be."""
        key = self._key(rule, keys)
        if self._window is None or key is None:
            return True
        item = self._items[rule]
        if self._memory is not None and cost:
            # The library's way to it takes four times as long as the count.
            return self._memory.count(key.join(self._names[rule]), item.get_expiry(), cost) <= item.amount
        try:
            window = self._window
            return await self._patiently(window.hit(item, key, cost=cost) if cost else window.test(item, key))
        except (StorageError, TimeoutError) as error:
            self._say(error)
            return True

    async def _seconds(self, rule: Rule, keys: tuple[str | None, ...]) -> int:
        """Until when the window lasts: at least a second, and never longer than a window, for clocks may disagree."""
        item, key = self._items[rule], self._key(rule, keys)
        longest = item.get_expiry()
        if self._storage is None or key is None:
            return longest
        try:
            until = await self._patiently(self._storage.get_expiry(item.key_for(key)))
        except (StorageError, TimeoutError):
            return longest
        return min(longest, max(1, math.ceil(until - time.time())))

    async def _patiently(self, answer: Awaitable[T]) -> T:
        if self._memory is not None:
            # This process's own memory answers at once, and a timer for each try costs more than the count.
            return await answer
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await answer

    def _key(self, rule: Rule, keys: tuple[str | None, ...]) -> str | None:
        known = [key for key in keys if key is not None]
        return self._hashed("\0".join([rule, *known])) if len(known) == len(keys) else None

    def _say(self, error: Exception) -> None:
        now = time.monotonic()
        if now >= self._silent_until:
            self._silent_until = now + _LOG_SECONDS
            # The kind of error alone: its text may hold an address of the storage, with its password.
            cause = error.storage_error if isinstance(error, StorageError) else error
            logger.warning("limits_not_counted", error=type(cause).__name__)
