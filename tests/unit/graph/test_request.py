"""What is a request, and what is none."""

import pytest

from graph.request import GraphQLRequest, Malformed, read_body, read_parameters


def test_a_request_is_read() -> None:
    body = b'{"query":"{ me }","variables":{"a":1},"operationName":"A","extensions":{},"more":1}'
    assert read_body(body) == GraphQLRequest("{ me }", {"a": 1}, "A", extensions={})


def test_an_empty_operation_name_is_none() -> None:
    assert read_body(b'{"query":"{ me }","operationName":""}').operation_name is None


@pytest.mark.parametrize(
    "body", [b'{"query":"{ a(b: \\"\\\\u0000\\") }"}', b'{"query":"q","variables":{"a":"\\u0000"}}']
)
def test_a_zero_character_is_noticed_wherever_it_hides(body: bytes) -> None:
    assert read_body(body).odd_text


def test_the_parameters_of_a_url_are_read() -> None:
    found = read_parameters({"query": "{ me }", "variables": '{"a":1}'})
    assert found == GraphQLRequest("{ me }", {"a": 1})


@pytest.mark.parametrize("parameters", [{}, {"query": "{ me }", "variables": "{"}, {"query": "q", "extensions": "1"}])
def test_parameters_that_cannot_be_read_are_malformed(parameters: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        read_parameters(parameters)
