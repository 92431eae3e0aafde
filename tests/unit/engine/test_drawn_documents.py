"""Drawn documents over a schema of every feature: both answer the same, byte for byte."""

import gc
import random
from collections import Counter

import pytest
from graphql import DocumentNode, GraphQLError, parse, specified_rules
from strawberry.schema.schema import validate_document

from graph.engine import Plan, plan_of
from tests.unit.engine.comparing import agree, by_core, compiled, events_by_core, events_compiled
from tests.unit.engine.drawn import Drawn
from tests.unit.engine.features import SCHEMA, Query, context

ROOT = Query()
_VALUES = 6
_DOCUMENTS = {"query": 260, "mutation": 60, "subscription": 40}


def valid(text: str) -> DocumentNode | None:
    """The document, or None for one that nobody would run."""
    try:
        document = parse(text)
    except GraphQLError:
        return None
    return None if validate_document(SCHEMA._schema, document, specified_rules) else document


# graphql-core leaves a coroutine behind where a field beside it fails at once; Python warns of it wherever it is then,
# and fails to where that is within a named tuple.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored in. <coroutine object:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("root", list(_DOCUMENTS))
async def test_both_answer_the_same(root: str) -> None:
    chance = random.Random(f"features {root}")
    drawn, seen = Drawn(SCHEMA._schema, chance), Counter[str]()
    while seen["documents"] < _DOCUMENTS[root]:
        text = drawn.document(root)
        document = valid(text)
        if document is None:
            continue
        seen["documents"] += 1
        plan = plan_of(SCHEMA, document)
        if plan is None:
            seen["left to graphql-core"] += _VALUES
            continue
        for number in range(_VALUES):
            variables = drawn.values(odd=0.0 if number % 2 else 0.03)
            seen[await _compared(root, plan, document, variables, text)] += 1
    gc.collect()
    assert seen["the same"] > _DOCUMENTS[root] * _VALUES * 0.8, seen


async def _compared(root: str, plan: Plan, document: DocumentNode, variables: dict[str, object], text: str) -> str:
    said = f"{text}\n{variables}"
    if root == "subscription":
        events = await events_compiled(plan, context(), variables)
        if events is None:
            return "left to graphql-core"
        told = await events_by_core(SCHEMA, document, context(), variables)
        assert len(events) == len(told), said
        assert all(agree(one, other) for one, other in zip(events, told, strict=True)), said
        return "the same"
    ours, theirs = context(), context()
    found = await compiled(plan, ours, variables, ROOT)
    if found is None:
        return "left to graphql-core"
    expected = await by_core(SCHEMA, document, theirs, variables, ROOT)
    assert agree(found, expected), f"{said}\n{found}\n{expected}"
    assert ours["pushed"] == theirs["pushed"], said
    return "the same"
