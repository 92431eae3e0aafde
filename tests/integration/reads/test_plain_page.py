"""Pages of plain columns: the same as by graphql-core, with the same trail, in one statement and within the walls."""

import asyncio
import random
from dataclasses import replace
from typing import Any
from uuid import uuid4

import orjson
import pytest

from access.actor import Actor
from access.bounds import bounds_of
from access.jurisdiction import Jurisdiction
from graph.confirming import Unconfirmed
from graph.context import Context
from graph.request import GraphQLRequest
from graph.running import NO_STREAM, Engine
from graph.schema.case import COLUMNS as CASE
from graph.schema.declaration import COLUMNS as DECLARATION
from models.alone import TOLD, Alone
from models.area import Area
from models.audit import Audit
from models.bounds import NOTHING, Bounds
from models.database import application_connection, service_connection
from models.state import CaseState, DeclarationState, Role
from services.breadth import breadth_of
from services.runtime import Runtime
from tests.integration.graph.asking import BOUNDS, Asking
from tests.integration.made import account, area, wards
from tests.integration.reads.rows import fill
from tests.integration.reads.town import Town
from tests.integration.statements import statements

CITY = "vn-79-2022-79"
KINDS = {"declarations": (DECLARATION, DeclarationState), "cases": (CASE, CaseState)}


@pytest.fixture
async def town(runtime: Runtime) -> Town:
    ward, elsewhere = await wards(2)
    district, city = await area(ward.parent_id), await area(CITY)
    await fill([ward, elsewhere, *await Area.filter(parent_id=district.id).using_db(service_connection())], 150, 7)
    roles = [
        (Role.DEPARTMENT, city),
        (Role.MEDICAL_CENTRE, district),
        (Role.STATION_HEAD, ward),
        (Role.STATION_STAFF, elsewhere),
        (Role.COMMITTEE, city),
        (Role.HOSPITAL, ward),
    ]
    actors = [await account(runtime, role, place) for role, place in roles]
    return Town([*actors, Actor("RESIDENT", phone_hash="x"), Actor("ANONYMOUS")], [ward, elsewhere, district, city])


