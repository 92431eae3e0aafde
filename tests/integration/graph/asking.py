"""Asking the API in this process, as an actor, without a transport in between."""

from functools import cache
from typing import Any

from access.actor import Actor
from graph.api import build_schema
from graph.context import Context
from graph.language import Language
from graph.limits import Limits
from graph.request import GraphQLRequest
from graph.running import NO_STREAM, Engine, Schema
from services.runtime import Runtime
from tests.both_ways import COMPILED

BOUNDS = Limits(
    compiled=COMPILED,
    depth=30,
    aliases=1_000,
    root_fields=1_000,
    cost=10**9,
    tokens=200_000,
    document=10**7,
    variables=10**7,
    variable_values=10**6,
    overlaps=10**6,
)


class Asking:
    """The API of one runtime."""

    def __init__(self, runtime: Runtime, limits: Limits = BOUNDS) -> None:
        """With wide bounds by default: what is bounded is tested elsewhere."""
        self.schema = _schema()
        self.engine = Engine(self.schema, limits)
        self._runtime = runtime

    async def payload(
        self, actor: Actor, query: str, variables: dict[str, Any] | None = None, language: Language = "en"
    ) -> Any:
        """The whole answer, with nothing remembered of earlier ones."""
        self.engine.remembered.areas.forget()
        self.engine.remembered.stations.forget()
        request = GraphQLRequest(query, variables)
        context = Context(self._runtime, request, "test", self.engine.remembered, actor, language)
        return (await self.engine.run(context, NO_STREAM)).payload()

    async def data(self, actor: Actor, query: str, variables: dict[str, Any] | None = None) -> Any:
        """The data of an answer without errors."""
        payload = await self.payload(actor, query, variables)
        assert "errors" not in payload, payload["errors"]
        return payload["data"]


@cache
def _schema() -> Schema:
    """Built once for all tests: it takes half a second, and holds nothing of what was asked."""
    return build_schema()
