"""`khaibao demo`: everything on one machine, and the eleven days of March 2022 lived through again."""

import asyncio
import contextlib
import signal
from contextlib import AsyncExitStack
from typing import Annotated

import typer
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Table

from commands.child import ChildFailed, Server
from commands.demo_database import DemoRefused, demo_database, furnish
from commands.demo_place import PlaceUnusable, demo_password, demo_settings, full_disk, log_file
from commands.listening import Address, PortTaken, free_address
from commands.outcome import refuse
from commands.playing import (
    DEFAULT_DECLARATIONS,
    DEFAULT_SEED,
    Declarations,
    NotPlayed,
    Rate,
    Report,
    Seed,
    Subscribers,
    check_report,
    play,
    run,
)
from commands.serve import environment
from models.database import DatabaseUrls
from settings import Settings, read
from simulation.client import Client, Refused, Unreachable
from simulation.keep_alive import Endpoint
from simulation.operations import INSTALLATION
from simulation.replay import Plan
from simulation.staff import ADMINISTRATOR, DEPARTMENT

_LOOK = 0.2


def demo(
    declarations: Declarations = DEFAULT_DECLARATIONS,
    rate: Rate = None,
    subscribers: Subscribers = None,
    seed: Seed = DEFAULT_SEED,
    report: Report = None,
    stay: Annotated[bool, typer.Option("--stay/--no-stay", help="Stay up after the replay, to look around.")] = True,
    play_it: Annotated[
        bool,
        typer.Option("--replay/--no-replay", help="Live through the eleven days, or only start with nothing declared."),
    ] = True,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port to listen on.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=6, help="How many processes serve.")] = 1,
) -> None:
    """Start everything on a database of its own, and live through 11 to 22 March 2022 again.

    Residents declare over HTTP, every station and committee listens on a WebSocket of its own, stations take four
    alerts in ten. At the end the figures are held against the published ones: exit code 1 where one differs.
    The database is emptied at each start; no other is touched.
    """
    settings = read()
    place = demo_settings(settings).model_copy(update={"workers": workers})
    console = Console()
    try:
        check_report(report)
        address = free_address(host or settings.host, port or settings.port)
        plan = Plan(address.url, demo_password(place), declarations, seed, rate, subscribers)
        agrees = run(_demo(place, plan, address, console, report, stay=stay, play_it=play_it))
    except (NotPlayed, PortTaken, PlaceUnusable, DemoRefused, ChildFailed) as error:
        refuse(full_disk(place) or str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except asyncio.CancelledError:  # SIGTERM
        raise typer.Exit(143) from None
    if not agrees:
        raise typer.Exit(1)


async def _demo(
    place: Settings, plan: Plan, address: Address, console: Console, report: Report, *, stay: bool, play_it: bool
) -> bool:
    """Runs all of it; whether every figure agrees. Whatever happens, nothing is left running."""
    task = asyncio.current_task()
    if task is not None:
        with contextlib.suppress(NotImplementedError):  # Windows ends a process without asking it.
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with AsyncExitStack() as stack:
        with console.status("starting the database and putting the city of March 2022 into it"):
            urls = await stack.enter_async_context(demo_database(place))
            await furnish(place, urls, plan.password)
        with console.status("starting the server"):
            server = await _serving(stack, place, urls, address, escalation=place.escalation and not play_it)
        console.print(f"serving at {address.url}  (log: {log_file(place)})", highlight=False, soft_wrap=True)
        agrees = await play(plan, console, report) if play_it else True
        if stay:
            if play_it and place.escalation:
                # From here on the clock runs as clocks do: what nobody has answered is called as it would have been.
                with console.status("calling the next level for what nobody has answered"):
                    await server.stop()
                    server = await _serving(stack, place, urls, address, escalation=True)
            console.print(_what_to_open(place, plan, address))
            await _stay(server, place)
        return agrees


async def _serving(
    stack: AsyncExitStack, place: Settings, urls: DatabaseUrls, address: Address, *, escalation: bool
) -> Server:
    settings = place.model_copy(update={"escalation": escalation})
    server = Server(address.arguments, environment(settings, urls), log_file(place))
    stack.push_async_callback(server.stop)
    await server.ready(lambda: _serves(address.url))
    return server


async def _serves(url: str) -> bool:
    client = Client(Endpoint.of(url), patience=0)
    try:
        return bool(await client.call(INSTALLATION))
    except (Refused, Unreachable):
        return False
    finally:
        client.close()


async def _stay(server: Server, place: Settings) -> None:
    """Until Ctrl-C, which is no failure, or until the server ends by itself, which is one."""
    try:
        while not server.ended:  # noqa: ASYNC110 - a process sets no event
            await asyncio.sleep(_LOOK)
    except asyncio.CancelledError:
        return
    raise ChildFailed(f"the server has ended by itself (log: {log_file(place)})")


def _what_to_open(place: Settings, plan: Plan, address: Address) -> RenderableType:
    grid = Table.grid(padding=(0, 3))
    grid.add_row("explorer", f"{address.url}/explorer")
    grid.add_row("API", f"{address.url}/graphql")
    grid.add_row("log", str(log_file(place)))
    grid.add_row("text messages", str(place.sms_log_path))
    grid.add_row("keys", str(place.key_path))
    grid.add_row("password", f"{plan.password}  (of every account below)")
    for name, who in (
        ("station-26734", "a ward's health station, by the ward's code: 312 of them"),
        ("centre-760", "a district's medical centre: 22 of them"),
        ("hospital-774", "a hospital, which sees whom stations have referred to it: 3 of them"),
        ("committee-760", "a district's committee: 22 of them"),
        ("committee-79", "the city's committee"),
        (DEPARTMENT, "the city's department of health"),
        (ADMINISTRATOR, "the administrator"),
    ):
        grid.add_row(name, who)
    grid.add_row("again", f"khaibao replay --url {address.url} --seed 7 --declarations 5000")
    return Panel(grid, title="The demo stays up until Ctrl-C", expand=False)
