"""`khaibao backup` and `khaibao restore`: the database in one file, keys and photos apart, and back again."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.filesize import decimal

from access.sealing import UnsealError
from commands.options import AsJson
from commands.outcome import print_json, refuse
from commands.session import runtime_on, serving
from models.case import Case
from models.database import service_connection
from models.dump import DumpRefused, dump
from models.dump import restore as restore_dump
from models.embedded.binaries import find
from models.object_names import object_names
from process.parts import objects as own_store
from services.recount import Recount, recount
from services.runtime import Runtime
from settings import Settings, read
from storage.copy_objects import Copied, copy_objects
from storage.object_store import ObjectStore, StoreUnavailable, open_store

_SAMPLE = 100

Objects = Annotated[
    str | None,
    typer.Option(metavar="FOLDER|URL", help="Where copies of photos and certificates lie, such as a folder or s3://."),
]


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    keys: Annotated[
        Path | None, typer.Option(help="Write the keys to this file as well. Keep it apart from the other.")
    ] = None,
    objects: Objects = None,
    as_json: AsJson = False,
) -> None:
    """Copy the database as of now to a file while it goes on serving. Without the keys nobody reads a name in it."""
    for place in (file, keys):
        if place is not None and place.exists():
            refuse(f"{place} is there already: name another file, so that no copy is lost to a newer one")
    settings = read()

    async def work() -> tuple[int, Copied | None]:
        async with serving(settings) as urls:
            with Console(stderr=True).status("copying") as status:
                await dump(
                    find(settings.postgres_bin),
                    urls.owner,
                    file,
                    lambda size: status.update(f"copying: {decimal(size)}"),
                )
            # After the database: what is uploaded meanwhile is one too many, and none is missing.
            names = await object_names(urls.owner)
            if objects is None:
                return len(names), None
            return len(names), await _copied(own_store(settings), _store(objects), names)

    try:
        named, copied = asyncio.run(work())
    except (DumpRefused, StoreUnavailable) as refused:
        refuse(str(refused))
    size = file.stat().st_size
    if keys is not None:
        _copy_keys(settings, keys)
    if as_json:
        print_json({"file": str(file), "bytes": size, "keys": str(keys) if keys else None, "objects": copied})
        return
    typer.echo(f"{file}: {decimal(size)}")
    if keys is None:
        typer.echo("The keys are not in it. Without them nobody will read a name, phone or address in it:")
        typer.echo(f"keep {_keys_of(settings)} too, in another place (--keys FILE copies them).")
    if copied is not None:
        typer.echo(f"{copied.copied:,} photos and certificates copied, {copied.there:,} were there already")
    elif named:
        typer.echo(f"{named:,} photos and certificates are not in it: copy their store too (--objects FOLDER does).")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `khaibao backup` has written.", exists=True)],
    objects: Objects = None,
    as_json: AsJson = False,
) -> None:
    """Fill an empty installation from a backup, recount it, and see whether its keys and photos are here."""
    settings = read()

    async def work() -> tuple[Recount, int, int, int]:
        async with serving(settings) as urls:
            with Console(stderr=True).status("restoring"):
                await restore_dump(find(settings.postgres_bin), urls.owner, file)
            with Console(stderr=True).status("recounting"):
                async with runtime_on(settings, urls) as runtime:
                    found, (opened, tried) = await recount(), await _opened(runtime)
            names = await object_names(urls.owner)
            if objects is not None:
                missing = (await _copied(_store(objects), own_store(settings), names)).missing
            else:
                missing = await _missing(own_store(settings), names[:_SAMPLE])
            return found, opened, tried, missing

    try:
        found, opened, tried, missing = asyncio.run(work())
    except (DumpRefused, StoreUnavailable) as refused:
        refuse(str(refused))
    if as_json:
        print_json(
            {
                "rows": found.rows,
                "differences": found.differences,
                "opened": opened,
                "tried": tried,
                "missing_objects": missing,
            }
        )
    else:
        for name, number in found.rows.items():
            typer.echo(f"{name.replace('_', ' ')}: {number:,}")
    for name, (counter, rows) in found.differences.items():
        typer.echo(f"the counters say {counter:,} {name.replace('_', ' ')}, the rows {rows:,}", err=True)
    if opened < tried:
        refuse(
            f"of {tried} cases {tried - opened} cannot be opened: the keys of that installation are not in "
            f"{_keys_of(settings)}; put them there, and everything else is as it was"
        )
    if missing:
        typer.echo(
            f"{missing:,} photos and certificates are not in the object store: restore their copies too "
            "(--objects FOLDER). One that was erased while the backup was made is missing as well.",
            err=True,
        )
    if found.differences or missing:
        raise typer.Exit(1)


async def _opened(runtime: Runtime) -> tuple[int, int]:
    """How many of a sample of cases can be opened with the keys that are here, and how many were tried."""
    cases = await Case.filter(anonymised_at=None).order_by("-id").limit(_SAMPLE).using_db(service_connection())
    opened = 0
    for case in cases:
        try:
            runtime.sealer.open(f"case:{case.id}", case.identity)
        except UnsealError:
            continue
        opened += 1
    return opened, len(cases)


def _store(place: str) -> ObjectStore:
    return open_store(place, Path()) if "://" in place else open_store(None, Path(place).expanduser().absolute())


async def _copied(source: ObjectStore, target: ObjectStore, names: list[str]) -> Copied:
    with Console(stderr=True).status("copying photos and certificates") as status:
        return await copy_objects(
            source, target, names, lambda done, of: status.update(f"photos and certificates: {done:,} of {of:,}")
        )


async def _missing(store: ObjectStore, names: list[str]) -> int:
    return sum([not await store.has(name) for name in names])


def _keys_of(settings: Settings) -> str:
    return "KHAIBAO_KEYS" if settings.keys else str(settings.key_path)


def _copy_keys(settings: Settings, place: Path) -> None:
    text = settings.keys.replace(",", "\n") + "\n" if settings.keys else settings.key_path.read_text(encoding="ascii")
    with open(place, "x", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
