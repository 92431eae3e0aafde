"""The same reads of a drawn world, compiled and by graphql-core: the same bytes, and no more statements."""

import os
import random
import re
from collections import Counter
from dataclasses import replace

import asyncpg
import orjson
import pytest

from access.actor import Actor
from graph.api import build_schema
from graph.context import Context
from graph.request import GraphQLRequest
from graph.running import NO_STREAM, Engine
from models.database import DatabaseUrls
from services.published import PublicFigures
from services.runtime import Runtime
from tests.integration.fuzz.fuzzing import LIMITS
from tests.integration.fuzz.staffed import plant_staffed
from tests.integration.scope.conftest import ground, owner
from tests.integration.scope.drawing import Drawing
from tests.integration.scope.oracle import Oracle
from tests.integration.scope.values import Values
from tests.integration.statements import statements

__all__ = ["ground", "owner"]

OPERATIONS = int(os.environ.get("KHAIBAO_SCOPE_CASES", "300"))
_MOMENT = re.compile(rb'"(\w*(?:asOf|now))":"[^"]*"')
"""The moment of asking itself."""
TELLS_OF_READING = {"auditTrail", "exportMyData"}
"""They have a line more each time that somebody looks."""
SCHEMA = build_schema()
COMPILED = Engine(SCHEMA, replace(LIMITS, compiled=True))
BY_CORE = Engine(SCHEMA, replace(LIMITS, compiled=False))


# graphql-core leaves a coroutine behind where a field beside it fails at once.
@pytest.mark.filterwarnings("ignore:coroutine '(Executor|GraphQLCoreConverter):RuntimeWarning")
async def test_what_is_read_is_the_same_compiled(
    ground: Runtime, urls: DatabaseUrls, owner: asyncpg.Connection
) -> None:
    chance, seen = random.Random("compiled"), Counter[str]()
    grove = await plant_staffed(ground, urls, owner, chance)
    values = Values(grove, Oracle(grove, await grove.rows()), chance)
    drawing = Drawing(SCHEMA._schema, chance)
    roots = [name for name in drawing.roots("query") if name not in TELLS_OF_READING]
    for _ in range(OPERATIONS):
        shape, actor = drawing.shape("query", chance.choice(roots)), chance.choice(grove.actors)
        request = GraphQLRequest(shape.text, values.variables(actor, shape))
        first, ours = await asked(COMPILED, ground, actor, request)
        expected, theirs = await asked(BY_CORE, ground, actor, request)
        assert first == expected, f"{shape.text}\n{first!r}\n{expected!r}"
        assert ours <= theirs, f"{shape.text}: {ours} statements, and {theirs} by graphql-core"
        seen["with rows" if len(first) > 300 else "short"] += 1
    print(dict(seen))
    assert seen["with rows"] > OPERATIONS / 6


async def asked(engine: Engine, runtime: Runtime, actor: Actor, request: GraphQLRequest) -> tuple[bytes, int]:
    """The answer as it goes over the line, and how many statements it took."""
    # Or whoever asks second would find in memory what the first has read.
    runtime.public = PublicFigures()
    engine.remembered.areas.forget()
    engine.remembered.stations.forget()
    context = Context(runtime, request, "compared", engine.remembered, actor, "en")
    with statements() as sent:
        answer = await engine.run(context, NO_STREAM)
    assert (context.plan is None) is (engine is BY_CORE or not answer.executed), request.query
    return _MOMENT.sub(rb'"\1":"now"', orjson.dumps(answer.payload(), default=str)), len(sent)
