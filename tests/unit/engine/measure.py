"""`python -m tests.unit.engine.measure`: what executing costs, compiled and by graphql-core, over invented objects.

Without a database, a network or JSON: only what lies between an operation's variables and its data. The rounds of both
take turns, and the median of them is shown.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

import strawberry
from graphql import parse
from rich.console import Console
from rich.table import Table

from graph.api import build_schema
from graph.engine import Prepared, plan_of
from simulation.operations import COMMITTEE_ALERTS, DECLARE
from tests.unit.engine.comparing import core_result
from tests.unit.engine.pool import Pool, Told

_Work = Callable[[], Awaitable[Any]]
_ROUNDS = 9
_SECONDS = 0.15
_ITEM = "kind kinds why toDo since dueAt overdue case { id state ageBand openedAt area { name } } alert { id }"
_PERSON = {
    "fullName": "Nguyễn Văn An",
    "sex": "MALE",
    "relation": "self",
    "test": {"kind": "rapid_antigen", "takenOn": "2022-03-18"},
    "symptoms": ["cough"],
    "conditions": [],
    "birthYear": 1980,
    "vitals": {"spo2": 97},
}
_DECLARED = {
    "input": {
        "idempotencyKey": "a",
        "contact": {"phone": "0901000001", "declaredBy": "An"},
        "address": {"areaCode": "26740", "street": "1 Lê Lợi"},
        "people": [_PERSON, _PERSON],
    }
}
OPERATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "a list of 50 x 8 fields": (
        "{ alerts(first: 50) { nodes { kind danger disease state level verified raisedAt version } } }",
        {},
    ),
    "a worklist page of 50": (
        f"{{ worklist(first: 50) {{ nodes {{ {_ITEM} }} pageInfo {{ endCursor hasNextPage }} }} }}",
        {},
    ),
    "declare, two people": (DECLARE, _DECLARED),
    "an alert event": (COMMITTEE_ALERTS, {}),
}


async def main() -> None:
    """Prints the table."""
    schema = build_schema()
    pool = Pool(schema, "measure", rows=50)
    table = Table(title=f"microseconds an operation, median of {_ROUNDS} rounds; load {os.getloadavg()[0]:.1f}")
    for column in ("", "graphql-core", "compiled", "times"):
        table.add_column(column, justify="left" if not column else "right")
    for name, (text, variables) in OPERATIONS.items():
        core, compiled = _both(schema, pool, text, variables)
        slow, quick = [], []
        for _ in range(_ROUNDS):
            slow.append(await _timed(core))
            quick.append(await _timed(compiled))
        table.add_row(name, f"{median(slow):,.0f}", f"{median(quick):,.0f}", f"{median(slow) / median(quick):.1f}")
    Console().print(table)


def _both(schema: strawberry.Schema, pool: Pool, text: str, variables: dict[str, Any]) -> tuple[_Work, _Work]:
    document, told = parse(text), Told()
    plan = plan_of(schema, document)
    prepared = plan.prepared(variables) if plan else None
    if plan is None or not isinstance(prepared, Prepared):
        raise RuntimeError(f"not compiled: {text}")
    if text.startswith("subscription"):
        event = pool.one("AlertEvent")
        return lambda: core_result(schema, document, told, variables, event), lambda: prepared.answer(told, event)
    return lambda: core_result(schema, document, told, variables), lambda: plan.execute(told, variables)


async def _timed(work: _Work) -> float:
    """Microseconds for one."""
    done, began = 0, time.process_time()
    while time.process_time() - began < _SECONDS:
        for _ in range(5):
            await work()
        done += 5
    return (time.process_time() - began) / done * 1e6


if __name__ == "__main__":
    asyncio.run(main())
