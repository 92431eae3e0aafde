"""`khaibao schema`: the API's contract as a file."""

from typing import Annotated

import typer

from commands.outcome import refuse
from graph.printed import FILE, printed, up_to_date
from graph.printed import write as write_file
from graph.released import RELEASED, broken
from graph.released import release as make_release


def schema(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the file is up to date.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the file anew.")] = False,
    release: Annotated[
        bool, typer.Option("--release", help="Make it the schema that the next releases are held against.")
    ] = False,
) -> None:
    """Print the API's schema, check graph/schema/schema.graphql against the code, or write it anew.

    Exit code 1 where `--check` finds that the file says something else than the code, or that the code breaks what the
    last release has promised (graph/schema/released.graphql).
    """
    if release:
        make_release()
        typer.echo(f"written: {RELEASED.name}", err=True)
    elif write:
        write_file()
        typer.echo(f"written: {FILE.name}", err=True)
    elif not check:
        typer.echo(printed(), nl=False)
    elif not up_to_date():
        refuse(f"{FILE.name} is not what the code says: run `khaibao schema --write` and look at the difference")
    elif missing := broken(RELEASED.read_text(encoding="utf-8")):
        for line in missing:
            typer.echo(line, err=True)
        refuse("clients of the last release would miss that: keep it, and mark it as deprecated (docs/api-changes.md)")
