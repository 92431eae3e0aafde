"""The schema is asked of itself once for each document, and nothing else is ever kept."""

from types import SimpleNamespace
from typing import Any

import pytest

from graph.introspected import Introspected
from graph.running import Answer


def asked(query: str = "{ __schema { types { name } } }", *, fields: Any = ("__schema",), **more: Any) -> Any:
    """What an operation brings along."""
    request = SimpleNamespace(query=query, operation_name=None, variables=None, **more)
    return SimpleNamespace(request=request, roots=("query", fields))


ANSWER = Answer({"__schema": {}})


def test_the_same_document_has_the_same_answer() -> None:
    introspected = Introspected()
    introspected.keep(asked(), ANSWER)
    assert introspected.known(asked()) is ANSWER
    assert introspected.known(asked("{ __schema { queryType { name } } }")) is None


@pytest.mark.parametrize("fields", [(), ("me",), ("__schema", "me")])
def test_what_asks_of_more_than_the_schema_is_not_kept(fields: tuple[str, ...]) -> None:
    introspected = Introspected()
    introspected.keep(asked(fields=fields), ANSWER)
    assert introspected.known(asked()) is None


def test_only_so_many_are_kept() -> None:
    introspected = Introspected()
    for number in range(20):
        introspected.keep(asked(str(number)), ANSWER)
    assert introspected.known(asked("0")) is None
    assert introspected.known(asked("19")) is ANSWER
