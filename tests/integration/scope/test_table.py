"""Role x place x action x object: the whole table, asked of the real schema."""

from contextlib import aclosing
from typing import Any

import asyncpg
import orjson
import pytest
from graphql import GraphQLNonNull, get_named_type, is_leaf_type

from access.actor import Actor
from access.policy import Action
from graph.api import Mutation, Query, Subscription
from graph.context import Context
from graph.request import GraphQLRequest
from graph.schema.resolved import actions
from models.database import DatabaseUrls
from models.state import Role
from services.runtime import Runtime
from tests.architecture.test_roles import ASKED_WITHIN
from tests.integration.scope.shape import Slot
from tests.integration.scope.table import CALLERS, PLACES, POSTS, Line, lines
from tests.integration.scope.town import PARENTS, Town, found_town
from tests.integration.scope.trial import ENGINE
from tests.integration.scope.values import KINDS

SHIFT = {"name": "BS. Trực", "phone": "0901000001", "weekdays": ["MONDAY"], "from": "00:00:00", "until": "00:00:00"}
THE_OBJECT = object()
"""In an input: the object of the line once more."""

PERSON = {
    "fullName": "Trần Thị Thử",
    "sex": "FEMALE",
    "relation": "self",
    "birthYear": 1990,
    "test": {"kind": "rapid_antigen", "takenOn": "2022-03-17"},
    "symptoms": [],
    "conditions": [],
}
INPUTS: dict[str, dict[str, Any]] = {
    "addDuty": {"shift": SHIFT},
    # A photo that nobody has uploaded: who may is told so.
    "attachEvidence": {"evidence": ["bm9ib2R5"]},
    "removeEvidence": {"reason": "a reason"},
    "changeAccount": {"version": 0},
    # No symptom that anybody knows: who may is told so, and nothing is written.
    "checkIn": {"idempotencyKey": "once", "symptoms": ["sneezing"]},
    "correctPerson": {"reason": "a reason", "fullName": "Trần Thị Thử", "version": 0},
    # One that is seen is told that it cannot be merged with itself.
    "mergePersons": {"mergeCaseId": THE_OBJECT},
    "acceptDeclaration": {"version": 0},
    "rejectDeclaration": {"reason": "PRANK", "version": 0},
    "markDuplicate": {"duplicateOf": THE_OBJECT},
    "requestInformation": {"fields": ["TEST"], "version": 0},
    "completeDeclaration": {"person": PERSON, "version": 0},
    "withdrawDeclaration": {"version": 0},
    "rerouteDeclaration": {"areaId": "QXJlYTpub25l", "reason": "a reason", "version": 0},
    "returnDeclaration": {"reason": "a reason", "version": 0},
    "handOverCase": {"areaId": "QXJlYTpub25l", "reason": "a reason", "version": 0},
    # Of one that was answered already whoever may is told so.
    "refuseHandOver": {"reason": "a reason"},
    "recordContact": {"outcome": "NO_ANSWER", "version": 0},
    "dispensePack": {"pack": "a", "version": 0},
    # A balance that nobody can have seen: who may is told so.
    "receiveStock": {"pack": "a", "quantity": 1, "seen": -1},
    "returnStock": {"pack": "a", "quantity": 1, "seen": -1},
    "correctStock": {"pack": "a", "quantity": 1, "reason": "a reason", "seen": -1},
    "referCase": {"hospitalId": "U3RhdGlvbjpub25l", "reason": "a reason", "version": 0},
    "cancelReferral": {"reason": "a reason", "version": 0},
    "acceptReferral": {"version": 0},
    "refuseReferral": {"reason": "a reason", "version": 0},
    "admitCase": {"version": 0},
    "dischargeCase": {"recovered": False, "version": 0},
    "startTransfer": {"version": 0},
    "recordDeath": {"on": "2022-01-01", "version": 0},
    "markLost": {"version": 0},
    "markFound": {"version": 0},
    "changeDuty": {"version": 0, "shift": SHIFT},
    "endDuty": {"version": 0},
}
"""What is given beside the object where chance would give what is refused as such. Nothing has the version 0, so that
whoever may is told so, and nothing changes."""

BULK = {
    "acknowledgeAlerts": "AlertsAcknowledged",
    "acceptDeclarations": "DeclarationsAccepted",
    "confirmCases": "CasesConfirmed",
    "signCertificates": "CertificatesSigned",
}
"""Those that are about many objects, and what answers for each of them: here it is about one."""

LINES = lines()
SCHEMA = ENGINE._schema._schema


@pytest.fixture(scope="module")
async def town(ground: Runtime, urls: DatabaseUrls, owner: asyncpg.Connection) -> Town:
    """The town, for all lines of the table."""
    return await found_town(ground, urls, owner)


