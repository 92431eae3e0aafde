"""The page of the life cycles has everything that the tables have, and its drawings are Mermaid's."""

import re

import pytest

from graph import lifecycles
from triage.lifecycle import LIFECYCLES, Lifecycle

_LINE = re.compile(r"    (\[\*\]|[A-Z_]+) --> (\[\*\]|[A-Z_]+)(: [A-Z_]+(, [A-Z_]+)*)?")


def section(lifecycle: Lifecycle) -> str:
    """The part of the page about one of them."""
    [found] = [one for one in lifecycles.printed().split("\n## ") if one.startswith(lifecycle.name.capitalize())]
    return found


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.name)
def test_every_act_and_every_state_has_its_row(lifecycle: Lifecycle) -> None:
    rows = [line for line in section(lifecycle).splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows] == [
        "| act",
        *(f"| {one.act}" for one in lifecycle.transitions),
        "| state",
        *(f"| {state}" for state in lifecycle.states),
    ]


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.name)
def test_the_drawing_has_every_move_or_says_that_it_has_not(lifecycle: Lifecycle) -> None:
    drawing, _, below = section(lifecycle).partition("```mermaid\n")[2].partition("```")
    head, *lines = drawing.splitlines()
    assert head == "stateDiagram-v2"
    assert [line for line in lines if not _LINE.fullmatch(line)] == []
    for one in lifecycle.transitions:
        if one.target is None:
            assert not re.search(rf"\b{one.act}\b", drawing), one.act
        elif f"\n- {one.act}: " not in below:
            for source in one.sources:
                assert re.search(rf"    {source} --> [A-Z_]+: .*\b{one.act}\b", drawing), (one.act, source)


def test_the_page_says_what_the_tables_say() -> None:
    assert lifecycles.up_to_date(), "run `khaibao lifecycle --write` and look at the difference"
