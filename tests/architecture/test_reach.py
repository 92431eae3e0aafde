"""No way to a person that nobody has thought of: every type is classed, every field that leads to one is entered."""

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, GraphQLString, build_schema

from graph import api
from tests.architecture.reach import BARE, BEARS, COVERED, leading, objects, unclassed

SCHEMA: GraphQLSchema = api.build_schema()._schema
WHERE = "tests/architecture/reach.py"


def test_every_type_says_whether_it_bears_something_of_a_person() -> None:
    found = unclassed(SCHEMA)
    assert found == [], f"say in {WHERE} of {', '.join(found)} what it BEARS of a person, or why it is BARE"


def test_every_field_that_leads_to_a_person_is_held_by_the_scope_tests() -> None:
    missing = sorted(set(leading(SCHEMA)) - set(COVERED))
    assert missing == [], (
        f"{', '.join(missing)}: say in COVERED of {WHERE} who may be shown it, and see that the oracle of"
        " tests/integration/scope asks just that"
    )


def test_nothing_is_entered_that_is_not_there() -> None:
    types = objects(SCHEMA)
    assert sorted({*BEARS, *BARE} - set(types)) == []
    assert sorted(set(COVERED) - set(leading(SCHEMA))) == []


def test_a_new_type_and_a_new_way_to_a_person_are_found() -> None:
    schema = build_schema("type Query { cured: Cured nobody: String } type Cured { name: String }")
    assert unclassed(schema) == ["Cured"]
    person = GraphQLObjectType("Person", {"name": GraphQLField(GraphQLString)})
    query = GraphQLObjectType("Query", {"cured": GraphQLField(person)})
    assert list(leading(GraphQLSchema(query))) == ["Query.cured"]
