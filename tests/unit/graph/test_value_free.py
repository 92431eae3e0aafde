"""Messages of GraphQL say what is wrong and where, and not what was typed."""

import pytest
from graphql import GraphQLError, GraphQLSchema, build_schema, parse, validate
from graphql.execution.values import get_variable_values

from graph.printed import printed
from graph.value_free import value_free

DECLARE = "mutation ($input: DeclareInput!) { declare(input: $input) { __typename } }"
PERSON = {
    "fullName": "Zoquap",
    "birthDate": "1950-04-30",
    "sex": "FEMALE",
    "test": {"kind": "pcr", "takenOn": "2022-03-17"},
    "symptoms": [],
    "conditions": [],
}
INPUT = {
    "idempotencyKey": "k",
    "contact": {"phone": "0917283645", "declaredBy": "Zoquap"},
    "address": {"areaCode": "1", "street": "Zoquap"},
    "people": [PERSON],
}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """The API's."""
    return build_schema(printed())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({**INPUT, "people": "Zoquap"}, ".people: Expected value of type 'PersonReportInput' to be an object."),
        ({**INPUT, "people": None}, ".people: Expected value of non-null type '[PersonReportInput!]!' not to be null."),
        ({**INPUT, "people": [{**PERSON, "sex": "Zoquap"}]}, ".people[0].sex: The value does not exist in 'Sex' enum."),
        ({**INPUT, "people": [{"fullName": "Zoquap"}]}, "to include required field 'sex'."),
        ({**INPUT, "extra": "Zoquap"}, "not to include unknown field 'extra'."),
        (
            {**INPUT, "contact": {"phon": "0917283645", "declaredBy": "Zoquap"}},
            "of type 'ContactInput' not to include unknown field 'phon'. Did you mean 'phone'?",
        ),
        ({**INPUT, "Zoquap@0917283645": 1}, "not to include a field that is not one."),
        ({**INPUT, "idempotencyKey": {"Zoquap": 1}}, ".idempotencyKey: ID cannot represent"),
        ({**INPUT, "disease": ["0917283645"]}, ".disease: String cannot represent a non string value."),
    ],
)
def test_of_a_variable_the_place_is_said_and_not_the_value(
    schema: GraphQLSchema, given: dict[str, object], says: str
) -> None:
    definition = parse(DECLARE).definitions[0]
    found = get_variable_values(schema, definition.variable_definitions, {"input": given})  # type: ignore[attr-defined]
    messages = [value_free(error.message) for error in found if isinstance(error, GraphQLError)]
    assert any(says in message for message in messages), messages
    assert not any("Zoquap" in message or "0917" in message for message in messages)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ('{ cases(first: "Zoquap") { nodes { id } } }', "Int cannot represent non-integer value."),
        ('{ cases(states: ["Zoquap"]) { nodes { id } } }', "Enum 'CaseState' cannot represent non-enum value."),
        ("{ cases(states: [Zoquap]) { nodes { id } } }", "The value does not exist in 'CaseState' enum."),
        ("{ nothing }", "Cannot query field 'nothing' on type 'Query'."),
        (f"{{ cases(first: {'9' * 5_000}) {{ nodes {{ id }} }} }}", "Expected value of type 'Int'."),
    ],
)
def test_of_a_literal_the_type_is_said_and_not_the_value(schema: GraphQLSchema, document: str, says: str) -> None:
    messages = [value_free(error.message) for error in validate(schema, parse(document))]
    assert says in messages
    assert not any("Zoquap" in message for message in messages)


@pytest.mark.parametrize("document", ['{ a "Zoquap" }', '{ a(b: 1) """Zoquap\n""" }', "{ a 0.917283645 }", "{ a 917 }"])
def test_of_a_token_the_kind_is_said_and_not_the_value(document: str) -> None:
    with pytest.raises(GraphQLError) as refused:
        parse(document)
    message = value_free(refused.value.message)
    assert message.startswith("Syntax Error: Expected Name, found")
    assert "Zoquap" not in message
    assert "917" not in message


def test_a_date_that_is_none_is_not_repeated() -> None:
    said = "Value cannot represent a Date: \"Zoquap\". Invalid isoformat string: 'Zoquap'"
    assert value_free(f"Variable '$d' has invalid value: {said}") == (
        "Variable '$d' has invalid value: Value cannot represent a Date."
    )