def drawn(chance: random.Random, town: Town, root: str) -> str:
    """A page in other words each time."""
    columns, states = KINDS[root]
    fields = chance.sample(list(columns), chance.randrange(1, len(columns)))
    shown = " ".join(f"k{at}: {name}" if chance.random() < 0.3 else name for at, name in enumerate(fields))
    nodes = "" if chance.random() < 0.1 else f"nodes {{ {shown} }}"
    arguments = [f"first: {chance.randrange(1, 100)}"]
    if chance.random() < 0.5:
        arguments.append(f"states: [{', '.join(state.name for state in chance.sample(list(states), 3))}]")
    if chance.random() < 0.3:
        arguments.append('disease: "dengue"')
    if chance.random() < 0.3:
        flag = "possibleDuplicate" if root == "declarations" else "highRisk"
        arguments.append(f"{flag}: {chance.choice(['true', 'false'])}")
    if chance.random() < 0.3:
        arguments.append(f'areaId: "{chance.choice(town.places).id}"')
    return (
        f"query ($after: String) {{ {root}({', '.join(arguments)}, after: $after)"
        f" {{ {nodes} __typename pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    )


async def asked(
    engine: Engine, runtime: Runtime, actor: Actor, query: str, after: str | None
) -> tuple[bytes, list[Any], list[str]]:
    """The answer as it goes out, the trail that it left, and the statements it took."""
    request = str(uuid4())
    context = Context(runtime, GraphQLRequest(query, {"after": after}), request, engine.remembered, actor, "en")
    with statements() as sent:
        answer = await engine.run(context, NO_STREAM)
    trail = await Audit.filter(request_id=request).using_db(service_connection())
    left = [(line.action, line.actor, line.account_id, line.objects, line.detail) for line in trail]
    return orjson.dumps(answer.payload(), default=str), left, sent


@pytest.mark.parametrize("root", KINDS)
async def test_a_plain_page_is_the_same_as_by_graphql_core_and_leaves_the_same_trail(
    runtime: Runtime, town: Town, root: str
) -> None:
    chance = random.Random(root)
    schema = Asking(runtime).schema
    plain, core = (Engine(schema, replace(BOUNDS, compiled=compiled)) for compiled in (True, False))
    with_rows = paged = 0
    for _ in range(120):
        actor, query = chance.choice(town.actors), drawn(chance, town, root)
        after: str | None = None
        for _ in range(3):
            ours, left, taken = await asked(plain, runtime, actor, query, after)
            assert (ours, left) == (await asked(core, runtime, actor, query, after))[:2], query
            page = (orjson.loads(ours).get("data") or {}).get(root)
            if not page or not page["pageInfo"]["endCursor"]:
                break
            with_rows += 1
            if not any(word in query for word in ("areaId", "disease:", "possibleDuplicate: ", "highRisk: ")):
                # The page, and its line of the trail.
                assert len(taken) == 2, query
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            paged += 1
    assert with_rows > 40
    assert paged > 15


@pytest.mark.parametrize("root", KINDS)
async def test_who_ask_at_once_share_a_reading_and_each_is_answered_and_noted_as_if_alone(
    runtime: Runtime, town: Town, root: str
) -> None:
    engine = Engine(Asking(runtime).schema, replace(BOUNDS, compiled=True))
    query = f"{{ {root}(first: 20) {{ nodes {{ id state }} pageInfo {{ endCursor }} }} }}"
    alone = {actor: (await asked(engine, runtime, actor, query, None))[:2] for actor in town.actors}
    crowd = [*town.actors, *town.actors, *[town.actors[0]] * 12]
    random.Random(root).shuffle(crowd)
    answers = await asyncio.gather(*(asked(engine, runtime, actor, query, None) for actor in crowd))
    for actor, (answer, left, _) in zip(crowd, answers, strict=True):
        assert (answer, left) == alone[actor]
    assert len({answer for answer, _ in alone.values()}) > 4
    same = await asyncio.gather(*(asked(engine, runtime, town.actors[0], query, None) for _ in range(12)))
    assert all(len(left) == 1 for _, left, _ in same)
    # The one that was first reads for itself; what is read for all the others is no statement of any of theirs.
    assert sum(any("LATERAL" in one for one in sent) for _, _, sent in same) == 1


async def test_pages_of_other_arguments_are_read_by_themselves(runtime: Runtime, town: Town) -> None:
    engine = Engine(Asking(runtime).schema, replace(BOUNDS, compiled=True))
    pages = [
        f"query ($after: String) {{ cases(after: $after, {more}) {{ nodes {{ id }} pageInfo {{ endCursor }} }} }}"
        for more in ("first: 3", "first: 4", "first: 3, states: [SUSPECTED]", "first: 3, states: []")
    ]
    document = "query ($n: Int) { cases(first: $n) { nodes { id } } }"

    async def numbered(n: int) -> int:
        context = Context(runtime, GraphQLRequest(document, {"n": n}), str(n), engine.remembered, town.actors[0], "en")
        answer = orjson.loads(orjson.dumps((await engine.run(context, NO_STREAM)).payload()))
        return len(answer["data"]["cases"]["nodes"])

    alone = [(await asked(engine, runtime, town.actors[0], page, None))[0] for page in pages]
    end = orjson.loads(alone[0])["data"]["cases"]["pageInfo"]["endCursor"]
    alone += [(await asked(engine, runtime, town.actors[0], page, end))[0] for page in pages]
    assert len(set(alone)) > 4
    together = await asyncio.gather(
        *(
            asked(engine, runtime, town.actors[0], page, after)
            for _ in range(3)
            for after in (None, end)
            for page in pages
        )
    )
    assert [answer for answer, _, _ in together] == alone * 3
    sizes = [3, 7, 5] * 4
    assert await asyncio.gather(*map(numbered, sizes)) == sizes


async def test_nobody_is_confirmed_by_a_page_for_which_nothing_was_read(runtime: Runtime, town: Town) -> None:
    engine = Engine(Asking(runtime).schema, replace(BOUNDS, compiled=True))
    query = "{ cases(states: []) { nodes { id } } }"
    actor = town.actors[0]

    async def presumed() -> None:
        context = Context(runtime, GraphQLRequest(query), "p", engine.remembered, actor, "en", presumed=True)
        await engine.run(context, NO_STREAM)

    found = await asyncio.gather(*(presumed() for _ in range(4)), return_exceptions=True)
    assert [type(one) for one in found] == [Unconfirmed] * 4


_CASES = f"SELECT c.area_no FROM illness_case c WHERE {TOLD} AND c.area_no BETWEEN $1::int AND $2::int"


async def test_a_statement_alone_sees_no_further_than_its_bounds_whatever_it_asks_for(
    runtime: Runtime, town: Town
) -> None:
    ward, elsewhere, _, city = town.places
    staff = await account(runtime, Role.STATION_STAFF, ward)
    everywhere = [city.lo, city.hi]
    assert {row["area_no"] for row in await Alone(bounds_of(staff)).rows(_CASES, everywhere)} == {ward.lo}
    assert await Alone(NOTHING).rows(_CASES, everywhere) == []
    committee = await account(runtime, Role.COMMITTEE, city)
    assert await Alone(bounds_of(committee)).rows(_CASES, everywhere) == []
    wide = Bounds(cases=(city.lo, city.hi))
    assert {ward.lo, elsewhere.lo} <= {row["area_no"] for row in await Alone(wide).rows(_CASES, everywhere)}
    # What one was told is gone with its statement.
    told = (
        "SELECT coalesce(current_setting('app.cases_hi', true), '') AS hi, (SELECT count(*) FROM illness_case) AS seen"
    )
    for _ in range(20):
        _, rows = await application_connection().execute_query(told)
        assert (rows[0]["hi"], rows[0]["seen"]) == ("", 0)


async def test_a_statement_without_a_place_for_its_bounds_is_never_sent() -> None:
    with pytest.raises(ValueError, match="bounds"):
        await Alone(NOTHING).rows("SELECT 1", [])


async def test_a_range_that_is_nothing_of_the_tree_is_few(runtime: Runtime, town: Town) -> None:
    ward, *_, city = town.places
    found = [await breadth_of(Jurisdiction(one.lo, one.hi)) for one in (ward, city)]
    assert [one.value for one in found] == ["FEW", "MOST"]
