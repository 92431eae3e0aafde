"""`khaibao keys`: the keys that seal who somebody is, and exchanging them while everybody goes on."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from access.keys import KeyFileError, KeyRing, Standing, new_key, with_standing
from commands.options import AsJson
from commands.outcome import OPERATOR, print_json, refuse
from commands.plain import plain
from commands.session import database
from process.upkeep import KEYS_SECONDS
from services.drop_key import KeyNeeded, uses
from services.drop_key import drop_key as drop_key_service
from services.rotate_keys import KeysStillUsed, Rotated
from services.rotate_keys import rotate as rotate_service
from services.runtime import Runtime

keys = typer.Typer(name="keys", help="The keys that seal who somebody is.", no_args_is_help=True)

Result = TypeVar("Result")

WAIT_SECONDS = 3 * KEYS_SECONDS
"""By then every process has looked into its key file, and what it had begun with the keys of before has ended."""

_FROM_ENVIRONMENT = (
    "the keys come from KHAIBAO_KEYS: put a new one behind the others, first with ' next' after it, start every "
    "process again, take ' next' away, start every process again, and then run this command"
)


@keys.command("list")
def show(as_json: AsJson = False) -> None:
    """List the keys, never what they are: which one writes, and how many rows each of them has made."""

    async def work(runtime: Runtime) -> list[dict[str, object]]:
        ring = runtime.sealer.ring
        return [
            {
                "name": key.name,
                "standing": "current" if key == ring.current else key.standing.value,
                "rows": await uses(runtime, key.name),
            }
            for key in ring.all
        ]

    found = _over_database(work)
    if as_json:
        print_json(found)
        return
    table = Table("key", "standing", "needed by", box=None)
    for one in found:
        rows = one["rows"]
        needed = ", ".join(f"{count} of {column}" for column, count in rows.items()) if isinstance(rows, dict) else ""
        table.add_row(str(one["name"]), str(one["standing"]), needed or "nothing")
    plain().print(table)


@keys.command("rotate")
def rotate(
    now: Annotated[bool, typer.Option("--now", help="Do not wait for processes that serve: there are none.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a new key and bring everything under it, while everybody goes on working.

    Every process that serves has to read this key file; it waits until they have. It can be ended at any moment: the
    same command goes on where it was. Back up the key file before and after. Residents' sessions end, staff's do not.
    """
    done = _over_database(lambda runtime: _rotate(runtime, 0.0 if now else WAIT_SECONDS))
    if as_json:
        print_json(done)


@keys.command("drop")
def drop(name: Annotated[str, typer.Argument(help="The name of a retired key.")]) -> None:
    """Take a retired key out of the key file for good, if nothing needs it any more."""
    _over_database(lambda runtime: drop_key_service(runtime, OPERATOR, name))
    typer.echo(f"{name} is gone from the key file; older backups of the database cannot be read without it")


async def _rotate(runtime: Runtime, wait: float) -> Rotated:
    ring, errors = runtime.sealer.ring, plain(errors=True)
    ring.reload()
    if not ring.outgoing:
        upcoming = await _announce(ring, errors, wait)
        ring.reload()
        if upcoming not in {key.name for key in ring.known}:
            raise KeyFileError(
                f"{ring.path} was changed by somebody else meanwhile; see what is in it and run this again"
            )
        ring.write(with_standing(ring.all, upcoming, Standing.USED))
    errors.print(f"{ring.current.name} is current: everything new is written with it")
    await _let_them_read(errors, wait)
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
    )
    with bars:
        tasks = {}

        def progress(table: str, done: int, total: int) -> None:
            if table not in tasks:
                tasks[table] = bars.add_task(table, total=total)
            bars.update(tasks[table], completed=done, total=total)

        began = time.monotonic()
        done = await rotate_service(runtime, OPERATOR, progress)
    retired = [key.name for key in ring.outgoing]
    if ring.path is None:
        errors.print(f"done; put ' retired' behind {', '.join(retired)} in KHAIBAO_KEYS and start every process again")
        return done
    for name in retired:
        ring.write(with_standing(ring.all, name, Standing.RETIRED))
    rows = sum(done.rows.values())
    errors.print(
        f"{rows} rows are under {ring.current.name} ({time.monotonic() - began:.1f} s), nothing is under another key; "
        f"{done.sessions_ended} sessions of residents were ended"
    )
    if done.without_source:
        errors.print(f"{done.without_source} hashes of people whose reports are anonymous were removed")
    if retired:
        errors.print(
            f"{', '.join(retired)} is retired and stays in {ring.path} for the audit and for older backups; "
            "back the file up"
        )
    return done


async def _announce(ring: KeyRing, errors: Console, wait: float) -> str:
    """The next key, made known everywhere before anything is written with it; one that is there already serves."""
    if ring.path is None:
        raise KeyFileError(_FROM_ENVIRONMENT)
    found = next((key for key in ring.known if key.standing is Standing.NEXT), None)
    if found is None:
        found = new_key(Standing.NEXT)
        ring.write([*ring.all, found])
    errors.print(f"{found.name} is the next key, in {ring.path}")
    # Otherwise two processes would make two persons of one: who writes with it must not be alone in knowing it.
    await _let_them_read(errors, wait)
    return found.name


async def _let_them_read(errors: Console, wait: float) -> None:
    if wait:
        with errors.status(f"waiting {wait:.0f} s until every process that serves has read the key file"):
            await asyncio.sleep(wait)


def _over_database(work: Callable[[Runtime], Awaitable[Result]]) -> Result:
    async def over_connection() -> Result:
        async with database() as runtime:
            return await work(runtime)

    try:
        return asyncio.run(over_connection())
    except (KeysStillUsed, KeyNeeded) as error:
        refuse(str(error))
