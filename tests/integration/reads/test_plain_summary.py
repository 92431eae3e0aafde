"""Summaries of plain figures: the same as by graphql-core, in one statement and within the walls."""

import asyncio
import random
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from access.actor import Actor
from graph.context import Context
from graph.request import GraphQLRequest
from graph.running import NO_STREAM, Engine
from models.alert import Alert
from models.area import Area
from models.area_count import ALL_DAYS, AreaCount
from models.database import service_connection
from models.state import Role
from services.runtime import Runtime
from tests.integration.graph.asking import BOUNDS, Asking
from tests.integration.made import account, area, wards
from tests.integration.reads.story import tell
from tests.integration.statements import statements

CITY = "vn-79-2022-79"
_MOMENT = re.compile(rb'"asOf":"[^"]*"')
LEAVES = (
    *("__typename", "disease", "asOf", "from", "to", "declared", "confirmed", "active", "hospitalised", "completed"),
    *("deceased", "severe", "highRisk", "pending", "contacted"),
    "area { __typename id code type level name nameEn validFrom validTo }",
    "place: area { name }",
    "alerts { __typename raised open acknowledged overdue }",
)
GENERAL = (
    "stations { received }",
    "byDay { declared }",
    "alerts { medianTimeToAcknowledge }",
    "area { parent { name } }",
    "declared @include(if: true)",
    "...{ severe }",
    "children { children { declared } }",
)


@pytest.fixture
async def actors(runtime: Runtime) -> AsyncIterator[list[Actor]]:
    """Who asks: in a ward, its district and the city, with alerts due and not due, and with two wards that
    have ended, one with something counted in it and one without."""
    service = service_connection()
    ward, far = await wards(2)
    district, city = await area(ward.parent_id), await area(CITY)
    within = await Area.filter(parent_id=district.id).exclude(id=ward.id).using_db(service).order_by("lo")
    busy, elsewhere = within[0], within[1]
    department = await account(runtime, Role.DEPARTMENT, city)
    await tell(runtime, department, [ward, busy, far], 60, 3)
    now = runtime.clock.now()
    for place, alert in enumerate(await Alert.all().using_db(service).order_by("id")):
        alert.due_at = now + timedelta(hours=place % 3 - 1, minutes=1)
        await alert.save(using_db=service, update_fields=["due_at"])
    for ended in (busy, elsewhere):
        await Area.filter(id=ended.id).using_db(service).update(valid_to=runtime.clock.day() - timedelta(days=1))
    assert await AreaCount.filter(area_id=busy.id).using_db(service).exists()
    assert not await AreaCount.filter(area_id=elsewhere.id).using_db(service).exists()
    roles = [(Role.MEDICAL_CENTRE, district), (Role.STATION_HEAD, ward)]
    roles += [(Role.COMMITTEE, city), (Role.COMMITTEE, elsewhere), (Role.HOSPITAL, ward), (Role.STATION_STAFF, ward)]
    staff = [department, *[await account(runtime, role, place) for role, place in roles]]
    yield [*staff, Actor("RESIDENT", phone_hash="x"), Actor("ANONYMOUS")]
    await Area.filter(id__in=[busy.id, elsewhere.id]).using_db(service).update(valid_to=None)


async def asked(engine: Engine, runtime: Runtime, actor: Actor, query: str) -> tuple[bytes, int]:
    """The answer as it goes over the line, and how many statements it took."""
    context = Context(runtime, GraphQLRequest(query), "compared", engine.remembered, actor, "en")
    with statements() as sent:
        answer = await engine.run(context, NO_STREAM)
    return _MOMENT.sub(b'"asOf":"now"', orjson.dumps(answer.payload(), default=str)), len(sent)


def drawn(chance: random.Random, *, deep: bool = True) -> str:
    """The selection of a summary."""
    fields = chance.sample(LEAVES, chance.randint(1, len(LEAVES)))
    if deep and chance.random() < 0.7:
        fields.append(f"children {drawn(chance, deep=False)}")
    if chance.random() < 0.15:
        fields.append(chance.choice(GENERAL))
    chance.shuffle(fields)
    return "{ " + " ".join(fields) + " }"


