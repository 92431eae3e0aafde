"""GraphQL over WebSocket, by the protocol graphql-transport-ws."""

import asyncio
import contextlib
from typing import Any
from uuid import uuid4

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from access.actor import ANONYMOUS, Actor
from access.authenticate import Unauthenticated
from graph.context import Context, actor_now, actor_of
from graph.engine import Answer, Engine
from graph.errors import ApiError, api_error, from_exception
from graph.language import Language, language_of
from graph.origin_of import origin_of
from graph.request import Malformed, read_request
from services.runtime import Runtime

PROTOCOL = "graphql-transport-ws"
BAD_MESSAGE, UNAUTHORISED, FORBIDDEN, BAD_PROTOCOL, INIT_TIMEOUT, TAKEN_ID, TWICE = (
    *(4400, 4401, 4403),
    *(4406, 4408, 4409, 4429),
)
# Clients come back by themselves after this one, with their cursors, and after none of those above.
TRY_AGAIN = 1013
RESTARTING = 1012
_CLOSING = {"SLOW_SUBSCRIBER": TRY_AGAIN, "UNAVAILABLE": TRY_AGAIN}

_LAST_SECONDS = 2.5

logger = structlog.get_logger(__name__)


class _Close(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class OverWebSocket:
    """The ASGI application of WebSockets at the API's path."""

    def __init__(self, engine: Engine, runtime: Runtime) -> None:
        """Serves operations of one engine."""
        self._engine, self._runtime = engine, runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One socket, from its handshake to its end."""
        await receive()
        known = PROTOCOL in scope.get("subprotocols", [])
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if known else None})
        if not known:
            await send({"type": "websocket.close", "code": BAD_PROTOCOL, "reason": "Subprotocol not acceptable"})
            return
        headers = dict(scope["headers"])
        language = language_of(headers.get(b"accept-language", b"").decode("latin-1"))
        origin = origin_of(self._runtime, scope)
        await _Socket(self._engine, self._runtime, language, origin, receive, send).serve()


class _Socket:
    """One open socket: who is behind it, and the operations that run on it."""

    def __init__(
        self,
        engine: Engine,
        runtime: Runtime,
        language: Language,
        origin: str | None,
        receive: Receive,
        send: Send,
    ) -> None:
        self._engine, self._runtime, self._language, self._origin = engine, runtime, language, origin
        self._receive, self._send = receive, send
        self._actor: Actor = ANONYMOUS
        self._initialised = False
        self._acknowledged = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._contexts: dict[asyncio.Task[Any], Context] = {}
        self._closing: asyncio.Future[_Close] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Reads messages until either side closes."""
        reading = asyncio.create_task(self._read())
        ending = asyncio.create_task(self._runtime.ending.comes())
        try:
            with self._runtime.ending.stream():
                await asyncio.wait((reading, self._closing, ending), return_when=asyncio.FIRST_COMPLETED)
                if ending.done() and not reading.done() and not self._closing.done():
                    await self._finish()
                if self._closing.done():
                    await self._close(self._closing.result())
        finally:
            tasks = [reading, ending, *self._operations.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _finish(self) -> None:
        """Waits for what is short: the client would not know what has become of it."""
        short = [task for task in self._operations.values() if not self._lasts(task)]
        if short:
            await asyncio.wait(short, timeout=_LAST_SECONDS)
        self._end(_Close(RESTARTING, "Service restart"))

    def _lasts(self, task: asyncio.Task[None]) -> bool:
        context = self._contexts.get(task)
        return context is not None and context.lasts

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(self._engine.limits.socket_init_seconds) as patience:
                while (message := await self._receive())["type"] == "websocket.receive":
                    await self._take(_decoded(message))
                    if self._acknowledged:
                        patience.reschedule(None)
        except _Close as close:
            self._end(close)
        except TimeoutError:
            self._end(_Close(INIT_TIMEOUT, "Connection initialisation timeout"))
        except OSError:
            return
        except Exception as error:
            logger.error("socket_failed", error=type(error).__name__)
            self._end(_Close(1011, "Internal error"))

    async def _take(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "connection_init"}:
                await self._initialise(message.get("payload"))
            case {"type": "ping"}:
                await self._put({"type": "pong"})
            case {"type": "pong"}:
                return
            case {"type": "subscribe", "id": str(id), "payload": dict(payload)} if id:
                self._subscribe(id, payload)
            case {"type": "complete", "id": str(id)}:
                if task := self._operations.pop(id, None):
                    task.cancel()
            case _:
                raise _Close(BAD_MESSAGE, "Invalid message")

    async def _initialise(self, payload: object) -> None:
        if self._initialised:
            raise _Close(TWICE, "Too many initialisation requests")
        self._initialised = True
        if not isinstance(payload, dict | None):
            raise _Close(BAD_MESSAGE, "Invalid payload")
        authorization = (payload or {}).get("authorization")
        chosen = (payload or {}).get("acceptLanguage") or (payload or {}).get("accept-language")
        if not isinstance(authorization, str | None) or not isinstance(chosen, str | None):
            raise _Close(BAD_MESSAGE, "Invalid payload")
        if chosen:
            self._language = language_of(chosen)
        try:
            self._actor = await actor_of(self._runtime, authorization, self._origin)
        except Unauthenticated:
            raise _Close(FORBIDDEN, "UNAUTHENTICATED") from None
        except Exception as error:
            found = from_exception(error, self._language, uuid4().hex)
            raise _Close(_CLOSING.get(found.code, 1011), found.code) from error
        await self._put({"type": "connection_ack"})
        self._acknowledged = True

    def _subscribe(self, id: str, payload: dict[str, Any]) -> None:
        if not self._acknowledged:
            raise _Close(UNAUTHORISED, "Unauthorized")
        if id in self._operations:
            raise _Close(TAKEN_ID, f"Subscriber for {id[:40]} already exists")
        run = self._run(id, payload)
        if len(self._operations) >= self._engine.limits.socket_operations:
            run.close()
            run = self._put_errors(id, (api_error("RATE_LIMITED", self._language),))
        task = asyncio.create_task(run)
        self._operations[id] = task
        task.add_done_callback(lambda done: self._forget(id, done))

    def _forget(self, id: str, task: asyncio.Task[None]) -> None:
        # The client may have used the id again already: only the operation that ended is forgotten.
        if self._operations.get(id) is task:
            del self._operations[id]
        self._contexts.pop(task, None)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, OSError):
            self._end(error if isinstance(error, _Close) else _Close(1011, "Internal error"))

    async def _run(self, id: str, payload: dict[str, Any]) -> None:
        request_id = uuid4().hex
        try:
            request = read_request(payload, odd_text="\\u0000" in repr(payload) or "\\x00" in repr(payload))
            actor = await actor_now(self._actor)
        except Malformed as fault:
            self._runtime.meters.refused("BAD_REQUEST")
            await self._put_errors(id, (api_error("BAD_REQUEST", self._language, message=str(fault)),))
            return
        except Exception as error:
            found = from_exception(error, self._language, request_id)
            self._runtime.meters.refused(found.code)
            await self._put_errors(id, (found,))
            return
        context = Context(
            self._runtime, request, request_id, self._engine.remembered, actor, self._language, on_socket=True
        )
        if task := asyncio.current_task():
            self._contexts[task] = context
        async with contextlib.aclosing(self._engine.stream(context)) as answers:
            async for answer in answers:
                if answer.ends:
                    await self._put_last(id, answer)
                    return
                await self._put({"id": id, "type": "next", "payload": answer.payload()})
                context.handed_over()
        self._release(id)
        await self._put({"id": id, "type": "complete"})

    async def _put_last(self, id: str, answer: Answer) -> None:
        for error in answer.errors:
            if error.code in _CLOSING:
                # The whole socket is too slow, or the process is ending: say so with a code to come back after.
                raise _Close(_CLOSING[error.code], error.code)
        await self._put_errors(id, answer.errors)

    async def _put_errors(self, id: str, errors: tuple[ApiError, ...]) -> None:
        self._release(id)
        await self._put({"id": id, "type": "error", "payload": [error.formatted() for error in errors]})

    def _release(self, id: str) -> None:
        # Before the last message: the client may use the id again as soon as it has that.
        if self._operations.get(id) is asyncio.current_task():
            del self._operations[id]

    async def _put(self, message: dict[str, Any]) -> None:
        text = orjson.dumps(message, default=str).decode()
        try:
            async with asyncio.timeout(self._engine.limits.socket_send_seconds):
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError as error:
            self._runtime.meters.slow("socket")
            raise _Close(TRY_AGAIN, "SLOW_SUBSCRIBER") from error

    def _end(self, close: _Close) -> None:
        if not self._closing.done():
            self._closing.set_result(close)

    async def _close(self, close: _Close) -> None:
        # A client that reads nothing is not waited for: the server drops the connection when this returns.
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(1):
                await self._send({"type": "websocket.close", "code": close.code, "reason": close.reason})


def _decoded(message: Any) -> dict[str, Any]:
    text = message.get("text")
    if text is None:
        raise _Close(BAD_MESSAGE, "Messages are text")
    try:
        content = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise _Close(BAD_MESSAGE, "Messages are JSON") from error
    if not isinstance(content, dict):
        raise _Close(BAD_MESSAGE, "Messages are JSON objects")
    return content
