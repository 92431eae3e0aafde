"""`khaibao guide`: the API by example, as a page and as files."""

from pathlib import Path
from typing import Annotated

import typer

from commands.outcome import refuse
from graph.guide.page import FILE, documents, printed, up_to_date
from graph.guide.page import write as write_file


def guide(
    check: Annotated[bool, typer.Option("--check", help="Only say whether docs/api.md is up to date.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write docs/api.md anew.")] = False,
    operations: Annotated[
        Path | None,
        typer.Option(help="Write each operation of the guide as a .graphql file into this folder."),
    ] = None,
) -> None:
    """Print the API's guide, check docs/api.md against it, write it anew, or write its operations as files.

    Exit code 1 where `--check` finds that the page says something else than the story.
    """
    if operations is not None:
        operations.mkdir(parents=True, exist_ok=True)
        for name, text in documents().items():
            (operations / name).write_text(text, encoding="utf-8")
        typer.echo(f"written: {len(documents())} operations in {operations}", err=True)
    elif write:
        write_file()
        typer.echo(f"written: {FILE.name}", err=True)
    elif not check:
        typer.echo(printed(), nl=False)
    elif not up_to_date():
        refuse(f"{FILE.name} is not what the story says: run `khaibao guide --write` and look at the difference")
