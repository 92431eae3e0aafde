"""GraphQL over HTTP: one request, one answer; or a stream where the client prefers text/event-stream."""

import asyncio
from collections.abc import Iterable
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope, Send

from access.authenticate import Unauthenticated
from graph.accept import Medium, medium_of
from graph.admission import PLACE_HEADER, Admission
from graph.context import Context, actor_of
from graph.discard import discard
from graph.engine import EVERYTHING, NO_CHANGE, NO_STREAM, QUERY_ONLY, Answer, Engine
from graph.errors import RETRYABLE, api_error, from_exception
from graph.language import language_of
from graph.origin_of import origin_of
from graph.over_sse import stream_events
from graph.request import GraphQLRequest, Malformed, read_body, read_parameters
from graph.request_id import request_id_of
from services.runtime import Runtime

_PARAMETERS = 50
_STATUS = {"UNAUTHENTICATED": 401, "TOO_LARGE": 413, "INTERNAL": 500, "RATE_LIMITED": 429}


class _Refused(Exception):
    """The request never becomes an operation."""

    def __init__(self, status: int, message: str | None = None, code: str = "BAD_REQUEST") -> None:
        super().__init__(code)
        self.status, self.message, self.code = status, message, code


class OverHttp:
    """The ASGI application of POST and GET at the API's path."""

    def __init__(self, engine: Engine, runtime: Runtime, admission: Admission) -> None:
        """Serves operations of one engine, as many at once as are admitted."""
        self._engine, self._runtime, self._admission = engine, runtime, admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. Every refusal is JSON of the same shape as GraphQL's errors."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        language = language_of(headers.get(b"accept-language"))
        request_id = request_id_of(self._runtime, scope)
        medium = medium_of(headers.get(b"accept"))
        shown: Medium = "application/json" if medium is None or medium == "text/event-stream" else medium
        try:
            if medium is None:
                raise _Refused(406, "The answer is application/graphql-response+json, application/json or a stream.")
            request = await self._read(scope, headers, receive)
            origin, authorization = origin_of(self._runtime, scope), headers.get(b"authorization")
            staff = self._admission.is_staff(authorization)
            with await self._admission.enter(request, staff=staff, origin=origin, place=headers.get(PLACE_HEADER)):
                actor = await actor_of(self._runtime, authorization, origin)
                context = Context(
                    *(self._runtime, request, request_id, self._engine.remembered, actor, language),
                    traceparent=headers.get(b"traceparent"),
                )
                if medium == "text/event-stream":
                    streamed = NO_CHANGE if scope["method"] == "GET" else EVERYTHING
                    await stream_events(self._engine, context, streamed, receive, send)
                    return
                allowed = QUERY_ONLY if scope["method"] == "GET" else NO_STREAM
                answer = await self._engine.run(context, allowed)
            await _send(send, answer, _status(answer, shown), shown, request_id, last=self._runtime.ending.begun)
        except _Refused as refusal:
            self._runtime.meters.refused(refusal.code)
            error = api_error(refusal.code, language, message=refusal.message)
            await _send(send, Answer(None, (error,), executed=False), refusal.status, shown, request_id)
        except Malformed as fault:
            self._runtime.meters.refused("BAD_REQUEST")
            error = api_error("BAD_REQUEST", language, message=str(fault)[:500])
            await _send(send, Answer(None, (error,), executed=False), 400, shown, request_id)
        except asyncio.CancelledError:
            if self._runtime.ending.begun:
                # It takes longer than an ending process may: whoever waits is told to ask again, and not just cut off.
                error = api_error("UNAVAILABLE", language)
                await _send(send, Answer(None, (error,), executed=False), 503, shown, request_id)
            raise
        except Exception as fault:
            # Before the operation: a forged token, or a database that cannot say whose it is.
            error = from_exception(fault, language, request_id)
            self._runtime.meters.refused(error.code)
            status = 401 if isinstance(fault, Unauthenticated) else 503 if error.code in RETRYABLE else 500
            await _send(send, Answer(None, (error,), executed=False), status, shown, request_id)

    async def _read(self, scope: Scope, headers: dict[bytes, str], receive: Receive) -> GraphQLRequest:
        match scope["method"]:
            case "POST":
                _must_be_json(headers)
                return read_body(await self._body(headers, receive))
            case "GET":
                return read_parameters(_parameters(scope["query_string"]))
            case _:
                raise _Refused(405, "Send a POST, or a GET for a query.")

    async def _body(self, headers: dict[bytes, str], receive: Receive) -> bytes:
        most = self._engine.limits.body
        length = headers.get(b"content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:12]) > most:
            await discard(receive)
            raise _Refused(413, code="TOO_LARGE")
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._engine.limits.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _Refused(400, "The client has gone.")
                    part: bytes = message.get("body", b"")
                    size += len(part)
                    if size > most:
                        await discard(receive)
                        raise _Refused(413, code="TOO_LARGE")
                    parts.append(part)
                    if not message.get("more_body", False):
                        return parts[0] if len(parts) == 1 else b"".join(parts)
        except TimeoutError as error:
            raise _Refused(408, "The body did not arrive in time.") from error


def _must_be_json(headers: dict[bytes, str]) -> None:
    kind, _, parameters = headers.get(b"content-type", "").partition(";")
    charset = parameters.lower().replace('"', "").partition("charset=")[2].partition(";")[0].strip()
    # A form can be posted by any page of the web; JSON makes a browser ask first.
    if kind.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise _Refused(415, "Send application/json in UTF-8.")
    if headers.get(b"content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise _Refused(415, "Send the body as it is, without a content encoding.")


def _parameters(query: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(query.decode("ascii"), max_num_fields=_PARAMETERS, errors="strict"))
    except ValueError as error:
        raise Malformed("The parameters of the URL cannot be read.") from error


def _status(answer: Answer, medium: Medium) -> int:
    codes = [error.code for error in answer.errors]
    if answer.empty and (retry := next((code for code in codes if code in RETRYABLE), None)):
        return _STATUS.get(retry, 503)
    if answer.executed:
        return 200
    if codes and codes[0] in _STATUS:
        return _STATUS[codes[0]]
    # By the specification JSON clients of old get 200 for whatever GraphQL itself refuses.
    return 200 if medium == "application/json" else 400


async def _send(
    send: Send, answer: Answer, status: int, medium: Medium, request_id: str, *, last: bool = False
) -> None:
    body = orjson.dumps(answer.payload(), default=str)
    headers = [
        (b"content-type", f"{medium}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", request_id.encode()),
        *_extra_headers(status, (error.extensions.get("retryAfter") for error in answer.errors)),
    ]
    if last:
        # Kept open, it would be closed a moment later, perhaps while the client sends its next request.
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _extra_headers(status: int, waits: Iterable[int | None]) -> list[tuple[bytes, bytes]]:
    match status:
        case 401:
            return [(b"www-authenticate", b"Bearer")]
        case 405:
            return [(b"allow", b"GET, POST")]
        case 408 | 413:
            # What is left of the body would be taken for the next request.
            return [(b"connection", b"close")]
        case 429 | 503:
            return [(b"retry-after", str(next((wait for wait in waits if wait), 1)).encode())]
        case _:
            return []
