"""Reading what a client sent, before GraphQL sees any of it."""

from dataclasses import dataclass
from typing import Any

import orjson


class Malformed(Exception):
    """The request is no GraphQL request; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One operation to run. `odd_text` says that a string in it may hold a NUL, which no column can store."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    odd_text: bool = False
    extensions: dict[str, Any] | None = None


def read_body(body: bytes) -> GraphQLRequest:
    """The request in a JSON body. Raises Malformed.

    orjson refuses what else would break something further in: invalid UTF-8, halves of a character, NaN, numbers
    beyond a double, more than a thousand levels.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error}.") from error
    return read_request(content, odd_text=b"\\u0000" in body)


def read_request(content: object, *, odd_text: bool = False) -> GraphQLRequest:
    """The request in a decoded JSON value. Raises Malformed."""
    if isinstance(content, list):
        raise Malformed("One operation at a time: batches are not supported.")
    if not isinstance(content, dict):
        raise Malformed("The body must be a JSON object with the key query.")
    query = content.get("query")
    if not isinstance(query, str) or not query.strip():
        raise Malformed("The key query must be a GraphQL document.")
    variables = content.get("variables")
    if not isinstance(variables, dict | None):
        raise Malformed("The key variables must be an object.")
    name = content.get("operationName")
    if not isinstance(name, str | None):
        raise Malformed("The key operationName must be a string.")
    extensions = content.get("extensions")
    if not isinstance(extensions, dict | None):
        raise Malformed("The key extensions must be an object.")
    return GraphQLRequest(query, variables, name or None, odd_text, extensions)


def read_parameters(parameters: dict[str, str]) -> GraphQLRequest:
    """The request in the parameters of a GET. Raises Malformed."""
    content: dict[str, object] = {"query": parameters.get("query"), "operationName": parameters.get("operationName")}
    for key in ("variables", "extensions"):
        if text := parameters.get(key):
            try:
                content[key] = orjson.loads(text)
            except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
                raise Malformed(f"The parameter {key} is not JSON: {error}.") from error
    return read_request(content, odd_text="\0" in str(parameters) or "\\u0000" in str(parameters))
