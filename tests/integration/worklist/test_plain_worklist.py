"""Plain pages of a worklist: the same as by graphql-core, with the same trail, and read in one statement."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from access.actor import Actor
from graph.context import Context
from graph.language import Language
from graph.request import GraphQLRequest
from graph.running import NO_STREAM, Engine
from graph.schema.work import PLAIN
from models.alert import Alert
from models.area import Area
from models.audit import Audit
from models.case import Case
from models.database import service_connection
from models.state import Role
from services.runtime import Runtime
from tests.integration.graph.asking import BOUNDS, Asking
from tests.integration.made import account, area, wards
from tests.integration.reads.town import Town
from tests.integration.statements import statements
from tests.integration.worklist.scattered import scatter

CITY = "vn-79-2022-79"
GENERAL = (
    *("why", "reasons { code text value }", "kinds", "... { since }", "kind @include(if: true)"),
    *("case { person { name } }", "case { allowedActions }", "case { area { parent { name } } }"),
    *(
        "case { alerts { id } }",
        "alert { reasons { code } }",
        "alert { case { id } }",
        "alert { acknowledgedBy { id } }",
    ),
)
PAGE = "{ worklist(first: %d) { nodes { kind since overdue case { id state area { name } } alert { id } } } }"


@pytest.fixture
async def town(runtime: Runtime) -> Town:
    ward, elsewhere = await wards(2)
    district, city = await area(ward.parent_id), await area(CITY)
    near = await Area.filter(parent_id=district.id, lo__not=ward.lo).order_by("lo").using_db(service_connection())
    await scatter([ward, near[0], elsewhere], random.Random("town"))
    now = runtime.clock.now()
    for place, alert in enumerate(await Alert.all().using_db(service_connection()).order_by("id")):
        due = now + timedelta(hours=place % 3 - 1, minutes=1)
        await Alert.filter(id=alert.id).using_db(service_connection()).update(due_at=due)
    roles = [
        (Role.DEPARTMENT, city),
        (Role.MEDICAL_CENTRE, district),
        (Role.STATION_HEAD, ward),
        (Role.STATION_STAFF, ward),
        (Role.STATION_STAFF, elsewhere),
        (Role.COMMITTEE, city),
        (Role.HOSPITAL, ward),
        (Role.ADMINISTRATOR, city),
    ]
    actors = [await account(runtime, role, place) for role, place in roles]
    return Town([*actors, Actor("RESIDENT", phone_hash="x"), Actor("ANONYMOUS")], [ward, elsewhere, district, city])


def drawn(chance: random.Random, fields: Any) -> str:
    """A selection of such fields, under other names at times."""
    found = []
    for at, name in enumerate(chance.sample(list(fields), chance.randint(1, len(fields)))):
        below = fields[name] if isinstance(fields[name], dict) else None
        shown = f"k{at}: {name}" if chance.random() < 0.2 else name
        found.append(f"{shown} {drawn(chance, below)}" if below else shown)
    return "{ " + " ".join(found) + " }"


def page(chance: random.Random, town: Town) -> str:
    """A page in other words each time."""
    nodes = drawn(chance, PLAIN)
    if chance.random() < 0.15:
        nodes = nodes[:-1] + chance.choice(GENERAL) + " }"
    arguments = [f"first: {chance.choice([1, 1, 2, 3, 5, 20, 0])}"]
    if chance.random() < 0.2:
        kinds = chance.sample(["RED_ALERT", "AMBER_ALERT", "HIGH_RISK_ALERT", "TAKEN_ALERT"], chance.randrange(4))
        arguments.append(f"kinds: [{' '.join(kinds)}]")
    if chance.random() < 0.2:
        arguments.append(f"dangers: [{' '.join(chance.sample(['RED', 'AMBER'], chance.randrange(3)))}]")
    if chance.random() < 0.1:
        arguments.append("mine: true")
    if chance.random() < 0.2:
        arguments.append(f'areaId: "{chance.choice(town.places).id}"')
    return (
        f"query ($after: String) {{ worklist({', '.join(arguments)}, after: $after) {{ nodes {nodes}"
        " __typename pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    )


async def asked(
    engine: Engine, runtime: Runtime, actor: Actor, query: str, after: str | None = None, language: Language = "en"
) -> tuple[bytes, list[Any], list[str]]:
    """The answer as it goes out, the trail that it left, and the statements it took."""
    request = str(uuid4())
    context = Context(runtime, GraphQLRequest(query, {"after": after}), request, engine.remembered, actor, language)
    with statements() as sent:
        answer = await engine.run(context, NO_STREAM)
    trail = await Audit.filter(request_id=request).using_db(service_connection())
    left = [(line.action, line.actor, line.account_id, line.objects, line.detail) for line in trail]
    return orjson.dumps(answer.payload(), default=str), left, sent


@pytest.mark.parametrize("seed", range(3))
async def test_a_plain_worklist_is_the_same_as_by_graphql_core_and_leaves_the_same_trail(
    runtime: Runtime, town: Town, seed: int
) -> None:
    chance = random.Random(seed)
    plain, core = (Asking(runtime, replace(BOUNDS, compiled=on)).engine for on in (True, False))
    alone = paged = 0
    for _ in range(70):
        actor, query = chance.choice([*town.actors[:3], *town.actors]), page(chance, town)
        language: Language = chance.choice(["vi", "en"])
        after: str | None = chance.choice([None, None, None, "nonsense"])
        for _ in range(4):
            ours, left, sent = await asked(plain, runtime, actor, query, after, language)
            assert (ours, left) == (await asked(core, runtime, actor, query, after, language))[:2], query
            found = (orjson.loads(ours).get("data") or {}).get("worklist")
            if not found or not found["pageInfo"]["endCursor"]:
                break
            # The page and its line of the trail, and at times areas that nobody remembers.
            alone += len([one for one in sent if "illness_case" in one]) == 1 and "set_config" in sent[0]
            paged += after is not None
            after = found["pageInfo"]["endCursor"]
    assert alone > 10
    assert paged > 10


@pytest.mark.parametrize("selection", GENERAL)
async def test_what_is_not_plain_goes_the_general_way(runtime: Runtime, town: Town, selection: str) -> None:
    plain, core = (Asking(runtime, replace(BOUNDS, compiled=on)).engine for on in (True, False))
    for actor in town.actors[:4]:
        query = f"{{ worklist(first: 2) {{ nodes {{ since {selection} }} }} }}"
        ours, left, _ = await asked(plain, runtime, actor, query)
        assert (ours, left) == (await asked(core, runtime, actor, query))[:2]


async def test_a_plain_page_reads_the_columns_that_it_shows(runtime: Runtime, town: Town) -> None:
    engine = Asking(runtime, replace(BOUNDS, compiled=True)).engine
    await asked(engine, runtime, town.actors[0], PAGE % 2)
    _, _, sent = await asked(engine, runtime, town.actors[0], PAGE % 2)
    assert len(sent) == 2
    assert "identity" not in sent[0]
    assert "phone_hash" not in sent[0]


async def test_a_page_that_was_walked_and_not_filled_is_gathered_and_not_walked_again(
    runtime: Runtime, town: Town
) -> None:
    engine = Asking(runtime, replace(BOUNDS, compiled=True)).engine
    _, _, sent = await asked(engine, runtime, town.actors[0], PAGE % 100)
    walks = [one for one in sent if "CROSS JOIN LATERAL" in one and "alert_raised_at" in one]
    assert len(walks) == 1


async def test_who_ask_at_once_share_a_reading_and_each_is_answered_and_noted_as_if_alone(
    runtime: Runtime, town: Town
) -> None:
    engine = Asking(runtime, replace(BOUNDS, compiled=True)).engine
    alone = {actor: (await asked(engine, runtime, actor, PAGE % 2))[:2] for actor in town.actors}
    crowd = [*town.actors, *town.actors, *[town.actors[0]] * 12]
    random.Random("crowd").shuffle(crowd)
    answers = await asyncio.gather(*(asked(engine, runtime, actor, PAGE % 2) for actor in crowd))
    for actor, (answer, left, _) in zip(crowd, answers, strict=True):
        assert (answer, left) == alone[actor]
    assert len({answer for answer, _ in alone.values()}) > 4
    same = await asyncio.gather(*(asked(engine, runtime, town.actors[0], PAGE % 2) for _ in range(12)))
    assert all(len(left) == 1 for _, left, _ in same)
    # What is read for all the others is no statement of any of theirs.
    assert sum(any("illness_case" in one for one in sent) for _, _, sent in same) == 1


async def test_who_asks_after_a_change_is_shown_it_whatever_is_being_read(runtime: Runtime, town: Town) -> None:
    engine = Asking(runtime, replace(BOUNDS, compiled=True)).engine

    async def first() -> tuple[str, str]:
        answer, _, _ = await asked(engine, runtime, town.actors[0], PAGE % 1)
        shown = orjson.loads(answer)["data"]["worklist"]["nodes"][0]["case"]
        return shown["id"], shown["state"]

    before = await first()
    others = [asyncio.create_task(first()) for _ in range(3)]
    await Case.filter(rank=0).using_db(service_connection()).update(state="HOME_ISOLATION")
    assert {state for _, state in await asyncio.gather(*(first() for _ in range(5)))} == {"HOME_ISOLATION"}
    assert {id for id, _ in await asyncio.gather(*others)} == {before[0]}
