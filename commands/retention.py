"""`khaibao retention`: what is kept too long becomes anonymous."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from commands.options import AsJson
from commands.outcome import OPERATOR, print_json, refuse
from commands.session import database
from services.retention import Due, Retained, count_due, run_retention

retention = typer.Typer(name="retention", help="What is kept, and for how long.", no_args_is_help=True)


@retention.command("run")
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much it would be.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make cases anonymous that are older than the retention of their protocol. Counts stay as they are.

    A serving process does the same by itself. It can be stopped at any moment and run again.
    """
    if dry_run:
        due = asyncio.run(_count())
        if as_json:
            print_json(due)
        else:
            typer.echo(
                f"{due.closed} closed cases and {due.never_closed} that nobody has closed would become anonymous"
            )
        return
    done = asyncio.run(_run())
    if as_json:
        print_json(done)
    if done.busy:
        refuse(f"another process is doing this at the moment and does the rest; {done.cases} cases were done here")
    if not as_json:
        typer.echo(
            f"{done.cases} cases and {done.submissions} submissions are anonymous; what was counted stays counted"
        )


async def _count() -> Due:
    async with database() as runtime:
        return await count_due(runtime)


async def _run() -> Retained:
    bar = Progress(
        TextColumn("making anonymous"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    async with database() as runtime:
        with bar:
            task = bar.add_task("cases", total=None)
            return await run_retention(
                runtime, OPERATOR, lambda done, total: bar.update(task, completed=done, total=total)
            )
