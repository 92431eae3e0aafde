"""How a command that changes the database ends: what it did, or one line that says what to do next."""

import asyncio
import os
import pwd
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import NoReturn, TypeVar

import asyncpg
import orjson
import typer
from rich.console import Console
from rich.text import Text
from tortoise.exceptions import OperationalError

from access.actor import Actor
from commands.plain import plain
from commands.session import database
from models.numbering import NoRoom
from services.csv_file import FileRefused
from services.move_area import MoveRefused
from services.problem import Problem
from services.runtime import Runtime

Result = TypeVar("Result")


def _at_the_console() -> str:
    """The operating system's account by its own number, not by LOGNAME, which anybody may set; sudo adds who asked."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # A container often runs under a number that has no name.
        name = str(os.getuid())
    behind = os.environ.get("SUDO_USER", "")
    return f"{name} for {behind}"[:64] if behind else name


OPERATOR = Actor("ACCOUNT", display_name="the command line", operator=_at_the_console())
"""Whoever sits at the installation's own console: an account that the database does not know.

The audit names them by their account of the operating system, as plain text: it is no patient, and a hash would tell a
reader of the trail nothing.
"""

_MOST_FAULTS = 100


def perform(doing: str, work: Callable[[Runtime], Awaitable[Result]], *, as_json: bool, moving: bool = True) -> Result:
    """Does the work over a connection, with a moving line that says what is being done. Ends the program if refused.

    Without `moving` the line is left to the work, which has a bar of its own.
    """
    errors = plain(errors=True)

    async def over_connection() -> Result:
        async with database() as runtime:
            with errors.status(Text(doing)) if moving else nullcontext():
                return await work(runtime)

    try:
        return asyncio.run(over_connection())
    except FileRefused as refused:
        _show_faults(refused, errors, as_json)
        refuse(f"{len(refused.faults)} faults, nothing was changed; put them right and run the same command again")
    except (NoRoom, MoveRefused) as refused:
        refuse(f"{refused}; nothing was changed")
    except Problem as problem:
        refuse(f"{problem.code}: {problem}; nothing was changed")
    except (asyncpg.LockNotAvailableError, OperationalError) as error:
        # Tortoise wraps what PostgreSQL says; a lock that was not free in time is the one that passes by itself.
        if "lock timeout" not in str(error):
            raise
        refuse("others are writing and did not end within a minute; nothing was changed, run the same command again")


def read_file(path: Path) -> bytes:
    """The bytes of a file; ends the program with one line where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        refuse(f"cannot read {path}: {error.strerror}; name a CSV file that is there")


def refuse(line: str) -> NoReturn:
    """Ends the program with exit code 1 and one line."""
    plain(errors=True).print(line, style="red")
    raise typer.Exit(1)


def print_json(value: object) -> None:
    """What a program reads: one JSON document on the standard output."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def _show_faults(refused: FileRefused, errors: Console, as_json: bool) -> None:
    if as_json:
        print_json({"faults": refused.faults})
        return
    for fault in refused.faults[:_MOST_FAULTS]:
        errors.print(str(fault))
    if len(refused.faults) > _MOST_FAULTS:
        errors.print(f"... and {len(refused.faults) - _MOST_FAULTS} more")
