"""The gateway of whoever speaks HTTP and JSON: a body from a template, signed, under our message's id."""

import time
from collections.abc import Callable
from typing import Any

import orjson

from alerts.gateway import GatewayFault, MessageRefused, Text
from alerts.gateway_call import Answer, GatewayCall
from alerts.signature import signed

DEFAULT_TEMPLATE = '{"id": "{id}", "to": "{to}", "text": "{text}"}'

_CODE_LENGTH = 32
_ID_LENGTH = 128


class BadTemplate(ValueError):
    """The template cannot be used; the text says why."""


def read_template(text: str) -> Any:
    """The template as JSON. Raises BadTemplate where it is none, or names no recipient or no text."""
    try:
        template = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadTemplate("is no JSON") from error
    for wanted in ("{to}", "{text}"):
        if not any(wanted in value for value in _strings(template)):
            raise BadTemplate(f"has no {wanted} within a string")
    return template


class HttpGateway:
    """Posts each message to a URL. docs/messages.md says what is sent and how the answers are read."""

    name = "http"

    def __init__(
        self,
        url: str,
        template: Any,
        *,
        secret: str | None = None,
        authorization: str | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`template` is from `read_template`; `secret` signs, `authorization` is that header's value.

        `now` is the real time in seconds since 1970: the other side compares it with its own.
        """
        self._call = GatewayCall(url)
        self._template = template
        self._secret = secret
        self._authorization = authorization
        self._now = now

    async def send(self, text: Text) -> str | None:
        """Posts the message. Raises MessageRefused or GatewayFault."""
        # Filled in as values of a parsed document: a text with a quotation mark stays a text.
        body = orjson.dumps(_filled(self._template, {"{id}": str(text.id), "{to}": text.to, "{text}": text.body}))
        headers = {"content-type": "application/json", "idempotency-key": str(text.id)}
        if self._authorization:
            headers["authorization"] = self._authorization
        if self._secret:
            headers |= signed(self._secret, body, self._now())
        return _taken(await self._call.post(body, headers))

    async def close(self) -> None:
        """Closes its connections."""
        await self._call.close()


def _taken(answer: Answer) -> str | None:
    said = _object(answer.body)
    if 200 <= answer.status < 300:
        own = said.get("id")
        return str(own)[:_ID_LENGTH] if isinstance(own, str | int) else None
    refused = said.get("refused")
    # Only said outright: a wrong password or a wrong template is answered with 4xx as well, and can be put right.
    if 400 <= answer.status < 500 and isinstance(refused, str) and refused:
        raise MessageRefused(refused[:_CODE_LENGTH])
    raise GatewayFault(f"HTTP_{answer.status}")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [found for one in value.values() for found in _strings(one)]
    if isinstance(value, list):
        return [found for one in value for found in _strings(one)]
    return [value] if isinstance(value, str) else []


def _filled(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    return _replaced(value, words) if isinstance(value, str) else value


def _replaced(text: str, words: dict[str, str]) -> str:
    # In one pass: a text that itself says {to} must not be filled in.
    name = min((word for word in words if word in text), key=text.index, default=None)
    if name is None:
        return text
    before, _, after = text.partition(name)
    return before + words[name] + _replaced(after, words)
