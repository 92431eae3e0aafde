"""`python -m overload`: the storm, its table, and exit code 1 where a promise is broken."""

import asyncio
from pathlib import Path
from typing import Annotated

import orjson
import typer
import uvloop
from rich.console import Console

from bench.demo_server import NotStarted, demo_server
from overload.child import Ended
from overload.plan import Plan
from overload.report import record, show
from overload.run import Outcome, Run
from simulation.client import Refused, Unreachable

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def overload(
    seconds: Annotated[float, typer.Option(min=1, help="How long the storm lasts.")] = 60.0,
    factor: Annotated[float, typer.Option(min=0.1, help="How many times the measured capacity comes.")] = 10.0,
    after: Annotated[float, typer.Option(min=1, help="Seconds of calm after it.")] = 15.0,
    subscribers: Annotated[int, typer.Option(min=2, help="How many listen to alerts meanwhile.")] = 500,
    reconnecting: Annotated[int, typer.Option(min=0, help="How many screens come back at once at the end.")] = 2_000,
    measured: Annotated[float, typer.Option(min=1, help="Seconds in which the capacity is measured.")] = 8.0,
    speed: Annotated[bool, typer.Option(help="Whether times are promises, or only what is lost or refused.")] = True,
    seed: Annotated[int, typer.Option(help="Draws the people.")] = 1,
    port: Annotated[int, typer.Option(help="The first of two free ports.")] = 8840,
    report: Annotated[Path | None, typer.Option(help="Write the figures to this file as JSON.")] = None,
) -> None:
    """Send ten times as much as the server can do, and hold what becomes of everybody against the promises."""
    plan = Plan(
        seconds=seconds,
        factor=factor,
        after=after,
        subscribers=subscribers,
        reconnecting=reconnecting,
        measured=measured,
        speed=speed,
        seed=seed,
        port=port,
    )
    console = Console()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = record(runner.run(_run(plan, console)))
    except (NotStarted, Ended, Refused, Unreachable) as error:
        console.print(f"the run could not go on: {error}", markup=False)
        raise typer.Exit(2) from None
    show(found, console)
    if report is not None:
        report.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    if found["findings"]:
        raise typer.Exit(1)


async def _run(plan: Plan, console: Console) -> Outcome:
    with Console(stderr=True).status("starting a server") as status:

        def tell(line: str) -> None:
            status.update(line)
            if not console.is_terminal:
                console.print(line, markup=False, highlight=False)

        async with demo_server(plan.port) as server:
            return await Run(plan, server, tell).run()


if __name__ == "__main__":
    app()
