"""`khaibao lifecycle`: what can happen to a declaration, a case and an alert, as a page of the documentation."""

from typing import Annotated

import typer

from commands.outcome import refuse
from graph.lifecycles import FILE, printed, up_to_date
from graph.lifecycles import write as write_file


def lifecycle(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the page is up to date.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the page anew.")] = False,
) -> None:
    """Print the tables of the life cycles, check docs/lifecycles.md against them, or write it anew.

    Exit code 1 where `--check` finds that the page says something else than the code.
    """
    if write:
        write_file()
        typer.echo(f"written: {FILE.name}", err=True)
    elif not check:
        typer.echo(printed(), nl=False)
    elif not up_to_date():
        refuse(f"{FILE.name} is not what the code says: run `khaibao lifecycle --write` and look at the difference")
