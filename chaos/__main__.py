"""`python -m chaos`: a run, its report, and exit code 1 where anything was lost."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import orjson
import typer
import uvloop
from rich.console import Console

from chaos.fault import SPACING, Kind
from chaos.installation import NotStarted, installed
from chaos.plan import Plan
from chaos.report import record, show
from chaos.run import Outcome, Run
from chaos.view import watching

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def chaos(
    seconds: Annotated[float, typer.Option(min=5, help="How long faults come.")] = 90.0,
    seed: Annotated[int, typer.Option(help="Draws the people and the faults.")] = 1,
    servers: Annotated[int, typer.Option(min=1, max=6, help="How many processes serve.")] = 2,
    subscribers: Annotated[int, typer.Option(min=4, max=300, help="How many listen to alerts.")] = 200,
    silent: Annotated[int, typer.Option(min=1, max=50, help="How many will read nothing for a while.")] = 3,
    hang: Annotated[bool, typer.Option("--hang", help="They read nothing all the time.")] = False,
    residents: Annotated[int, typer.Option(min=1, max=200, help="How many declare at once.")] = 16,
    postgres: Annotated[Path | None, typer.Option(help="A folder with another PostgreSQL's programs.")] = None,
    redis: Annotated[bool, typer.Option("--redis/--no-redis", help="Wake-ups go through a redis-server.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this kind of fault, such as server_killed.")] = None,
    spacing: Annotated[float, typer.Option(min=0.2, help="Seconds between faults, on average.")] = SPACING,
    severe: Annotated[float, typer.Option(min=0, max=1, help="The share of severe reports.")] = 0.23,
    memory: Annotated[int, typer.Option(min=50, help="The most MiB that a server may hold.")] = 320,
    drain: Annotated[float, typer.Option(min=5, help="Seconds for everything to reach everybody at the end.")] = 90.0,
    plant: Annotated[str | None, typer.Option(help="For tests: build this fault into the servers.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the figures to this file as JSON.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep the parts' logs and the gateway's in this folder.")] = None,
) -> None:
    """Kill, cut, stall and lie to everything while residents declare, and hold the account against the promises.

    Exit code 0 where nothing was lost, doubled, forgotten or out of order, 1 with the list otherwise.
    """
    plan = Plan(
        seconds=seconds,
        seed=seed,
        servers=servers,
        subscribers=subscribers,
        silent=silent,
        hang=hang,
        residents=residents,
        postgres=postgres,
        redis=_redis() if redis else None,
        kinds=frozenset(_kind(name) for name in only) if only else frozenset(Kind),
        spacing=spacing,
        severe=severe,
        memory=memory,
        drain=drain,
        plant=plant,
    )
    console = Console()
    try:
        with _folder(keep) as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            outcome = runner.run(_run(plan, console, folder))
    except NotStarted as error:
        console.print(f"a part did not start: {error}", markup=False)
        raise typer.Exit(2) from None
    found = record(outcome)
    show(found, console)
    if report is not None:
        report.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    if outcome.findings:
        raise typer.Exit(1)


async def _run(plan: Plan, console: Console, folder: Path) -> Outcome:
    async with watching(plan, console) as progress, installed(plan, folder) as installation:
        return await Run(plan, installation, progress).run()


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """A folder for the run; of what lies in it at the end the logs are kept, where somebody wants them."""
    folder = Path(tempfile.mkdtemp(prefix="khaibao-chaos-"))
    try:
        yield folder
    finally:
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            for log in (*folder.glob("*.log"), *folder.glob("*.jsonl")):
                shutil.copy(log, keep)
        shutil.rmtree(folder, ignore_errors=True)


def _redis() -> str:
    found = shutil.which("redis-server")
    if found is None:
        raise typer.BadParameter("redis-server is not on PATH", param_hint="--redis")
    return found


def _kind(name: str) -> Kind:
    try:
        return Kind[name.upper()]
    except KeyError:
        known = ", ".join(kind.name.lower() for kind in Kind)
        raise typer.BadParameter(f"{name} is none of {known}", param_hint="--only") from None


if __name__ == "__main__":
    app()
