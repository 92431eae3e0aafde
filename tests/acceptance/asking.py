"""Mutations as a frontend writes them that shows whatever it is told: each is made from the published schema."""

from functools import cache
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, GraphQLUnionType, build_schema, get_named_type

from tests.acceptance.client import Api
from tests.acceptance.conftest import ROOT

_PROBLEMS = {
    "Conflict": """
      reason state allowed by { name } changes { kind version why by { name } }
      current { __typename id ... on Case { caseState: state version claimedBy { name } }
        ... on Declaration { reportState: state version } ... on Alert { alertState: state } }
    """,
    "InvalidInput": "fields { path code message }",
    "NotReleasable": "missing fromDay",
    "OutOfStock": "pack balance",
    "PackRefused": "pack protocol reasons { code text missing }",
    "TooManyRequests": "retryAfter",
}


@cache
def _schema() -> GraphQLSchema:
    return build_schema((ROOT / "graph/schema/schema.graphql").read_text())


@cache
def mutation(name: str, shown: str) -> str:
    """The text of a mutation with one input: `shown` of what it answers, and of a refusal all that it says.

    Of a bulk `shown` is what is shown of each result.
    """
    root = _schema().mutation_type
    assert root is not None
    field = root.fields[name]
    kind = get_named_type(field.args["input"].type).name
    return f"mutation ($input: {kind}!) {{ {name}(input: $input) {_union(field.type, shown)} }}"


def _union(kind: Any, shown: str) -> str:
    union = get_named_type(kind)
    assert isinstance(union, GraphQLUnionType)
    parts = ["__typename", *(_member(one, shown) for one in union.types)]
    return "{ " + " ".join(parts) + " }"


def _member(kind: GraphQLObjectType, shown: str) -> str:
    if any(one.name == "Problem" for one in kind.interfaces):
        return f"... on {kind.name} {{ code message {_PROBLEMS.get(kind.name, '')} }}"
    if "results" in kind.fields:
        return f"... on {kind.name} {{ results {_union(kind.fields['results'].type, shown)} }}"
    return f"... on {kind.name} {{ {shown} }}"


async def ask(api: Api, name: str, shown: str = "__typename", /, **given: Any) -> Any:
    """What a mutation answers, whatever that is. A refusal says something in words, always."""
    answer = (await api.data(mutation(name, shown), {"input": given}))[name]
    assert answer.get("message", "said").strip(), answer
    return answer


async def do(api: Api, name: str, shown: str = "__typename", /, **given: Any) -> Any:
    """What a mutation answers that is not refused."""
    answer = await ask(api, name, shown, **given)
    assert "message" not in answer, answer
    return answer


async def refused(api: Api, name: str, kind: str, /, **given: Any) -> Any:
    """The problem of this kind that a mutation answers with."""
    answer = await ask(api, name, **given)
    assert answer["__typename"] == kind, answer
    return answer


async def conflict(api: Api, name: str, reason: str, /, **given: Any) -> Any:
    """The conflict for this reason that a mutation answers with."""
    answer = await refused(api, name, "Conflict", **given)
    assert answer["reason"] == reason, answer
    return answer
