"""`python -m bench`: all measurements, or one of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.pretty import Pretty

from bench.bulk import measure_bulk
from bench.capacity import DEMANDS, Times, plan
from bench.declaring import measure_declaring
from bench.deliveries import HEARD, measure_deliveries
from bench.demo_server import NotStarted, demo_server
from bench.fanout import measure_fanout
from bench.growth import SIZES, draw, measure_growth
from bench.log_order import measure_log_order
from bench.machine import load, machine
from bench.peers.peer import PEERS
from bench.refusals import measure_refusals
from bench.sending import LoadFailed
from bench.sizes import measure_sizes
from bench.suite import Plan, measure_suite
from bench.suite_report import tables, write
from bench.together import CLIENTS, measure_together
from bench.walls import measure_walls
from bench.work import WORKS
from services.together import MOST_IN_FLIGHT

Report = Annotated[Path | None, typer.Option(help="Write the figures to this file as JSON.")]
Port = Annotated[int, typer.Option(help="The first of two free ports.")]
Rounds = Annotated[int, typer.Option(min=1, help="How often each thing is measured; the noise is between rounds.")]
Seconds = Annotated[float, typer.Option(min=1, help="How long a round lasts.")]

_PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"

app = typer.Typer(help="Measurements of khaibao.", pretty_exceptions_enable=False, invoke_without_command=True)


@app.callback()
def everything(context: typer.Context, report: Report = None, port: Port = 8800) -> None:
    """Run every measurement, about half an hour; or name one."""
    if context.invoked_subcommand is None:

        async def work() -> dict[str, Any]:
            return {
                # First, for it says at once where its peers cannot be had.
                "suite": await measure_suite(Plan(tuple(WORKS), tuple(PEERS), port), print),
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


@app.command()
def suite(
    work: Annotated[str, typer.Option(help="Which work, separated by commas.")] = ",".join(WORKS),
    peers: Annotated[str, typer.Option(help="Beside whom, separated by commas.")] = ",".join(PEERS),
    rounds: Rounds = 5,
    seconds: Seconds = 3,
    cases: Annotated[int, typer.Option(min=1, help="How many there are already.")] = 10_000,
    pinned: Annotated[bool, typer.Option(help="Give the server a core of its own.")] = False,
    write_page: Annotated[bool, typer.Option("--write", help="Write the tables into docs/benchmarks.md.")] = False,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """The program beside its peers: the same work, the same tables, in turns. About a quarter of an hour."""
    wanted = Plan(
        works=_chosen(work, WORKS, "work"),
        peers=_chosen(peers, PEERS, "peers"),
        port=port,
        rounds=rounds,
        seconds=seconds,
        cases=cases,
        pinned=pinned,
    )
    console = Console()

    def tell(line: str) -> None:
        console.print(line, markup=False, highlight=False)

    found = _measured("suite", lambda: measure_suite(wanted, tell), console)
    console.print(tables(found), markup=False, highlight=False, soft_wrap=True)
    if write_page:
        write(_PAGE, found)
    _keep(found, report)


@app.command()
def deliveries(
    servers: Annotated[str, typer.Option(help="Who is listened to, separated by commas.")] = ",".join(HEARD),
    crowds: Annotated[str, typer.Option(help="How many listen, separated by commas; nothing for none.")] = "1000,5000",
    rates: Annotated[str, typer.Option(help="Declarations a second, separated by commas; nothing for none.")] = (
        "100,500,1000"
    ),
    events: Annotated[int, typer.Option(min=1, help="How many events each crowd hears.")] = 10,
    seconds: Seconds = 5,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """Events on their way to thousands of sockets, and to stations while people declare."""
    console = Console()
    work = partial(
        measure_deliveries,
        port,
        servers=_chosen(servers, HEARD, "servers"),
        crowds=_numbers(crowds, "crowds"),
        rates=_numbers(rates, "rates"),
        events=events,
        seconds=seconds,
        tell=partial(console.print, markup=False, highlight=False),
    )
    found = _measured("deliveries", work, console)
    console.print(Pretty(found, expand_all=True))
    _keep(found, report)


def _numbers(given: str, option: str) -> list[int]:
    try:
        return [int(number) for number in given.split(",") if number]
    except ValueError:
        raise typer.BadParameter(f"{given}: numbers, separated by commas", param_hint=f"--{option}") from None


@app.command()
def scale(
    suite_report: Annotated[Path, typer.Argument(help="What `suite --report` wrote.")],
    deliveries_report: Annotated[Path, typer.Argument(help="What `deliveries --report` wrote.")],
) -> None:
    """How many cores and relays a city, a country and CoWIN's opening take, from what was measured."""
    works = orjson.loads(suite_report.read_bytes())["suite"]["works"]
    crowds = orjson.loads(deliveries_report.read_bytes())["deliveries"]["crowds"]
    declare, read = (
        tuple(works[name]["khaibao"][part]["median"] for part in ("server_us", "database_us"))
        for name in ("declare", "worklist")
    )
    times = Times(declare, read, crowds[max(crowds, key=int)]["khaibao"]["server_us"]["median"])
    Console().print(Pretty([times, *(plan(times, demand) for demand in DEMANDS)], expand_all=True))


@app.command()
def growth(
    largest: Annotated[int, typer.Option(min=10_000, help="No more cases than these.")] = SIZES[-1],
    rounds: Rounds = 5,
    seconds: Seconds = 3,
    picture: Annotated[Path | None, typer.Option(help="Draw the curves into this PNG.")] = None,
    report: Report = None,
    port: Port = 8800,
) -> None:
    """What a committee and a resident ask, with 10 thousand cases, 100 thousand, 1 million, and 10 if they fit."""
    console = Console()

    def tell(line: str) -> None:
        console.print(line, markup=False, highlight=False)

    sizes = [size for size in SIZES if size <= largest]
    work = partial(measure_growth, port, sizes=sizes, rounds=rounds, seconds=seconds, tell=tell)
    found = _measured("growth", work, console)
    console.print(Pretty({**found, "growth": {**found["growth"], "plans": "in the report"}}, expand_all=True))
    _keep(found, report)
    if picture is not None:
        draw(found["growth"], picture)


def _chosen(given: str, known: Iterable[str], option: str) -> list[str]:
    chosen = [name for name in given.split(",") if name]
    if unknown := set(chosen) - set(known):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there is {', '.join(known)}", param_hint=f"--{option}")
    return chosen


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
    found = _measured(name, work, console)
    console.print(Pretty(found, expand_all=True))
    _keep(found, report)


def _measured(name: str, work: Callable[[], Awaitable[dict[str, Any]]], console: Console) -> dict[str, Any]:
    async def measured() -> dict[str, Any]:
        before = machine()
        with Console(stderr=True).status(f"measuring {name}"):
            return {"machine": before, name: await work(), "load_after": load()}

    try:
        return asyncio.run(measured())
    except NotStarted as error:
        console.print(f"the server to be measured did not start: {error}", markup=False)
    except LoadFailed as error:
        console.print(f"a server did not do its work: {error}", markup=False)
    raise typer.Exit(1)


def _keep(found: dict[str, Any], report: Path | None) -> None:
    if report is not None:
        report.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS) + b"\n")


if __name__ == "__main__":
    app()
