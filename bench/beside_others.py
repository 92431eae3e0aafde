"""The commands that put the program beside others, and reckon from what they found."""

from functools import partial
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.pretty import Pretty

from bench.capacity import DEMANDS, Times, plan
from bench.deliveries import HEARD, measure_deliveries
from bench.peers.peer import PEERS
from bench.running import Port, Report, Rounds, Seconds, chosen_of, measured, numbers, write_report
from bench.suite import Plan, measure_suite
from bench.suite_report import tables, write
from bench.work import WORKS

_PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


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
        works=chosen_of(work, WORKS, "work"),
        peers=chosen_of(peers, PEERS, "peers"),
        port=port,
        rounds=rounds,
        seconds=seconds,
        cases=cases,
        pinned=pinned,
    )
    console = Console()

    def tell(line: str) -> None:
        console.print(line, markup=False, highlight=False)

    found = measured("suite", lambda: measure_suite(wanted, tell), console)
    console.print(tables(found), markup=False, highlight=False, soft_wrap=True)
    if write_page:
        write(_PAGE, found)
    write_report(found, report)


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
        servers=chosen_of(servers, HEARD, "servers"),
        crowds=numbers(crowds, "crowds"),
        rates=numbers(rates, "rates"),
        events=events,
        seconds=seconds,
        tell=partial(console.print, markup=False, highlight=False),
    )
    found = measured("deliveries", work, console)
    console.print(Pretty(found, expand_all=True))
    write_report(found, report)


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
