"""Reading on where a request was refused before its body had arrived."""

import asyncio
import contextlib

from starlette.types import Receive

_BYTES = 32 * 1024 * 1024
_SECONDS = 5.0


async def discard(receive: Receive) -> None:
    """Reads on for a while: a client that is cut while it sends never sees why."""
    size = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS):
            while size < _BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