def written(name: str) -> str:
    """The field of a root as clients write it."""
    root, _, field = name.partition(".")
    head, *rest = field.split("_")
    return f"{root}.{head}{''.join(part.capitalize() for part in rest)}"


ROOT_FIELDS = {written(name): action for name, action in actions(Query, Mutation, Subscription).items()}


def test_the_table_has_every_root_field_and_every_caller() -> None:
    assert {line.field for line in LINES} == set(ROOT_FIELDS)
    assert set(CALLERS) == {"anonymous", "resident", *Role}


def test_the_table_has_every_action() -> None:
    assert {ROOT_FIELDS[line.field] for line in LINES} | set(ASKED_WITHIN) == set(Action)


def test_the_table_has_every_kind_of_object_by_its_id() -> None:
    assert {line.kind for line in LINES if line.field == "Query.node"} == set(KINDS)


def expected(cell: str, caller: str, post: str, place: str) -> str:
    """What a cell says of an object at a place, for a caller at a post."""
    match cell:
        case "login":
            return "UNAUTHENTICATED"
        case "null":
            return "null"
        case "none":
            return "NOT_FOUND"
        case "open":
            return "NOT_FOUND" if place == "nothing" else "answered"
        case "own":
            return "answered" if place == "ward" else "NOT_FOUND"
        case "here":
            return "answered" if place == post else "NOT_FOUND"
        case "station":
            return "answered" if (place, post) == ("ward", "ward") else "NOT_FOUND"
    return "answered" if within(place, post) else "NOT_FOUND"


def within(place: str | None, post: str) -> bool:
    """Whether a place is a post or lies below it."""
    while place is not None:
        if place == post:
            return True
        place = PARENTS.get(place)
    return False


async def asked(town: Town, line: Line, actor: Actor, place: str) -> str:
    """What the caller gets: answered, null, or the code of the refusal."""
    root, _, name = line.field.partition(".")
    of = {"Query": SCHEMA.query_type, "Mutation": SCHEMA.mutation_type, "Subscription": SCHEMA.subscription_type}[root]
    assert of
    field = of.fields[name]
    variables: dict[str, Any] = {}
    for argument, type_ in field.args.items():
        if isinstance(type_.type, GraphQLNonNull):
            variables[argument] = town.values.value(actor, Slot(argument, argument, type_.type, f"{name}.{argument}"))
    if line.argument:
        holder = variables["input"] if isinstance(variables.get("input"), dict) else variables
        holder[line.argument] = town.object(line.kind, place)
    if name in INPUTS:
        one = town.object(line.kind, place)
        given_beside = {key: one if value is THE_OBJECT else value for key, value in INPUTS[name].items()}
        variables["input"] = {line.argument: one, **given_beside}
    if name in BULK:
        one = town.object(line.kind, place)
        variables["input"] = {line.argument: [one if line.kind == "Alert" else {"id": one, "version": 0}]}
    declared = ", ".join(f"${argument}: {field.args[argument].type}" for argument in variables)
    given = ", ".join(f"{argument}: ${argument}" for argument in variables)
    below = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
    if name in BULK:
        below = f"{{ __typename ... on {BULK[name]} {{ results {{ __typename }} }} }}"
    text = f"{root.lower()}{f'({declared})' if declared else ''} {{ {name}{f'({given})' if given else ''} {below} }}"
    context = Context(town.grove.runtime, GraphQLRequest(text, variables), "table", ENGINE.remembered, actor, "en")
    async with aclosing(ENGINE.stream(context)) as answers:
        answer = await anext(answers)
    # As who asks reads it: parts of an answer are bytes already.
    return outcome(orjson.loads(orjson.dumps(answer.payload())), name)


def outcome(payload: dict[str, Any], name: str) -> str:
    """In a word."""
    if payload.get("errors"):
        return str(payload["errors"][0]["extensions"]["code"])
    value = payload["data"][name]
    if value is None:
        return "null"
    if isinstance(value, list):
        return "answered"
    named = value.get("results", [value])[0]["__typename"]
    return "NOT_FOUND" if named == "NotFound" else "answered"


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.field}-{line.kind or 'nothing'}")
async def test_each_caller_gets_what_the_table_says(town: Town, line: Line, caller: str) -> None:
    wrong = []
    for post in POSTS if caller in set(Role) else POSTS[:1]:
        for place in PLACES if line.argument else PLACES[:1]:
            if line.field == "Subscription.alerts" and expected(line.cells[caller], caller, post, place) == "answered":
                # It answers when something happens; that it is let in is shown by the rounds of subscriptions.
                continue
            found = await asked(town, line, town.callers[caller, post], place)
            if found != expected(line.cells[caller], caller, post, place):
                wrong.append(f"{caller} of {post}, of {place}: {found}")
    assert wrong == []
