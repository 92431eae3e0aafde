"""`khaibao areas`: the administrative tree, from files and by hand."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from commands.options import AsJson
from commands.outcome import OPERATOR, perform, print_json, read_file, refuse
from commands.plain import plain
from models.area import Area
from services.change_areas import ChangedAreas
from services.change_areas import change_areas as change_areas_service
from services.import_areas import import_areas as import_areas_service
from services.list_areas import AreaFilter, list_areas
from services.move_area import move_area as move_area_service
from services.number_areas import number_areas
from services.operation import Operation
from services.runtime import Runtime

areas = typer.Typer(name="areas", help="The administrative tree.", no_args_is_help=True)

_PAGE = 100


@areas.command("import")
def import_areas(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8: area_id,parent_id,level,type,name,name_en,...")],
    as_json: AsJson = False,
) -> None:
    """Add and change areas as FILE says: all of it or nothing, and again with the same result."""
    content = read_file(file)
    done = perform(
        f"importing {file.name}", lambda runtime: import_areas_service(runtime, OPERATOR, content), as_json=as_json
    )
    if as_json:
        print_json(done)
        return
    typer.echo(f"{done.added} areas added, {done.changed} changed, {done.unchanged} were as the file says")
    if done.kept:
        typer.echo(f"{len(done.kept)} stay as a later change of areas left them")


@areas.command("change")
def change_areas(
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV: effective_date,kind,from_id,to_id,share,legal_basis. Without it: what is due."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Apply changes of areas on their day and carry open cases, accounts and stations across.

    Steps of a day to come are kept and applied by running this again, with or without FILE, on that day.
    Kinds: merge, part, split, rename, recode, reparent (from_id goes below to_id).
    """
    content = read_file(file) if file else None
    done = perform("changing areas", lambda runtime: change_areas_service(runtime, OPERATOR, content), as_json=as_json)
    if as_json:
        print_json(done)
    else:
        _show_change(done)


def _show_change(done: ChangedAreas) -> None:
    typer.echo(f"{done.stored} steps taken over, {done.applied} applied; {done.ended} areas ended, {done.moved} moved")
    carried = done.carried
    typer.echo(
        f"carried across: {carried.cases} open cases, {carried.alerts} alerts, {carried.declarations} declarations,"
        f" {carried.accounts} accounts, {carried.stations} stations ({carried.closed_stations} closed)"
    )
    if done.waiting:
        days = ", ".join(str(day) for day in done.waiting)
        typer.echo(f"waiting for their day: {days}; run khaibao areas change on that day")
    if done.left_accounts:
        typer.echo(f"give these accounts another area, theirs ended: {', '.join(done.left_accounts)}")
    if done.left_areas:
        typer.echo(f"these areas are left below one that ended; say what becomes of them: {', '.join(done.left_areas)}")


@areas.command("move")
def move_area(
    area: Annotated[str, typer.Argument(help="The area_id of what moves, with all below it.")],
    below: Annotated[str | None, typer.Option(help="The area_id of the new parent.")] = None,
    top: Annotated[bool, typer.Option("--top", help="Make it a tree of its own.")] = False,
    as_json: AsJson = False,
) -> None:
    """Move an area with all below it; only its own rows are numbered anew."""
    if (below is None) is not top:
        raise typer.BadParameter("say either --below AREA or --top")
    done = perform(f"moving {area}", lambda runtime: move_area_service(runtime, OPERATOR, area, below), as_json=as_json)
    if as_json:
        print_json(done)
    else:
        typer.echo(f"{done.areas} areas moved, {done.rows} rows numbered anew")


@areas.command("renumber")
def renumber_areas(as_json: AsJson = False) -> None:
    """Number everything anew, which spreads the gaps: what to do where a parent has no room left."""
    rows = perform("numbering", lambda runtime: number_areas(runtime, OPERATOR), as_json=as_json)
    if as_json:
        print_json({"rows": rows})
    else:
        typer.echo(f"{rows} rows numbered anew")


@dataclass(frozen=True, slots=True)
class ListedArea:
    """An area as a program reads it."""

    area_id: str
    parent_id: str | None
    level: int
    type: str
    name: str
    name_en: str
    national_code: str
    pcode: str | None
    valid_from: date
    valid_to: date | None
    source: str

    @classmethod
    def of(cls, area: Area) -> "ListedArea":
        """From its row: the columns of the file of areas."""
        return cls(
            area.id,
            area.parent_id,
            area.level,
            area.type,
            area.name,
            area.name_en,
            area.national_code,
            area.pcode,
            area.valid_from,
            area.valid_to,
            area.source,
        )


@areas.command("list")
def show_areas(
    below: Annotated[str | None, typer.Option(help="The area_id whose subtree is listed.")] = None,
    depth: Annotated[int | None, typer.Option(min=1, max=100, help="How many levels down.")] = None,
    at: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today by default.")] = None,
    search: Annotated[str | None, typer.Option(help="A name or a part of one; accents do not matter.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the areas that are there on a day, in the order of the tree."""
    wanted = AreaFilter(below, at.date() if at else None, depth, search)

    async def read(runtime: Runtime) -> list[ListedArea]:
        found: list[ListedArea] = []
        # Every page of one moment, so that a change meanwhile repeats and loses nothing.
        operation = Operation(OPERATOR)
        try:
            async with operation.reading() as connection:
                after = None
                while True:
                    page = await list_areas(runtime, connection, wanted, _PAGE, after)
                    found += [ListedArea.of(area) for area in page.items]
                    if not page.has_next:
                        return found
                    after = page.cursors[-1]
        finally:
            await operation.close()

    found = perform("reading", read, as_json=as_json)
    if as_json:
        print_json(found)
        return
    if not found:
        refuse("no area is there on that day; import them first: khaibao areas import FILE")
    table = Table("area_id", "name", "code", "type", "from", "to")
    top = found[0].level
    for area in found:
        indented = "  " * (area.level - top) + area.name
        table.add_row(
            area.area_id, indented, area.national_code, area.type, str(area.valid_from), str(area.valid_to or "")
        )
    plain().print(table)
