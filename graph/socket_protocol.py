"""graphql-transport-ws as written: what a client may say, and the codes that a socket is closed with.

docs/websocket.md has the codes for those who write clients: what each means, and after which to come back.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from starlette.types import Message

PROTOCOL = "graphql-transport-ws"

# The protocol's own.
BAD_MESSAGE, UNAUTHORISED, FORBIDDEN, BAD_PROTOCOL, INIT_TIMEOUT, TAKEN_ID, TWICE = (
    *(4400, 4401, 4403),
    *(4406, 4408, 4409, 4429),
)
# Ours: nothing runs on the socket, and nobody is there. Clients come back when they next need one.
IDLE = 4410
# Clients come back by themselves after these two, with their cursors.
RESTARTING, TRY_AGAIN = 1012, 1013
INTERNAL = 1011

_REASON_BYTES = 120
"""A close frame has 125 bytes, two of which are its code: with a longer reason it could not be sent at all."""


class Closing(Exception):
    """The socket is to be closed with this code. The reason's first word is stable where it is in capitals."""

    def __init__(self, code: int, reason: str) -> None:
        """The reason is cut where it would not fit."""
        super().__init__(reason)
        self.code, self.reason = code, reason.encode()[:_REASON_BYTES].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Init:
    """Says who is there."""

    payload: dict[str, Any]

    def text(self, *names: str) -> str | None:
        """The first of these values that is there, whatever the case of its name. Raises Closing for what is no text.

        Clients write what would be a header with a browser's capitals or without.
        """
        given = {name.lower(): value for name, value in self.payload.items()}
        for name in names:
            value = given.get(name)
            if not isinstance(value, str | None):
                raise Closing(BAD_MESSAGE, f"{name} must be a string")
            if value:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Ping:
    """Asks for a pong with the same payload."""

    payload: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Pong:
    """Answers a ping, or says unasked that somebody is there."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Starts an operation of any kind."""

    id: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Complete:
    """Ends an operation; one that is not running is none of our business."""

    id: str


Said: TypeAlias = Init | Ping | Pong | Subscribe | Complete


def read_message(message: Message) -> Said:
    """What a frame says. Raises Closing for whatever is no message of the protocol."""
    text = message.get("text")
    if text is None:
        raise Closing(BAD_MESSAGE, "Messages are text")
    try:
        content = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise Closing(BAD_MESSAGE, "Messages are JSON") from error
    if not isinstance(content, dict):
        raise Closing(BAD_MESSAGE, "Messages are JSON objects")
    match content:
        case {"type": "connection_init"}:
            return Init(_payload(content) or {})
        case {"type": "ping"}:
            return Ping(_payload(content))
        case {"type": "pong"}:
            _payload(content)
            return Pong()
        case {"type": "subscribe"}:
            return Subscribe(_id(content), _operation(content.get("payload")))
        case {"type": "complete"}:
            return Complete(_id(content))
        case _:
            raise Closing(BAD_MESSAGE, "No such type of message")


def _id(content: dict[str, Any]) -> str:
    id = content.get("id")
    if not isinstance(id, str) or not id:
        raise Closing(BAD_MESSAGE, "The id must be a string that is not empty")
    return id


def _payload(content: dict[str, Any]) -> dict[str, Any] | None:
    payload = content.get("payload")
    if not isinstance(payload, dict | None):
        raise Closing(BAD_MESSAGE, "The payload must be an object")
    return payload


def _operation(payload: object) -> dict[str, Any]:
    if not isinstance(payload, dict):
        raise Closing(BAD_MESSAGE, "The payload must be an object")
    if not isinstance(payload.get("query"), str) and not _names_a_document(payload):
        raise Closing(BAD_MESSAGE, "The payload's query must be a string")
    if not isinstance(payload.get("operationName"), str | None):
        raise Closing(BAD_MESSAGE, "The payload's operationName must be a string")
    for name in ("variables", "extensions"):
        if not isinstance(payload.get(name), dict | None):
            raise Closing(BAD_MESSAGE, f"The payload's {name} must be an object")
    return payload


def _names_a_document(payload: dict[str, Any]) -> bool:
    extensions = payload.get("extensions")
    named = "documentId" in payload or (isinstance(extensions, dict) and "persistedQuery" in extensions)
    return named and payload.get("query") is None
