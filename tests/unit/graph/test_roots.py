"""What an operation is called in figures, traces and the log: its root fields."""

import pytest
from graphql import parse

from graph.roots import INVALID, roots_of


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("{ me { id } }", None, ("query", ("me",))),
        ("{ a: alerts { cursor } b: alerts { cursor } me { id } }", None, ("query", ("alerts", "me"))),
        ("mutation M { declare { code } }", None, ("mutation", ("declare",))),
        ("subscription { alerts { cursor } }", None, ("subscription", ("alerts",))),
        ("query A { me { id } } query B { node { id } }", "B", ("query", ("node",))),
        (
            "{ ...F ... on Query { me { id } } ... { node { id } } } fragment F on Query { cases { cursor } }",
            None,
            ("query", ("cases", "me", "node")),
        ),
        ("query A { me { id } }", "B", INVALID),
        ("fragment F on Query { me { id } }", None, INVALID),
    ],
)
def test_an_operation_is_called_by_its_root_fields(text: str, name: str | None, found: object) -> None:
    assert roots_of(parse(text), name) == found
