"""`python -m bench`: all measurements, or one of them."""

from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.pretty import Pretty

from bench.acts import measure_acts
from bench.beside_others import deliveries, scale, suite
from bench.bulk import measure_bulk
from bench.declaring import measure_declaring
from bench.demo_server import demo_server
from bench.fanout import measure_fanout
from bench.of_the_database import growth, log_order, ordered_log, partitions, pools, sizes, walls
from bench.peers.peer import PEERS
from bench.refusals import measure_refusals
from bench.running import Port, Report, Rounds, Seconds, measured, run, write_report
from bench.sizes import measure_sizes
from bench.steps import measure_steps
from bench.suite import Plan, measure_suite
from bench.together import CLIENTS, measure_together
from bench.walls import measure_walls
from bench.work import WORKS
from services.together import MOST_IN_FLIGHT

app = typer.Typer(help="Measurements of khaibao.", pretty_exceptions_enable=False, invoke_without_command=True)

for command in (suite, deliveries, scale, growth, sizes, walls, pools, partitions):
    app.command()(command)
app.command("log-order")(log_order)


@app.callback()
def everything(context: typer.Context, report: Report = None, port: Port = 8800) -> None:
    """Run every measurement, about half an hour; or name one."""
    if context.invoked_subcommand is None:

        async def work() -> dict[str, Any]:
            return {
                # First, for it says at once where its peers cannot be had.
                "suite": await measure_suite(Plan(tuple(WORKS), tuple(PEERS), port), print),
                "declare": await _declare(port, 15, 3, 1),
                "log_order": await ordered_log(port, 4, 3),
                "sizes": await measure_sizes(port, small=10_000, large=1_000_000, rounds=7),
                "walls": await measure_walls(port, cases=300_000, rounds=7),
                "refusals": await _refusals(port, 30),
                "bulk": await measure_bulk(port, cases=100_000, rounds=5),
            }

        run("everything", work, report)


@app.command()
def declare(
    seconds: Seconds = 15,
    rounds: Rounds = 3,
    workers: Annotated[int, typer.Option(min=1, max=6, help="How many processes serve.")] = 1,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """Declaring at 32 clients through the API, with 335 sockets listening."""
    run("declare", lambda: _declare(port, seconds, rounds, workers), report)


@app.command()
def bulk(
    cases: Annotated[int, typer.Option(min=1)] = 100_000, rounds: Rounds = 5, report: Report = None, port: Port = 8800
) -> None:
    """Three hundred alerts taken, declarations accepted, cases confirmed in one call; and pages of worklists."""
    run("bulk", lambda: measure_bulk(port, cases=cases, rounds=rounds), report)


@app.command()
def refusals(rounds: Rounds = 30, report: Report = None, port: Port = 8800) -> None:
    """Refusing the worst documents and bodies: each is to take less than 20 ms."""
    run("refusals", lambda: _refusals(port, rounds), report)


@app.command()
def fanout(
    subscribers: Annotated[list[int] | None, typer.Option(min=1, help="How many; may be given again.")] = None,
    sessions: Annotated[int, typer.Option(min=1, help="How many sessions they have between them.")] = 1_000,
    rounds: Rounds = 3,
    alone: Annotated[bool, typer.Option(help="Also without sharing, in turns: ten thousand are then too many.")] = True,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """One event to very many subscribers of one document, and very many who come back at once; shared and not."""
    many = subscribers or [1_000, 5_000]
    run("fanout", lambda: measure_fanout(port, subscribers=many, sessions=sessions, rounds=rounds, alone=alone), report)


@app.command()
def steps(
    subscribers: Annotated[int, typer.Option(min=1, help="How many screens.")] = 2_000,
    sessions: Annotated[int, typer.Option(min=1, help="How many sessions they have between them.")] = 1_000,
    rounds: Rounds = 3,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """What each step of a screen that comes back costs: its socket, its session, its subscriptions."""
    console = Console()
    tell = partial(console.print, markup=False, highlight=False)
    work = partial(measure_steps, port, subscribers=subscribers, sessions=sessions, rounds=rounds, tell=tell)
    found = measured("steps", work, console)
    console.print(Pretty(found, expand_all=True))
    write_report(found, report)


@app.command()
def together(
    seconds: Seconds = 4,
    rounds: Rounds = 5,
    clients: Annotated[list[int] | None, typer.Option(min=1, help="How many declare at once; several.")] = None,
    in_flight: Annotated[list[int] | None, typer.Option(min=1, help="Transactions under way at once; several.")] = None,
    report: Report = None,
) -> None:
    """Declarations that share a transaction and such that do not, in this process and without GraphQL."""
    run(
        "together",
        lambda: measure_together(
            seconds=seconds, rounds=rounds, clients=clients or CLIENTS, in_flight=in_flight or (MOST_IN_FLIGHT,)
        ),
        report,
    )


@app.command()
def acts(
    seconds: Seconds = 4,
    rounds: Rounds = 5,
    people: Annotated[int, typer.Option(min=256, help="Who are ill, and alerts that may be taken.")] = 8_000,
    report: Report = None,
) -> None:
    """Check-ins and acknowledgements at 32 clients, in this process and without GraphQL."""
    run("acts", lambda: measure_acts(seconds=seconds, rounds=rounds, people=people), report)


async def _refusals(port: int, rounds: int) -> dict[str, Any]:
    async with demo_server(port) as server:
        return await measure_refusals(server, rounds=rounds)


async def _declare(port: int, seconds: float, rounds: int, workers: int) -> dict[str, Any]:
    async with demo_server(port, workers) as server:
        found = await measure_declaring(server, seconds=seconds, rounds=rounds)
        return found | {"workers": workers, "postgresql": await server.version()}


if __name__ == "__main__":
    app()
