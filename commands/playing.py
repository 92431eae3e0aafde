"""Playing a replay in front of a person: watched, added up, and written to a file."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer
from rich.console import Console

from simulation.client import Refused, Unreachable
from simulation.course import Course
from simulation.outcome import Outcome
from simulation.quota import DECLARED
from simulation.replay import Plan, replay
from simulation.result import result
from simulation.tree import UnfitTree
from simulation.view import watching

Result = TypeVar("Result")

Declarations = Annotated[int, typer.Option(min=1, max=10_000_000, help="How many people declare.")]
Rate = Annotated[float | None, typer.Option(min=0.1, help="People a second at most; as fast as it goes by default.")]
Subscribers = Annotated[
    int | None, typer.Option(min=1, help="How many sockets listen to alerts; by default every station and committee.")
]
Seed = Annotated[int, typer.Option(min=0, help="Another number draws other people.")]
Report = Annotated[Path | None, typer.Option(help="Write the figures to this file as JSON.")]

_EXPECTED = (Refused, Unreachable, UnfitTree)

DEFAULT_DECLARATIONS = DECLARED
DEFAULT_SEED = 2022


class NotPlayed(Exception):
    """The replay could not run to its end; the text is one line."""


def check_report(report: Path | None) -> None:
    """Before minutes are spent: whether the report can be written at all. Raises NotPlayed."""
    if report is None:
        return
    if not report.absolute().parent.is_dir():
        raise NotPlayed(f"the folder of the report {report} does not exist: make it, or name another file")
    if report.is_dir():
        raise NotPlayed(f"{report} is a folder: name a file for the report")


async def play(plan: Plan, console: Console, report: Path | None) -> bool:
    """Runs the plan, prints the figures, writes the report. Whether every figure agrees. Raises NotPlayed."""
    course = Course(plan.declarations)
    try:
        async with watching(course, console):
            outcome = await replay(plan, course)
    except (*_EXPECTED, ExceptionGroup) as error:
        first = _first(error)
        if not isinstance(first, _EXPECTED):
            raise
        raise NotPlayed(f"the replay stopped while {course.phase}: {first}") from error
    console.print(result(outcome))
    if report is not None:
        _write(report, outcome)
    return not outcome.differences()


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine on uvloop where there is one: the client shares its processor with the server it measures."""
    try:
        import uvloop
    except ImportError:  # Windows has none.
        return asyncio.run(main)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def _write(report: Path, outcome: Outcome) -> None:
    try:
        report.write_bytes(orjson.dumps(outcome.record(), option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise NotPlayed(
            f"cannot write the report {report}: {error.strerror}; free some room or name another file"
        ) from error


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
