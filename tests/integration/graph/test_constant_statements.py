"""However many rows an answer has, it costs the same number of statements: every field of every list is walked."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import asyncpg
import pytest
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type
from graphql.type import is_required_argument

from access.actor import Actor
from graph.api import build_schema
from models.area import Area
from models.case import Case
from models.database import DatabaseUrls, service_connection
from models.migrate import plain
from models.state import Role
from services.acknowledge import acknowledge
from services.declare import declare
from services.load_alerts import alerts_of_cases
from services.runtime import Runtime
from tests.integration.conftest import KEPT, MOMENT
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, account, area, household, person
from tests.integration.statements import statements

MANY = 100
DEPTH = 3
ROOTS = {
    "alerts": "alerts(first: {rows}) {{ nodes {{ {fields} }} }}",
    "cases": "cases(first: {rows}) {{ nodes {{ {fields} }} }}",
    "declarations": "declarations(first: {rows}) {{ nodes {{ {fields} }} }}",
    "stations": "stations(kinds: WARD_STATION, first: {rows}) {{ nodes {{ {fields} }} }}",
    "areas": 'areas(root: "{root}", first: {rows}) {{ nodes {{ {fields} }} }}',
}
"""Each list, and how it is asked so that its first row has what the others have."""

Path = tuple[str, ...]


def fields_of(type_: GraphQLObjectType) -> dict[str, GraphQLField]:
    """The fields that can be asked without arguments."""
    return {
        name: field
        for name, field in type_.fields.items()
        if not any(is_required_argument(argument) for argument in field.args.values())
    }


def paths(type_: GraphQLObjectType, seen: Path = (), names: Path = ()) -> Iterator[Path]:
    """The way to every object below a type, without going round in a circle."""
    yield names
    if len(names) == DEPTH:
        return
    for name, field in fields_of(type_).items():
        below = get_named_type(field.type)
        if isinstance(below, GraphQLObjectType) and below.name not in (*seen, type_.name):
            yield from paths(below, (*seen, type_.name), (*names, name))


def selection(type_: GraphQLObjectType, path: Path) -> str:
    """Everything that is asked at the end of a path, and nothing on the way."""
    if not path:
        leaves = [name for name, field in fields_of(type_).items() if is_leaf_type(get_named_type(field.type))]
        return " ".join(["__typename", *leaves])
    below = get_named_type(type_.fields[path[0]].type)
    assert isinstance(below, GraphQLObjectType)
    return f"{path[0]} {{ {selection(below, path[1:])} }}"


def node_of(schema: GraphQLSchema, root: str) -> GraphQLObjectType:
    """The type of a list's rows."""
    assert schema.query_type
    connection = get_named_type(schema.query_type.fields[root].type)
    assert isinstance(connection, GraphQLObjectType)
    node = get_named_type(connection.fields["nodes"].type)
    assert isinstance(node, GraphQLObjectType)
    return node


SCHEMA = build_schema()._schema
WALKED = [(root, path) for root in ROOTS for path in paths(node_of(SCHEMA, root))]


@pytest.fixture(scope="module")
def full() -> dict[str, Actor]:
    """The actor, once the database is full."""
    return {}


async def _empty(urls: DatabaseUrls) -> None:
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        rows = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        await owner.execute(f"TRUNCATE {', '.join(row['tablename'] for row in rows if row['tablename'] not in KEPT)}")
    finally:
        await owner.close()


@pytest.fixture
async def city(house: Runtime, urls: DatabaseUrls, full: dict[str, Actor]) -> Actor:
    """The Department of a city in which a hundred wards have declared, and all alerts were taken.

    Filled once for all tests of this module, which only read.
    """
    house.clock.follow(MOMENT, timedelta())
    if "city" not in full:
        await _empty(urls)
        top = await Area.get(parent_id=None, using_db=service_connection())
        full["city"] = await account(house, Role.DEPARTMENT, top)
        wards = await Area.filter(level=top.level + 2).order_by("lo").limit(MANY + 5).using_db(service_connection())
        for ward in wards:
            await declare(house, full["city"], household(person(BREATHLESS), ward=ward))
        cases = await Case.all().using_db(service_connection())
        found = await alerts_of_cases(full["city"], service_connection(), [case.id for case in cases])
        await asyncio.gather(
            *(acknowledge(house, full["city"], alert.id) for alerts in found.values() for alert in alerts)
        )
    return full["city"]


@pytest.mark.parametrize(
    ("root", "path"), WALKED, ids=lambda value: value if isinstance(value, str) else ".".join(value)
)
async def test_a_field_costs_the_same_for_one_row_and_for_a_hundred(
    house: Runtime, city: Actor, root: str, path: Path
) -> None:
    asking = Asking(house)
    fields = selection(node_of(SCHEMA, root), path)
    counts = []
    for rows in (1, MANY):
        asked = ROOTS[root].format(rows=rows, fields=fields, root=await _global_root(asking, city))
        with statements() as sent:
            nodes = (await asking.data(city, f"{{ {asked} }}"))[root]["nodes"]
        assert len(nodes) == rows
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def _global_root(asking: Asking, city: Actor) -> str:
    top = await area(city.area_id)
    found: str = (await asking.data(city, f'{{ area(code: "{top.national_code}") {{ id }} }}'))["area"]["id"]
    return found


async def test_what_is_not_asked_for_is_not_read(house: Runtime, city: Actor) -> None:
    asking = Asking(house)
    counts = {}
    for fields in ("id", "id area { name }", "id area { name } station { name }"):
        with statements() as sent:
            await asking.data(city, f"{{ cases(first: 10) {{ nodes {{ {fields} }} }} }}")
        counts[fields] = len(sent)
    assert list(counts.values()) == [min(counts.values()) + extra for extra in range(3)]


@pytest.mark.parametrize("below", ["", "children", "stations", "byDay"])
async def test_a_summary_costs_the_same_for_a_district_and_for_the_city(
    house: Runtime, city: Actor, below: str
) -> None:
    asking = Asking(house)
    figures = "declared active alerts { open overdue p90TimeToAcknowledge }"
    asked = {
        "": figures,
        "children": f"children {{ {figures} }}",
        "stations": "stations { received overdue p50 lastActionAt connectedNow station { name area { name } } }",
        "byDay": "byDay { date declared active openAlerts }",
    }[below]
    counts = []
    district = (await asking.data(city, '{ area(code: "760") { id } }'))["area"]["id"]
    whole = await _global_root(asking, city)
    for place in (district, whole):
        with statements() as sent:
            await asking.data(city, f'{{ areaSummary(areaId: "{place}") {{ {asked} }} }}')
        counts.append(len(sent))
    assert counts[0] == counts[1]
