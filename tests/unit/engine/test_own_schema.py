"""Drawn documents over the project's own schema: both answer the same, byte for byte.

`KHAIBAO_SCOPE_CASES` says how many operations; a soak sets it.
"""

import asyncio
import gc
import os
import random
from collections import Counter
from typing import Any

import pytest
from graphql import GraphQLError, parse, specified_rules
from strawberry.schema.schema import validate_document

from graph.api import build_schema
from graph.engine import plan_of
from tests.unit.engine.comparing import agree, by_core, compiled, events_by_core, events_compiled
from tests.unit.engine.drawn import Drawn
from tests.unit.engine.pool import Pool, Told

OPERATIONS = int(os.environ.get("KHAIBAO_SCOPE_CASES", "20000"))
SEED = os.environ.get("KHAIBAO_SCOPE_SEED", "0")
PROGRESS = os.environ.get("KHAIBAO_SCOPE_PROGRESS")
_EACH = 40
"""Operations of one document, each with values of its own: reading and validating it takes longer than they do."""
_ROOTS = ["query", "mutation", "subscription"]


# graphql-core leaves a coroutine behind where a field beside it fails at once; Python warns of it wherever it is then,
# and fails to where that is within a named tuple.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored in. <coroutine object:pytest.PytestUnraisableExceptionWarning")
async def test_compiled_operations_answer_what_graphql_core_answers() -> None:
    seen = await _compared()
    # Here, where it may be: what an operation has cancelled ends in the loop's next turn, and lets go of what it held.
    await asyncio.sleep(0)  # One turn of the loop, for what stands above.
    gc.collect()
    print(dict(seen))
    assert seen["left to graphql-core"] < OPERATIONS * 0.05, seen
    assert min(seen["with errors"], seen["without errors"]) > OPERATIONS * 0.1, seen


async def _compared() -> Counter[str]:
    chance = random.Random(SEED)
    schema, seen = build_schema(), Counter[str]()
    pool = Pool(schema, SEED)
    drawn = Drawn(schema._schema, chance)
    while seen["operations"] < OPERATIONS:
        root = chance.choices(_ROOTS, [6, 3, 1])[0]
        text = drawn.document(root)
        try:
            document = parse(text)
        except GraphQLError:
            continue
        if validate_document(schema._schema, document, specified_rules):
            continue
        plan = plan_of(schema, document)
        for number in range(_EACH):
            variables = drawn.values(odd=0.05 if number % 5 == 0 else 0.0)
            seen["operations"] += 1
            ours, theirs = Told(), Told()
            found: Any
            if plan is None:
                found = None
            elif root == "subscription":
                found = await events_compiled(plan, ours, variables)
            else:
                found = await compiled(plan, ours, variables)
            if found is None:
                seen["left to graphql-core"] += 1
                continue
            one: list[Any] = found if root == "subscription" else [found]
            other = (
                await events_by_core(schema, document, theirs, variables)
                if root == "subscription"
                else [await by_core(schema, document, theirs, variables)]
            )
            same = len(one) == len(other) and all(map(agree, one, other)) and ours.noted == theirs.noted
            assert same, f"{text}\n{variables}\n{one}\n{other}\n{ours.noted}\n{theirs.noted}"
            seen["with errors" if any(answer[1] for answer in one) else "without errors"] += 1
        pool.forget()
        if PROGRESS:
            os.write(int(PROGRESS), b"%d\n" % _EACH)
    return seen
