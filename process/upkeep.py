"""What a process does again and again: each look finds by itself what has become due, whoever else looks."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from access.actor import ANONYMOUS
from access.keys import KeyRing
from services.apply_due_changes import apply_due_changes
from services.cancel_hand_overs import cancel_hand_overs
from services.clean_sessions import clean_sessions
from services.escalate import escalate_due, recount_after_jump
from services.expire_declarations import expire_declarations
from services.fall_due import fall_due
from services.follow_protocols import ProtocolFollower
from services.limit_memory import MemoryCounters
from services.limit_redis import RedisCounters
from services.limit_table import TableCounters
from services.miss_check_ins import miss_check_ins
from services.move_clock import follow_clock
from services.print_certificates import print_certificates
from services.remove_objects import remove_objects
from services.retention import run_retention
from services.runtime import Runtime
from services.seal_trail import SEAL_SECONDS, seal_trail, tell_head

KEYS_SECONDS = 5.0
"""How long a serving process may go on with keys that its file has not any more; `khaibao keys rotate` waits longer."""

_CLOCK_SECONDS = 1.0
_ESCALATION_SECONDS = 1.0
_JUMP_SECONDS = 30.0
_CHECK_IN_SECONDS = 15.0
_PROTOCOL_SECONDS = 15.0
_AREAS_SECONDS = 60.0
_RELEASE_SECONDS = 60.0
_PRINTING_SECONDS = 1.0
# Far more often than days are counted in: a process that is started anew each night would never come to a day's end.
_RETENTION_SECONDS = 3600.0
_SIGNING_KEYS_SECONDS = 60.0
_HEAD_SECONDS = 3_600.0
_CLEANING_SECONDS = 600.0
_SWEEP_SECONDS = 60.0
_APART = 10.0

logger = structlog.get_logger(__name__)

Chore = tuple[float, Callable[[], Awaitable[object]]]


@asynccontextmanager
async def upkeep(
    runtime: Runtime, counters: MemoryCounters | RedisCounters | TableCounters, *, work: bool = True
) -> AsyncIterator[None]:
    """Keeps this process up to date and, where it is to `work`, the installation's work going, while it is open."""
    async with AsyncExitStack() as stack:
        for seconds, look in (*following(runtime, counters), *(working(runtime) if work else ())):
            await stack.enter_async_context(_every(seconds, look))
        yield


def following(runtime: Runtime, counters: MemoryCounters | RedisCounters | TableCounters) -> tuple[Chore, ...]:
    """What each process does for itself: it follows the clock, the keys and the protocols, and writes its own lines."""
    followed = ProtocolFollower(runtime.protocols)
    replica = runtime.replica
    return (
        *(((replica.look_seconds, replica.look),) if replica is not None else ()),
        (_CLOCK_SECONDS, lambda: follow_clock(runtime.clock)),
        (KEYS_SECONDS, lambda: _follow_keys(runtime.sealer.ring)),
        (_PROTOCOL_SECONDS, followed.look),
        (SEAL_SECONDS, lambda: runtime.refusals.write(runtime.clock)),
        (SEAL_SECONDS, runtime.trail.drain),
        (_SIGNING_KEYS_SECONDS, runtime.tokens.look),
        (_SWEEP_SECONDS, counters.sweep),
    )


def working(runtime: Runtime) -> tuple[Chore, ...]:
    """What one process does for all, whichever of them comes first."""
    calling: tuple[Chore, ...] = (
        (_ESCALATION_SECONDS, lambda: escalate_due(runtime)),
        (_JUMP_SECONDS, lambda: recount_after_jump(runtime)),
        (_CHECK_IN_SECONDS, lambda: miss_check_ins(runtime)),
    )
    return (
        *(calling if runtime.escalation else ()),
        (_AREAS_SECONDS, lambda: apply_due_changes(runtime)),
        (_RELEASE_SECONDS, lambda: fall_due(runtime)),
        (_PRINTING_SECONDS, lambda: print_certificates(runtime)),
        (_SWEEP_SECONDS, lambda: expire_declarations(runtime)),
        (_SWEEP_SECONDS, lambda: cancel_hand_overs(runtime)),
        (_RETENTION_SECONDS, lambda: run_retention(runtime, ANONYMOUS)),
        (SEAL_SECONDS, lambda: seal_trail(runtime)),
        (_HEAD_SECONDS, lambda: tell_head(runtime)),
        (_CLEANING_SECONDS, lambda: clean_sessions(runtime)),
        (_SWEEP_SECONDS, lambda: remove_objects(runtime)),
    )


async def _follow_keys(ring: KeyRing) -> None:
    if ring.reload():
        logger.info("keys_read", current=ring.current.name, known=[key.name for key in ring.known])


@asynccontextmanager
async def _every(seconds: float, look: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    async def again_and_again() -> None:
        # What is done each minute is not all done in the same moment of it.
        wait = seconds if seconds < _APART else random.uniform(seconds / 2, seconds)
        while True:
            await asyncio.sleep(wait)
            wait = seconds
            try:
                await look()
            except Exception as error:  # The database may be away for a while; the next look finds it again.
                logger.warning("look_failed", error=type(error).__name__)

    task = asyncio.create_task(again_and_again())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
