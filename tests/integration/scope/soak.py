"""The property over a million cases: `python -m tests.integration.scope.soak --cases 1000000`.

Each job is a process with a server and a seed of its own, so that the machine's cores share the work.
"""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

FILE = "tests/integration/scope/test_random_trees.py"
TESTS = [
    f"{FILE}::test_nobody_sees_what_is_not_theirs",
    f"{FILE}::test_nobody_hears_what_is_not_theirs_while_posts_and_areas_change",
]
_SHOWN = 6_000


def soak(
    cases: Annotated[int, typer.Option(help="How many cases in all.")] = 1_000_000,
    seed: Annotated[int | None, typer.Option(help="Where the dice begin; drawn without it.")] = None,
    jobs: Annotated[int, typer.Option(help="How many processes.")] = os.cpu_count() or 1,
) -> None:
    """Draw trees, accounts and operations until so many cases are through, and stop at the first leak.

    Exit code 1 where one was found: what is printed has the seed, who asked what, and where it leaked.
    """
    soaked(TESTS, cases, seed, jobs)
    Console(stderr=True).print(f"no leak in {cases:,} cases")


def soaked(tests: list[str], cases: int, seed: int | None, jobs: int) -> None:
    """Runs these tests until so many cases are through in all processes. Raises Exit where one has failed."""
    seed = random.SystemRandom().randrange(10**9) if seed is None else seed
    console = Console(stderr=True)
    console.print(f"seed {seed}, {cases:,} cases, {jobs} jobs")
    with Progress(
        TextColumn("drawing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cases"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as progress:
        bar = progress.add_task("cases", total=cases)
        started = [_start(tests, number, -(-cases // jobs), seed) for number in range(jobs)]
        readers = [
            threading.Thread(target=_follow, args=(reading, lambda done: progress.advance(bar, done)))
            for _, reading in started
        ]
        for reader in readers:
            reader.start()
        outputs = [process.communicate()[0] for process, _ in started]
        for reader in readers:
            reader.join()
    failed = [output for (process, _), output in zip(started, outputs, strict=True) if process.returncode]
    for output in failed:
        sys.stdout.write(output[-_SHOWN:])
    if failed:
        raise typer.Exit(1)


def _start(tests: list[str], number: int, cases: int, seed: int) -> tuple["subprocess.Popen[str]", BinaryIO]:
    """One job, and where it says how far it is."""
    reading, writing = os.pipe()
    told = {"KHAIBAO_SCOPE_CASES": str(cases), "KHAIBAO_SCOPE_SEED": f"{seed}-{number}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *tests, "-q", "-x", "--show-capture=no"],
        env={**os.environ, **told, "KHAIBAO_SCOPE_PROGRESS": str(writing)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=[writing],
    )
    os.close(writing)
    return process, os.fdopen(reading, "rb")


def _follow(reading: BinaryIO, advance: Callable[[int], None]) -> None:
    for line in reading:
        advance(int(line))


if __name__ == "__main__":
    typer.run(soak)
