"""What the commands of `python -m bench` have in common: options, and how one measures and keeps what it found."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.pretty import Pretty

from bench.demo_server import NotStarted
from bench.machine import load, machine
from bench.sending import LoadFailed

Report = Annotated[Path | None, typer.Option(help="Write the figures to this file as JSON.")]
Port = Annotated[int, typer.Option(help="The first of two free ports.")]
Rounds = Annotated[int, typer.Option(min=1, help="How often each thing is measured; the noise is between rounds.")]
Seconds = Annotated[float, typer.Option(min=1, help="How long a round lasts.")]


def run(name: str, work: Callable[[], Awaitable[dict[str, Any]]], report: Path | None) -> None:
    """Measures, shows what was found, and keeps it. Raises Exit where a server did not do its work."""
    console = Console()
    found = measured(name, work, console)
    console.print(Pretty(found, expand_all=True))
    write_report(found, report)


def measured(name: str, work: Callable[[], Awaitable[dict[str, Any]]], console: Console) -> dict[str, Any]:
    """What was found, with the machine it was found on. Raises Exit, after saying why, where a server did not work."""

    async def beside_the_machine() -> dict[str, Any]:
        before = machine()
        with Console(stderr=True).status(f"measuring {name}"):
            return {"machine": before, name: await work(), "load_after": load()}

    try:
        return asyncio.run(beside_the_machine())
    except NotStarted as error:
        console.print(f"the server to be measured did not start: {error}", markup=False)
    except LoadFailed as error:
        console.print(f"a server did not do its work: {error}", markup=False)
    raise typer.Exit(1)


def write_report(found: dict[str, Any], report: Path | None) -> None:
    """Writes it to the report, where one is wanted."""
    if report is not None:
        report.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS) + b"\n")


def numbers(given: str, option: str) -> list[int]:
    """Numbers separated by commas. Raises BadParameter."""
    try:
        return [int(number) for number in given.split(",") if number]
    except ValueError:
        raise typer.BadParameter(f"{given}: numbers, separated by commas", param_hint=f"--{option}") from None


def chosen_of(given: str, known: Iterable[str], option: str) -> list[str]:
    """Names separated by commas. Raises BadParameter for one that is not known."""
    chosen = [name for name in given.split(",") if name]
    if unknown := set(chosen) - set(known):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there is {', '.join(known)}", param_hint=f"--{option}")
    return chosen