async def test_every_summary_is_the_same_as_by_graphql_core(runtime: Runtime, actors: list[Actor]) -> None:
    chance = random.Random("summary")
    compiled, by_core = (Asking(runtime, replace(BOUNDS, compiled=on)).engine for on in (True, False))
    plain = 0
    for _ in range(120):
        actor, selection = chance.choice(actors), drawn(chance)
        query = f"{{ areaSummary {selection} }}"
        first, ours = await asked(compiled, runtime, actor, query)
        expected, theirs = await asked(by_core, runtime, actor, query)
        assert first == expected, f"{query}\n{first!r}\n{expected!r}"
        assert ours <= theirs
        plain += ours == 1
    assert plain > 30


@pytest.mark.parametrize("selection", GENERAL)
async def test_what_is_not_plain_goes_the_general_way(runtime: Runtime, actors: list[Actor], selection: str) -> None:
    engine = Asking(runtime, replace(BOUNDS, compiled=True)).engine
    _, took = await asked(engine, runtime, actors[0], f"{{ areaSummary {{ declared {selection} }} }}")
    assert took > 1


async def test_a_city_with_its_districts_is_one_statement(runtime: Runtime, actors: list[Actor]) -> None:
    engine = Asking(runtime, replace(BOUNDS, compiled=True)).engine
    query = "{ areaSummary { declared children { area { name } alerts { open overdue } } } }"
    answer, took = await asked(engine, runtime, actors[0], query)
    assert took == 1
    shown: Any = orjson.loads(answer)["data"]["areaSummary"]
    assert shown["declared"] > 0
    assert sum(part["alerts"]["overdue"] for part in shown["children"]) > 0


async def test_nobody_is_shown_figures_of_more_than_their_area(runtime: Runtime, actors: list[Actor]) -> None:
    engine = Asking(runtime, replace(BOUNDS, compiled=True)).engine
    whole, _ = await asked(engine, runtime, actors[0], "{ areaSummary { declared } }")
    ward, _ = await asked(engine, runtime, actors[2], "{ areaSummary { declared } }")
    declared = [orjson.loads(one)["data"]["areaSummary"]["declared"] for one in (whole, ward)]
    assert 0 < declared[1] < declared[0]


async def test_who_ask_at_once_share_a_reading_and_each_is_answered_as_if_alone(
    runtime: Runtime, actors: list[Actor]
) -> None:
    engine = Asking(runtime, replace(BOUNDS, compiled=True)).engine
    query = "{ areaSummary { area { name } declared alerts { open overdue } children { area { name } declared } } }"
    alone = {actor: (await asked(engine, runtime, actor, query))[0] for actor in actors}
    crowd = [*actors, *[actors[0]] * 12]
    random.Random("crowd").shuffle(crowd)
    answers = await asyncio.gather(*(asked(engine, runtime, actor, query) for actor in crowd))
    for actor, (answer, _) in zip(crowd, answers, strict=True):
        assert answer == alone[actor]
    assert len(set(alone.values())) > 5
    same = await asyncio.gather(*(asked(engine, runtime, actors[0], query) for _ in range(12)))
    # What is read for all the others is no statement of any of theirs.
    assert sorted(own for _, own in same) == [0] * 11 + [1]


async def test_who_waited_is_shown_what_was_counted_after_the_reading_before_had_begun(
    runtime: Runtime, actors: list[Actor]
) -> None:
    engine = Asking(runtime, replace(BOUNDS, compiled=True)).engine
    query = "{ areaSummary { declared } }"
    service = service_connection()

    async def declared() -> int:
        answer, _ = await asked(engine, runtime, actors[0], query)
        return int(orjson.loads(answer)["data"]["areaSummary"]["declared"])

    row = await AreaCount.filter(day=ALL_DAYS, declared__gt=0).using_db(service).order_by("id").first()
    assert row is not None
    before = await declared()
    others = [asyncio.create_task(declared()) for _ in range(3)]
    await AreaCount.filter(id=row.id).using_db(service).update(declared=row.declared + 7)
    assert await asyncio.gather(*(declared() for _ in range(5))) == [before + 7] * 5
    assert set(await asyncio.gather(*others)) <= {before, before + 7}
