"""A replay as it goes, for a person to watch: a live panel on a terminal, plain lines elsewhere."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from simulation.calendar_of_march import ZONE
from simulation.course import Course
from simulation.latency import latency

_LIVE_SECONDS = 0.25
_PLAIN_SECONDS = 5.0
_LATEST = 2000


@asynccontextmanager
async def watching(course: Course, console: Console) -> AsyncIterator[None]:
    """Shows the course while the body runs."""
    showing = asyncio.create_task(_live(course, console) if console.is_terminal else _plain(course, console))
    try:
        yield
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


async def _live(course: Course, console: Console) -> None:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            live.update(_panel(course), refresh=True)
            await asyncio.sleep(_LIVE_SECONDS)


async def _plain(course: Course, console: Console) -> None:
    phase = ""
    shown = 0.0
    while True:
        now = time.monotonic()
        rate = course.rate()
        if course.phase != phase or now - shown >= _PLAIN_SECONDS:
            phase, shown = course.phase, now
            console.print(_line(course, rate), highlight=False, soft_wrap=True)
        await asyncio.sleep(_LIVE_SECONDS)


def _line(course: Course, rate: float) -> str:
    moment = f"{course.clock.astimezone(ZONE):%d %B %H:%M}" if course.clock else ""
    parts = [course.phase]
    if course.started:
        declaring = latency(course.declare_seconds[-_LATEST:])
        parts += [
            moment,
            f"{course.declared:,} of {course.people:,} declared",
            f"{rate:,.0f}/s",
            f"p99 {declaring.p99:.0f} ms",
            f"{course.arrived:,} alerts arrived",
            f"{course.acknowledged:,} taken",
        ]
    if course.wanted_sockets:
        parts.append(f"{course.open_sockets()} of {course.wanted_sockets} sockets")
    return "  ".join(part for part in parts if part)


def _panel(course: Course) -> RenderableType:
    rate = course.rate()
    declaring = latency(course.declare_seconds[-_LATEST:])
    delivering = latency(course.delivery_seconds[-_LATEST:])
    moment = f"{course.clock.astimezone(ZONE):%A %d %B %Y, %H:%M}" if course.clock else "..."
    grid = Table.grid(padding=(0, 3))
    grid.add_row("in the city it is", Text(moment, style="bold"))
    grid.add_row("now", course.phase)
    grid.add_row("declared", f"{course.declared:,} of {course.people:,} people, {rate:,.0f} a second")
    grid.add_row("a receipt takes", f"p50 {declaring.p50:.0f} ms, p99 {declaring.p99:.0f} ms")
    grid.add_row("an alert takes", f"p50 {delivering.p50:.0f} ms, p99 {delivering.p99:.0f} ms from button to socket")
    grid.add_row("alerts", f"{course.arrived:,} arrived at their stations, {course.acknowledged:,} taken")
    grid.add_row("open sockets", f"{course.open_sockets()} of {course.wanted_sockets}; one was cut {course.cuts} times")
    return Group(ProgressBar(total=course.people, completed=course.declared, width=60), grid)
