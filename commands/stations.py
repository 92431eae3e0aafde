"""`khaibao stations`: who answers for which area."""

from pathlib import Path
from typing import Annotated

import typer

from commands.options import AsJson
from commands.outcome import OPERATOR, perform, print_json, read_file
from services.import_stations import import_stations as import_stations_service

stations = typer.Typer(name="stations", help="Health stations and medical centres.", no_args_is_help=True)


@stations.callback()
def _stations() -> None:
    """Health stations and medical centres."""


@stations.command("import")
def import_stations(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8: station_id,kind,area_id,name,phone")],
    as_json: AsJson = False,
) -> None:
    """Add and change stations as FILE says: all of it or nothing, and again with the same result."""
    content = read_file(file)
    done = perform(
        f"importing {file.name}", lambda runtime: import_stations_service(runtime, OPERATOR, content), as_json=as_json
    )
    if as_json:
        print_json(done)
        return
    typer.echo(f"{done.added} stations added, {done.changed} changed, {done.unchanged} were as the file says")
    if done.without_phone:
        typer.echo(f"{done.without_phone} have no telephone number, so that receipts name none for them")
