"""`khaibao replay`: the eleven days again, against a server that runs already in demo mode."""

from typing import Annotated

import typer
from rich.console import Console

from commands.demo_place import remembered
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
from settings import read
from simulation.client import Client, Refused, Unreachable
from simulation.keep_alive import Endpoint
from simulation.operations import INSTALLATION
from simulation.replay import Plan


def replay(
    url: Annotated[str, typer.Option(help="Where the server is.")] = "http://127.0.0.1:8000",
    password: Annotated[
        str | None, typer.Option(help="The demo accounts' password; that of this machine's last demo by default.")
    ] = None,
    declarations: Declarations = DEFAULT_DECLARATIONS,
    rate: Rate = None,
    subscribers: Subscribers = None,
    seed: Seed = DEFAULT_SEED,
    report: Report = None,
) -> None:
    """Live through 11 to 22 March 2022 on a server that runs in demo mode; every other is refused.

    It moves that installation's clock, and adds its people to what is there. Exit code 1 where a figure differs.
    """
    console = Console()
    found = password or remembered(read())
    if found is None:
        refuse("no demo was started on this machine: give the password that the demo has printed, with --password")
    try:
        Endpoint.of(url)
        check_report(report)
        agrees = run(_replay(Plan(url, found, declarations, seed, rate, subscribers), console, report))
    except (NotPlayed, ValueError) as error:
        refuse(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if not agrees:
        raise typer.Exit(1)


async def _replay(plan: Plan, console: Console, report: Report) -> bool:
    client = Client(Endpoint.of(plan.url), patience=5)
    try:
        mode = (await client.call(INSTALLATION))["installation"]["mode"]
    except (Refused, Unreachable) as error:
        raise NotPlayed(f"no khaibao answers at {plan.url} ({error}): start one with khaibao demo") from error
    finally:
        client.close()
    if mode != "DEMO":
        raise NotPlayed(f"{plan.url} is a {mode.lower()} installation: only a demo can be replayed into")
    return await play(plan, console, report)
