"""The audits of GraphQL over HTTP, as their authors wrote them, against the real server."""

from typing import Any

import pytest

from tests.clients.program import Program

pytestmark = pytest.mark.clients

NEWER = "application/graphql-response+json"


async def test_every_audit_passes_without_a_warning(server: str) -> None:
    results = await _audited(url=f"{server}/graphql")
    assert len(results) >= 60
    assert [result for result in results if result["kind"] != "ok"] == []


async def test_every_audit_of_plain_json_passes_for_a_client_that_knows_nothing_else(server: str) -> None:
    results = [
        result for result in await _audited(url=f"{server}/graphql", json=True) if NEWER not in result["value"]["name"]
    ]
    assert len(results) >= 40
    assert [result for result in results if result["kind"] != "ok"] == []


async def _audited(**told: Any) -> list[dict[str, Any]]:
    async with Program.running("audits", **told) as program:
        return await program.rest()
