"""`khaibao documents`: the operations that clients send, as a manifest that the server may be told to keep to."""

from pathlib import Path
from typing import Annotated

import typer

from app import limits
from commands.options import AsJson
from commands.outcome import print_json, refuse
from graph.api import build_schema
from graph.collected import collect, faults
from graph.manifest import Entry, ManifestError, read_manifest, written
from settings import PREFIX, read

documents = typer.Typer(name="documents", help="The operations that clients send, as a manifest.", no_args_is_help=True)

_MOST_SHOWN = 100


@documents.command("make")
def make(
    folder: Annotated[Path, typer.Argument(help="A folder with .graphql files; those of its folders count as well.")],
    out: Annotated[Path, typer.Option(help="The manifest to write.")] = Path("manifest.json"),
    flat: Annotated[
        bool, typer.Option("--flat", help="Write only hashes and documents, and not Apollo's form.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a manifest of the operations in FOLDER. Needs no database.

    Each operation goes in with the fragments that it uses, and is checked as `khaibao documents check` does. A client
    that hashes its documents itself needs the manifest that its own build tool makes.
    """
    if not folder.is_dir():
        refuse(f"{folder} is no folder; name the one that your client's .graphql files are in")
    found = collect(folder)
    _end_if(found.faults + _faults(found.entries), folder, as_json)
    if not found.entries:
        refuse(f"{folder} has no operation in a file that ends with .graphql or .gql")
    try:
        out.write_bytes(written(found.entries, flat=flat))
    except OSError as error:
        refuse(f"cannot write {out}: {error.strerror}; name a file in a folder that is there")
    _say(f"{out}: {len(found.entries)} operations", out, found.entries, as_json)


@documents.command("check")
def check(
    manifest: Annotated[Path, typer.Argument(help="A manifest: Apollo's form, or hashes and documents.")],
    as_json: AsJson = False,
) -> None:
    """Check that each operation of MANIFEST is valid for this version's schema and within the bounds of the settings.

    Needs no database. Exit code 1 where one is not: clients that are out there with it would be refused.
    """
    try:
        entries = read_manifest(manifest)
    except ManifestError as error:
        refuse(f"{error}; make it anew with `khaibao documents make` or with your client's own tool")
    _end_if(_faults(entries), manifest, as_json)
    _say(f"{manifest}: {len(entries)} operations, all valid and within the bounds", manifest, entries, as_json)


def _faults(entries: list[Entry]) -> list[str]:
    return faults(build_schema()._schema, entries, limits(read()))


def _end_if(found: list[str], source: Path, as_json: bool) -> None:
    if not found:
        return
    if as_json:
        print_json({"file": str(source), "faults": found})
    else:
        for line in found[:_MOST_SHOWN]:
            typer.echo(line, err=True)
    refuse(f"{len(found)} faults in {source}; put them right and run the same command again")


def _say(line: str, manifest: Path, entries: list[Entry], as_json: bool) -> None:
    if as_json:
        print_json({"file": str(manifest), "operations": [{"id": one.id, "name": one.name} for one in entries]})
        return
    typer.echo(line)
    typer.echo(f"to run only these: {PREFIX}TRUSTED_DOCUMENTS={manifest.absolute()}", err=True)
    typer.echo(f"to see first what else is sent: {PREFIX}TRUSTED_DOCUMENTS_MODE=log", err=True)
