"""Reading what a client sent, before GraphQL sees any of it."""

import re
from dataclasses import dataclass
from typing import Any

import orjson

from graph.manifest import LONGEST_ID

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Malformed(Exception):
    """The request is no GraphQL request; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One operation to run. `odd_text` says that a string in it may hold a NUL, which no column can store.

    `query` is empty where only the document's id was sent; `document_id` beside a query is the hash to keep it by.
    """

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    odd_text: bool = False
    extensions: dict[str, Any] | None = None
    document_id: str | None = None


def read_body(body: bytes) -> GraphQLRequest:
    """The one request in a JSON body. Raises Malformed."""
    return read_request(*_content(body))


def read_bodies(body: bytes, batch: int) -> GraphQLRequest | list[GraphQLRequest]:
    """The request in a JSON body, or up to `batch` of them in an array. Raises Malformed."""
    content, odd_text = _content(body)
    if isinstance(content, list) and batch:
        if not 1 <= len(content) <= batch:
            raise Malformed(f"An array has from 1 to {batch} operations.")
        return [read_request(one, odd_text) for one in content]
    return read_request(content, odd_text)


def _content(body: bytes) -> tuple[object, bool]:
    """The decoded value, and whether a NUL may be in it.

    orjson refuses what else would break something further in: invalid UTF-8, halves of a character, NaN, numbers
    beyond a double, more than a thousand levels.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error}.") from error
    return content, b"\\u0000" in body


def read_request(content: object, odd_text: bool = False) -> GraphQLRequest:
    """The request in a decoded JSON value. Raises Malformed."""
    if isinstance(content, list):
        raise Malformed("An array of operations is not taken here: send one operation.")
    if not isinstance(content, dict):
        raise Malformed("The body must be a JSON object with the key query.")
    variables = content.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise Malformed("The key variables must be an object.")
    name = content.get("operationName")
    if name is not None and not isinstance(name, str):
        raise Malformed("The key operationName must be a string.")
    extensions = content.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise Malformed("The key extensions must be an object.")
    id = _document_id(content, extensions)
    query = content.get("query")
    if id is not None and not query and isinstance(query, str | None):
        query = ""
    elif not isinstance(query, str) or not query.strip():
        raise Malformed("The key query must be a GraphQL document.")
    return GraphQLRequest(query, variables, name or None, odd_text, extensions, id)


def _document_id(content: dict[str, Any], extensions: dict[str, Any] | None) -> str | None:
    """The id of a document that is known here: `documentId`, or the hash of Apollo's persisted queries."""
    id = content.get("documentId")
    persisted = (extensions or {}).get("persistedQuery")
    if id is None and persisted is None:
        return None
    match id, persisted:
        case str(), None if 0 < len(id) <= LONGEST_ID and not content.get("query"):
            return id.removeprefix("sha256:")
        case None, {"version": 1, "sha256Hash": str(hash)} if _SHA256.fullmatch(hash):
            return hash
        case None, _:
            raise Malformed("The extension persistedQuery has the version 1 and a sha256Hash of 64 hexadecimal digits.")
        case _:
            raise Malformed("The key documentId is a string and stands instead of query.")


def read_parameters(parameters: dict[str, str]) -> GraphQLRequest:
    """The request in the parameters of a GET. Raises Malformed."""
    content: dict[str, object] = {key: parameters.get(key) for key in ("query", "operationName", "documentId")}
    for key in ("variables", "extensions"):
        if text := parameters.get(key):
            try:
                content[key] = orjson.loads(text)
            except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
                raise Malformed(f"The parameter {key} is not JSON: {error}.") from error
    return read_request(content, odd_text="\0" in str(parameters) or "\\u0000" in str(parameters))
