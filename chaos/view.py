"""A run as it goes, for a person to watch: a live line on a terminal, plain lines elsewhere."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from chaos.plan import Plan
from chaos.run import Progress

_LIVE_SECONDS = 0.25
_PLAIN_SECONDS = 5.0


@asynccontextmanager
async def watching(plan: Plan, console: Console) -> AsyncIterator[Progress]:
    """Shows the progress that the body writes, and its faults as lines."""
    progress = Progress(tell=lambda line: None)

    def tell(line: str) -> None:
        console.print(f"{_clock(progress)}  {line}", highlight=False, markup=False, soft_wrap=True)

    progress.tell = tell
    showing = asyncio.create_task(
        _live(plan, progress, console) if console.is_terminal else _plain(plan, progress, console)
    )
    try:
        yield progress
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


async def _live(plan: Plan, progress: Progress, console: Console) -> None:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            live.update(Text(_line(plan, progress), style="bold"), refresh=True)
            await asyncio.sleep(_LIVE_SECONDS)


async def _plain(plan: Plan, progress: Progress, console: Console) -> None:
    phase, shown = "", 0.0
    while True:
        if progress.phase != phase or time.monotonic() - shown >= _PLAIN_SECONDS:
            phase, shown = progress.phase, time.monotonic()
            console.print(_line(plan, progress), highlight=False, markup=False, soft_wrap=True)
        await asyncio.sleep(_LIVE_SECONDS)


def _line(plan: Plan, progress: Progress) -> str:
    parts = [_clock(progress), progress.phase]
    if (book := progress.book) is not None:
        parts += [
            f"of {plan.seconds:.0f} s",
            f"{len(book.accepted_at):,} receipts",
            f"{len(book.heard_at):,} events heard",
            f"{len(book.acknowledged):,} alerts taken",
            f"{book.taken_at[-1][1] if book.taken_at else 0:,} messages sent",
        ]
    return "  ".join(part for part in parts if part)


def _clock(progress: Progress) -> str:
    return f"{time.monotonic() - progress.begun:6.1f} s" if progress.begun else ""
