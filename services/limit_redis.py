"""Counters in the Redis that carries the wake-ups."""

from limits.aio.storage import RedisStorage

_PREFIX = "khaibao:limit"
_SECONDS = 1.0


class RedisCounters(RedisStorage):
    """The library's storage, on the redis-py that Broadcaster uses as well."""

    def __init__(self, url: str) -> None:
        """Connects at the first try."""
        super().__init__(
            url,
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix=_PREFIX,
            socket_timeout=_SECONDS,
            socket_connect_timeout=_SECONDS,
        )

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What a Redis that is away raises."""
        known = self.bridge.base_exceptions
        return (OSError, *(known if isinstance(known, tuple) else (known,)))

    async def sweep(self) -> int:
        """Redis forgets by itself."""
        return 0

    async def close(self) -> None:
        """Ends its connections."""
        # The bridge to redis-py has it, which the type of all bridges does not say.
        await self.bridge.storage.aclose()  # type: ignore[attr-defined]
