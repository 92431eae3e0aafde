"""Documents that schemathesis makes of the schema file, sent by everybody there is: none of them is a fault of ours."""

import asyncio
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes
from schemathesis.core.result import Ok

from tests.acceptance.client import Api
from tests.acceptance.conftest import ACCOUNTS, ROOT, Place, sign_in
from tests.acceptance.declaring import breathless, declare, person
from tests.acceptance.test_verification import resident

SCHEMA = ROOT / "graph" / "schema" / "schema.graphql"
EACH = 2
"""Documents of each root field."""
KEPT_FROM = ("Mutation.moveClock",)
"""The server is shared with tests that live in March 2022."""

schemathesis.graphql.scalar("Date", st.dates().map(lambda day: nodes.String(day.isoformat())))
schemathesis.graphql.scalar("Time", st.times().map(lambda time: nodes.String(time.isoformat())))
schemathesis.graphql.scalar("DateTime", st.datetimes().map(lambda moment: nodes.String(f"{moment.isoformat()}Z")))


@pytest.fixture(scope="module")
async def everybody(api: Api, place: Place) -> dict[str, Api]:
    """Everybody who may call, by their names, in sessions of their own."""
    for one in (person(), breathless()):
        await declare(api, one)
    found = {"anonymous": api, "resident": await resident(api, place, "+84978000001")}
    return found | {name: api.acting(await sign_in(api, name)) for name, *_ in ACCOUNTS}


def documents() -> list[tuple[str, str]]:
    """Some documents of each root field, the same in every run; those that end a session come last."""
    schema = schemathesis.graphql.from_path(SCHEMA)
    found: list[tuple[str, str]] = []
    for one in schema.get_all_operations():
        assert isinstance(one, Ok), one
        operation = one.ok()
        if operation.label not in KEPT_FROM:
            found += [(operation.label, document) for document in _drawn(operation)]
    return sorted(found, key=lambda pair: pair[0] == "Mutation.signOut")


def _drawn(operation: schemathesis.APIOperation[Any, Any, Any, Any]) -> list[str]:
    found: list[str] = []

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EACH,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def draw(case: schemathesis.Case[Any]) -> None:
        found.append(str(case.body))

    draw()
    return found


async def test_what_the_schema_allows_is_answered_to_everybody(everybody: dict[str, Api]) -> None:
    answered: Counter[str] = Counter()
    faults: list[str] = []

    async def ask(name: str, label: str, document: str) -> None:
        reply = await everybody[name].ask(document)
        codes = [error["extensions"]["code"] for error in reply.json.get("errors", ())]
        answered[codes[0] if codes else "data"] += 1
        if reply.status == 500 or "INTERNAL" in codes or "UNAVAILABLE" in codes:
            faults.append(f"{label} as {name}: {reply.status} {codes}\n{document}")

    for label, document in documents():
        await asyncio.gather(*(ask(name, label, document) for name in everybody))
    assert not faults, f"{len(faults)} of {answered.total()}\n" + "\n\n".join(faults[:10])
    assert answered["data"] > answered.total() / 4, answered
