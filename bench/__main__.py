"""`python -m bench`: all measurements, or one of them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.pretty import Pretty

from bench.bulk import measure_bulk
from bench.declaring import measure_declaring
from bench.demo_server import NotStarted, demo_server
from bench.fanout import measure_fanout
from bench.log_order import measure_log_order
from bench.machine import machine
from bench.refusals import measure_refusals
from bench.sizes import measure_sizes
from bench.together import CLIENTS, measure_together
from bench.walls import measure_walls
from services.together import MOST_IN_FLIGHT

Report = Annotated[Path | None, typer.Option(help="Write the figures to this file as JSON.")]
Port = Annotated[int, typer.Option(help="The first of two free ports.")]
Rounds = Annotated[int, typer.Option(min=1, help="How often each thing is measured; the noise is between rounds.")]
Seconds = Annotated[float, typer.Option(min=1, help="How long a round lasts.")]

app = typer.Typer(help="Measurements of khaibao.", pretty_exceptions_enable=False, invoke_without_command=True)


@app.callback()
def everything(context: typer.Context, report: Report = None, port: Port = 8800) -> None:
    """Run every measurement, about ten minutes; or name one."""
    if context.invoked_subcommand is None:

        async def work() -> dict[str, Any]:
            return {
                "declare": await _declare(port, 15, 3, 1),
                "log_order": await _log_order(port, 4, 3),
                "sizes": await measure_sizes(port, small=10_000, large=1_000_000, rounds=7),
                "walls": await measure_walls(port, cases=300_000, rounds=7),
                "refusals": await _refusals(port, 30),
                "bulk": await measure_bulk(port, cases=100_000, rounds=5),
            }

        _run("everything", work, report)


@app.command()
def declare(
    seconds: Seconds = 15,
    rounds: Rounds = 3,
    workers: Annotated[int, typer.Option(min=1, max=6, help="How many processes serve.")] = 1,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """Declaring at 32 clients through the API, with 335 sockets listening."""
    _run("declare", lambda: _declare(port, seconds, rounds, workers), report)


@app.command()
def sizes(
    small: Annotated[int, typer.Option(min=1)] = 10_000,
    large: Annotated[int, typer.Option(min=1)] = 1_000_000,
    rounds: Rounds = 7,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """Summaries and pages of alerts with a small and with a large past."""
    _run("sizes", lambda: measure_sizes(port, small=small, large=large, rounds=rounds), report)


@app.command()
def walls(
    cases: Annotated[int, typer.Option(min=1)] = 300_000, rounds: Rounds = 7, report: Report = None, port: Port = 8800
) -> None:
    """Worklists and summaries with row-level security and without it."""
    _run("walls", lambda: measure_walls(port, cases=cases, rounds=rounds), report)


@app.command()
def bulk(
    cases: Annotated[int, typer.Option(min=1)] = 100_000, rounds: Rounds = 5, report: Report = None, port: Port = 8800
) -> None:
    """Three hundred alerts taken, declarations accepted, cases confirmed in one call; and pages of worklists."""
    _run("bulk", lambda: measure_bulk(port, cases=cases, rounds=rounds), report)


@app.command("log-order")
def log_order(seconds: Seconds = 4, rounds: Rounds = 3, report: Report = None, port: Port = 8800) -> None:
    """The alert log's order: by a lock, by a watermark, and without either."""
    _run("log_order", lambda: _log_order(port, seconds, rounds), report)


@app.command()
def refusals(rounds: Rounds = 30, report: Report = None, port: Port = 8800) -> None:
    """Refusing the worst documents and bodies: each is to take less than 20 ms."""
    _run("refusals", lambda: _refusals(port, rounds), report)


@app.command()
def fanout(
    subscribers: Annotated[list[int] | None, typer.Option(min=1, help="How many; may be given again.")] = None,
    sessions: Annotated[int, typer.Option(min=1, help="How many sessions they have between them.")] = 1_000,
    rounds: Rounds = 3,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """One event to very many subscribers of one document, and very many who come back at once; shared and not."""
    many = subscribers or [1_000, 5_000]
    _run("fanout", lambda: measure_fanout(port, subscribers=many, sessions=sessions, rounds=rounds), report)


@app.command()
def together(
    seconds: Seconds = 4,
    rounds: Rounds = 5,
    clients: Annotated[list[int] | None, typer.Option(min=1, help="How many declare at once; several.")] = None,
    in_flight: Annotated[list[int] | None, typer.Option(min=1, help="Transactions under way at once; several.")] = None,
    report: Report = None,
) -> None:
    """Declarations that share a transaction and such that do not, in this process and without GraphQL."""
    _run(
        "together",
        lambda: measure_together(
            seconds=seconds, rounds=rounds, clients=clients or CLIENTS, in_flight=in_flight or (MOST_IN_FLIGHT,)
        ),
        report,
    )


async def _refusals(port: int, rounds: int) -> dict[str, Any]:
    async with demo_server(port) as server:
        return await measure_refusals(server, rounds=rounds)


async def _declare(port: int, seconds: float, rounds: int, workers: int) -> dict[str, Any]:
    async with demo_server(port, workers) as server:
        found = await measure_declaring(server, seconds=seconds, rounds=rounds)
        return found | {"workers": workers, "postgresql": await server.version()}


async def _log_order(port: int, seconds: float, rounds: int) -> dict[str, Any]:
    async with demo_server(port) as server:
        found = await measure_log_order(server, seconds=seconds, rounds=rounds)
        return found | {"postgresql": await server.version()}


def _run(name: str, work: Callable[[], Awaitable[dict[str, Any]]], report: Path | None) -> None:
    console = Console()

    async def measured() -> dict[str, Any]:
        before = machine()
        with Console(stderr=True).status(f"measuring {name}"):
            return {"machine": before, name: await work()}

    try:
        found = asyncio.run(measured())
    except NotStarted as error:
        console.print(f"the server to be measured did not start: {error}", markup=False)
        raise typer.Exit(1) from None
    console.print(Pretty(found, expand_all=True))
    if report is not None:
        report.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    app()
