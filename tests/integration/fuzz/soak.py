"""Fifty thousand drawn and mangled operations: `python -m tests.integration.fuzz.soak --cases 50000`."""

import os
from typing import Annotated

import typer
from rich.console import Console

from tests.integration.scope.soak import soaked

TESTS = ["tests/integration/fuzz/test_fuzz.py"]


def soak(
    cases: Annotated[int, typer.Option(help="How many operations in all.")] = 50_000,
    seed: Annotated[int | None, typer.Option(help="Where the dice begin; drawn without it.")] = None,
    jobs: Annotated[int, typer.Option(help="How many processes.")] = os.cpu_count() or 1,
) -> None:
    """Ask whatever can be asked; exit code 1 where an answer was a fault of ours or took more than a second."""
    soaked(TESTS, cases, seed, jobs)
    Console(stderr=True).print(f"no fault in {cases:,} operations")


if __name__ == "__main__":
    typer.run(soak)
