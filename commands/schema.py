"""`khaibao schema`: the API's contract as a file."""

from typing import Annotated

import typer

from commands.outcome import refuse
from graph.printed import FILE, printed, up_to_date
from graph.printed import write as write_file


def schema(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the file is up to date.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the file anew.")] = False,
) -> None:
    """Print the API's schema, check graph/schema/schema.graphql against the code, or write it anew.

    Exit code 1 where `--check` finds that the file says something else than the code.
    """
    if write:
        write_file()
        typer.echo(f"written: {FILE.name}", err=True)
    elif not check:
        typer.echo(printed(), nl=False)
    elif not up_to_date():
        refuse(f"{FILE.name} is not what the code says: run `khaibao schema --write` and look at the difference")
