"""The commands that measure what the database makes of it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.pretty import Pretty

from bench.demo_server import demo_server
from bench.growth import SIZES, draw, measure_growth
from bench.log_order import measure_log_order
from bench.partitions import measure_partitions
from bench.pools import measure_pools
from bench.running import Port, Report, Rounds, Seconds, chosen_of, measured, numbers, run, write_report
from bench.sizes import measure_sizes
from bench.suite import Plan
from bench.walls import measure_walls
from bench.work import WORKS


def sizes(
    small: Annotated[int, typer.Option(min=1)] = 10_000,
    large: Annotated[int, typer.Option(min=1)] = 1_000_000,
    rounds: Rounds = 7,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """Summaries and pages of alerts with a small and with a large past."""
    run("sizes", lambda: measure_sizes(port, small=small, large=large, rounds=rounds), report)


def walls(
    cases: Annotated[int, typer.Option(min=1)] = 300_000, rounds: Rounds = 7, report: Report = None, port: Port = 8800
) -> None:
    """Worklists and summaries with row-level security and without it."""
    run("walls", lambda: measure_walls(port, cases=cases, rounds=rounds), report)


def log_order(seconds: Seconds = 4, rounds: Rounds = 3, report: Report = None, port: Port = 8800) -> None:
    """The alert log's order: by a lock, by a watermark, and without either."""
    run("log_order", lambda: ordered_log(port, seconds, rounds), report)


def growth(
    sizes: Annotated[str, typer.Option(help="How many cases, separated by commas.")] = ",".join(map(str, SIZES)),
    rounds: Rounds = 5,
    seconds: Seconds = 3,
    keep: Annotated[Path | None, typer.Option(help="Keep what was loaded in this folder, and ask it again.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw the curves into this PNG.")] = None,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """What a committee and a resident ask, with 10 thousand cases, 100 thousand, 1 million, and 10 if they fit.

    Ten million take 21 GiB, and a quarter of an hour to load. Each run adds its declarations to what is kept.
    """
    console = Console()

    def tell(line: str) -> None:
        console.print(line, markup=False, highlight=False)

    chosen = numbers(sizes, "sizes")
    work = partial(measure_growth, port, sizes=chosen, rounds=rounds, seconds=seconds, keep=keep, tell=tell)
    found = measured("growth", work, console)
    console.print(Pretty({**found, "growth": {**found["growth"], "plans": "in the report"}}, expand_all=True))
    write_report(found, report)
    if picture is not None:
        draw(found["growth"], picture)


def pools(
    sizes: Annotated[str, typer.Option(help="Connections of each login, separated by commas.")] = "2,4,10,20,40",
    work: Annotated[str, typer.Option(help="Which work, separated by commas.")] = ",".join(WORKS),
    rounds: Rounds = 3,
    seconds: Seconds = 2,
    clients: Annotated[int, typer.Option(min=1, help="How many ask at once.")] = 32,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """How many connections a worker wants: the suite's work with pools of several sizes, in turns."""
    console = Console()
    tell = partial(console.print, markup=False, highlight=False)
    wanted = Plan(chosen_of(work, WORKS, "work"), (), port, rounds, seconds, clients=clients)
    found = measured("pools", lambda: measure_pools(wanted, numbers(sizes, "sizes"), tell), console)
    console.print(Pretty(found, expand_all=True))
    write_report(found, report)


def partitions(
    rows: Annotated[int, typer.Option(min=1_000, help="How many events the log has.")] = 3_000_000,
    rounds: Rounds = 5,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """What it would bring to cut the alert log by months: writing, reading, looking up, taking a month away."""
    console = Console()
    tell = partial(console.print, markup=False, highlight=False)
    found = measured("partitions", lambda: _partitions(port, rows, rounds, tell), console)
    console.print(Pretty(found, expand_all=True))
    write_report(found, report)


async def ordered_log(port: int, seconds: float, rounds: int) -> dict[str, Any]:
    """Measures the log's order on a server of its own."""
    async with demo_server(port) as server:
        found = await measure_log_order(server, seconds=seconds, rounds=rounds)
        return found | {"postgresql": await server.version()}


async def _partitions(port: int, rows: int, rounds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    async with demo_server(port) as server:
        return {"postgresql": await server.version(), **await measure_partitions(server, rows, rounds, tell)}
