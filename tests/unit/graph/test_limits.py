"""What a document may ask for, measured in one pass."""

import time

import pytest
from graphql import get_introspection_query, parse

from graph.api import build_schema
from graph.limits import Limits, excess

SCHEMA = build_schema()._schema
LIMITS = Limits()


def refused(query: str, limits: Limits = LIMITS) -> str | None:
    """Why the document is refused."""
    return excess(SCHEMA, parse(query), limits)


def aliases(count: int) -> str:
    """A document with so many aliases."""
    return "{ " + " ".join(f"a{n}: installation {{ mode }}" for n in range(count)) + " }"


def nested(levels: int) -> str:
    """A document nested so deeply."""
    return '{ area(code: "79") ' + "{ parent " * (levels - 2) + "{ id }" + " }" * (levels - 2) + " }"


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        (aliases(30), True),
        (aliases(31), False),
        (nested(12), True),
        (nested(13), False),
        ("{ alerts(first: 100) { nodes { id case { id alerts { id } } } } }", True),
        ("{ areas(first: 100) { nodes { children { children { children { id name } } } } } }", False),
        ("{ areas(first: 1) { nodes { children { children { children { id name } } } } } }", True),
        ("query ($n: Int) { areas(first: $n) { nodes { children { children { children { id name } } } } } }", False),
        ("{ areas { nodes { children { children { children { id name code type level } } } } } }", False),
        (get_introspection_query(), True),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_document_is_measured(query: str, allowed: bool) -> None:
    assert (refused(query) is None) == allowed


def test_what_hides_in_fragments_is_measured_as_well() -> None:
    spread = "query { ...A ...A } fragment A on Query { " + aliases(16).strip("{ }") + "} }"
    assert "aliases" in str(refused(spread))
    inline = '{ ... on Query { area(code: "79") { ... { parent { ... on Area { id } } } } } }'
    assert refused(inline, Limits(depth=3)) is None
    assert "nested" in str(refused(inline, Limits(depth=2)))


def test_doubling_fragments_take_no_time() -> None:
    doubling = "query { ...F0 } " + " ".join(
        f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(300)
    )
    document = parse(doubling + " fragment F300 on Query { a: installation { mode } }")
    begun = time.perf_counter()
    assert "aliases" in str(excess(SCHEMA, document, LIMITS))
    assert time.perf_counter() - begun < 0.5


def test_a_fragment_in_a_circle_is_left_to_the_validation() -> None:
    assert refused("{ ...A } fragment A on Query { ...A }") is None


def test_an_unknown_field_or_fragment_is_left_to_the_validation() -> None:
    assert refused("{ nothing { at { all } } ...Nowhere ... on Nobody { x } }") is None
