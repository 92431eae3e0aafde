"""`khaibao migrate`: bringing the database to the shape that the program expects."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from commands.options import AsJson
from commands.outcome import print_json
from commands.session import serving
from models.fresh_schema import FRESH, printed
from models.migrate import migrate as run_migrations
from settings import read


def migrate(
    as_json: AsJson = False,
    write: Annotated[
        bool, typer.Option("--write", help="Only print migrations/fresh.sql anew, after a change.")
    ] = False,
) -> None:
    """Run the migrations that are missing. `serve` does so too at its start; here it can be done before."""
    if write:
        FRESH.write_text(asyncio.run(printed()), encoding="utf-8")
        typer.echo(str(FRESH))
        return
    done: list[str] = []

    async def work() -> None:
        async with serving(read()) as urls:
            with Console(stderr=True).status("migrating"):
                await run_migrations(urls, done.append)

    asyncio.run(work())
    if as_json:
        print_json({"done": done})
    elif done:
        for line in done:
            typer.echo(line)
    else:
        typer.echo("nothing to do")
