"""A million drawn operations, compiled and by graphql-core: `python -m tests.unit.engine.soak --cases 1000000`."""

import os
from typing import Annotated

import typer
from rich.console import Console

from tests.integration.scope.soak import soaked

TESTS = ["tests/unit/engine/test_own_schema.py"]


def soak(
    cases: Annotated[int, typer.Option(help="How many operations in all.")] = 1_000_000,
    seed: Annotated[int | None, typer.Option(help="Where the dice begin; drawn without it.")] = None,
    jobs: Annotated[int, typer.Option(help="How many processes.")] = os.cpu_count() or 1,
) -> None:
    """Ask both engines the same; exit code 1 where they have answered otherwise."""
    soaked(TESTS, cases, seed, jobs)
    Console(stderr=True).print(f"the same answers to {cases:,} operations")


if __name__ == "__main__":
    typer.run(soak)
