"""GraphQL over WebSocket: one socket, who is behind it, and the operations that run on it."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from access.actor import ANONYMOUS, Actor
from access.authenticate import Unauthenticated
from graph.admission import Admission
from graph.context import Context, actor_of
from graph.errors import RETRYABLE, ApiError, api_error, from_exception
from graph.language import language_of
from graph.origin_of import origin_of
from graph.overloaded import Overloaded
from graph.ready_frame import SocketSink, writer_of
from graph.request import Malformed, read_request
from graph.room import NoRoom, Share, holder_of
from graph.running import Answer, Engine
from graph.socket_protocol import (
    BAD_PROTOCOL,
    FORBIDDEN,
    IDLE,
    INIT_TIMEOUT,
    INTERNAL,
    PROTOCOL,
    RESTARTING,
    TAKEN_ID,
    TRY_AGAIN,
    TWICE,
    UNAUTHORISED,
    Closing,
    Complete,
    Init,
    Ping,
    Pong,
    Said,
    Subscribe,
    read_message,
)
from services.runtime import Runtime

_LEAVING = frozenset({"SLOW_SUBSCRIBER", "UNAVAILABLE"})

_LAST_SECONDS = 2.5
_FULL_SECONDS = 30
"""After how long a client that has too many sockets may try again: others of its own have to end first."""

logger = structlog.get_logger(__name__)


class OverWebSocket:
    """The ASGI application of WebSockets at the API's path."""

    def __init__(self, engine: Engine, runtime: Runtime, admission: Admission) -> None:
        """Serves operations of one engine, as many at once as are admitted."""
        self._engine, self._runtime, self._admission = engine, runtime, admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One socket, from its handshake to its end."""
        await receive()
        known = PROTOCOL in scope.get("subprotocols", [])
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if known else None})
        if not known:
            await send({"type": "websocket.close", "code": BAD_PROTOCOL, "reason": "Subprotocol not acceptable"})
            return
        await _Socket(self._engine, self._runtime, self._admission, scope, receive, send).serve()


class _Socket:
    """One open socket. What a client sends is taken in its order, one message after another."""

    def __init__(
        self, engine: Engine, runtime: Runtime, admission: Admission, scope: Scope, receive: Receive, send: Send
    ) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        self._engine, self._runtime, self._limits = engine, runtime, engine.limits
        self._admission = admission
        self._language = language_of(headers.get(b"accept-language"))
        # A browser cannot send it with a socket, and other clients do.
        self._authorization = headers.get(b"authorization")
        self._origin = origin_of(runtime, scope)
        self._receive, self._send = receive, send
        self._write = writer_of(scope)
        self._name = uuid4().hex
        self._actor: Actor = ANONYMOUS
        self._initialised = False
        self._acknowledged = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        # Also what was cancelled and has not ended yet: whoever starts and completes in a loop has no more room.
        self._contexts: dict[asyncio.Task[None], Context | None] = {}
        self._sinks: dict[asyncio.Task[None], SocketSink] = {}
        self._closing: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()
        self._held: list[Callable[[], None]] = []
        self._heard = self._asked = False
        self._watch: asyncio.TimerHandle | None = None

    async def serve(self) -> None:
        """Reads messages until either side closes."""
        try:
            self._take_room(Share("ADDRESS_SOCKETS", self._origin, self._limits.address_sockets))
            await self._serve()
        except Closing as full:
            await self._close(full)
        finally:
            for give_back in self._held:
                give_back()

    async def _serve(self) -> None:
        reading = asyncio.create_task(self._read())
        ending = asyncio.create_task(self._runtime.ending.comes())
        self._look_again()
        try:
            with self._runtime.ending.stream():
                await asyncio.wait((reading, self._closing, ending), return_when=asyncio.FIRST_COMPLETED)
                if ending.done() and not reading.done() and not self._closing.done():
                    await self._finish()
                if self._closing.done():
                    await self._close(self._closing.result())
        finally:
            if self._watch is not None:
                self._watch.cancel()
            tasks = [reading, ending, *self._contexts]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _finish(self) -> None:
        """Waits for what is short: the client would not know what has become of it."""
        short = [task for task in self._operations.values() if not self._lasts(task)]
        if short:
            await asyncio.wait(short, timeout=_LAST_SECONDS)
        self._end(Closing(RESTARTING, "Service restart"))

    def _lasts(self, task: asyncio.Task[None]) -> bool:
        context = self._contexts.get(task)
        return context is not None and context.lasts

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(self._limits.socket_init_seconds) as patience:
                while (message := await self._receive())["type"] == "websocket.receive":
                    self._heard = True
                    await self._take(read_message(message))
                    if self._acknowledged:
                        patience.reschedule(None)
        except Closing as closing:
            self._end(closing)
        except TimeoutError:
            self._end(Closing(INIT_TIMEOUT, "Connection initialisation timeout"))
        except OSError:
            return
        except Exception as error:
            logger.error("socket_failed", error=type(error).__name__)
            self._end(Closing(INTERNAL, "INTERNAL"))

    async def _take(self, said: Said) -> None:
        match said:
            case Init():
                await self._initialise(said)
            case Ping():
                await self._put({"type": "pong"} | ({} if said.payload is None else {"payload": said.payload}))
            case Pong():
                return
            case Subscribe():
                await self._subscribe(said)
            case Complete():
                if task := self._operations.pop(said.id, None):
                    if (sink := self._sinks.get(task)) is not None:
                        # At once: the id may stand for another operation before this one has heard that it is over.
                        sink.close()
                    task.cancel()

    async def _initialise(self, said: Init) -> None:
        if self._initialised:
            raise Closing(TWICE, "Too many initialisation requests")
        self._initialised = True
        authorization = said.text("authorization") or self._authorization
        if chosen := said.text("acceptlanguage", "accept-language"):
            self._language = language_of(chosen)
        try:
            with await self._admission.enter_socket():
                self._actor = await actor_of(self._runtime, authorization, self._origin)
        except Overloaded as full:
            self._runtime.meters.refused("OVERLOADED")
            raise Closing(TRY_AGAIN, f"OVERLOADED retryAfter={full.retry_after}") from None
        except Unauthenticated:
            raise Closing(FORBIDDEN, "UNAUTHENTICATED") from None
        except Exception as error:
            found = from_exception(error, self._language, uuid4().hex)
            raise Closing(TRY_AGAIN if found.code in RETRYABLE else INTERNAL, found.code) from error
        self._take_room(Share("ACCOUNT_SOCKETS", holder_of(self._actor), self._limits.account_sockets))
        await self._put({"type": "connection_ack"})
        self._acknowledged = True

    def _take_room(self, share: Share) -> None:
        try:
            self._held.append(self._engine.room.take(share))
        except NoRoom as full:
            self._runtime.meters.refused("RATE_LIMITED")
            raise Closing(TRY_AGAIN, f"RATE_LIMITED limit={full.kind} retryAfter={_FULL_SECONDS}") from None

    async def _subscribe(self, said: Subscribe) -> None:
        if not self._acknowledged:
            raise Closing(UNAUTHORISED, "Unauthorized")
        if said.id in self._operations:
            raise Closing(TAKEN_ID, f"Subscriber for {said.id} already exists")
        try:
            give_back = self._engine.room.take(
                Share("SOCKET_OPERATIONS", self._name, self._limits.socket_operations),
                Share("ACCOUNT_OPERATIONS", holder_of(self._actor), self._limits.account_operations),
            )
        except NoRoom as full:
            # Before the next message is read: whoever reads no refusals can send no more of what is refused.
            self._runtime.meters.refused("RATE_LIMITED")
            await self._put_errors(said.id, (from_exception(full, self._language, ""),))
            return
        task = asyncio.create_task(self._run(said.id, said.payload))
        self._operations[said.id] = task
        self._contexts[task] = None
        task.add_done_callback(lambda done: self._forget(said.id, done, give_back))

    def _forget(self, id: str, task: asyncio.Task[None], give_back: Callable[[], None]) -> None:
        give_back()
        # The client may have used the id again already: only the operation that ended is forgotten.
        if self._operations.get(id) is task:
            del self._operations[id]
        self._contexts.pop(task, None)
        self._sinks.pop(task, None)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, OSError):
            self._end(error if isinstance(error, Closing) else Closing(INTERNAL, "INTERNAL"))

    async def _run(self, id: str, payload: dict[str, Any]) -> None:
        with contextlib.ExitStack() as seat:
            await self._run_seated(id, payload, seat)

    async def _run_seated(self, id: str, payload: dict[str, Any], seat: contextlib.ExitStack) -> None:
        request_id = uuid4().hex
        try:
            request = read_request(payload, odd_text="\\u0000" in repr(payload) or "\\x00" in repr(payload))
            staff = self._actor.kind == "ACCOUNT"
            seat.enter_context(await self._admission.enter(request, staff=staff, origin=self._origin))
            actor = await self._runtime.standings.as_now(self._actor)
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
        context.sink = sink = SocketSink(id, self._write, self._put_ready)
        context.shares = (Share("SOCKET_SUBSCRIPTIONS", self._name, self._limits.socket_subscriptions),)
        if task := asyncio.current_task():
            self._contexts[task], self._sinks[task] = context, sink
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
            if error.code in _LEAVING:
                # The whole socket is too slow, or the process is ending: say so with a code to come back after.
                raise Closing(TRY_AGAIN, error.code)
        await self._put_errors(id, answer.errors)

    async def _put_errors(self, id: str, errors: tuple[ApiError, ...]) -> None:
        self._release(id)
        await self._put({"id": id, "type": "error", "payload": [error.formatted() for error in errors]})

    def _release(self, id: str) -> None:
        # Before the last message: the client may use the id again as soon as it has that.
        if self._operations.get(id) is asyncio.current_task():
            del self._operations[id]

    async def _put(self, message: dict[str, Any]) -> None:
        await self._put_text(orjson.dumps(message, default=str).decode())

    async def _put_ready(self, text: str) -> None:
        """The same, from inside an operation: what goes wrong with the socket is no fault of the operation's."""
        try:
            await self._put_text(text)
        except Closing as closing:
            self._end(closing)
        except OSError:
            pass
        else:
            return
        # The socket ends, and this task with it.
        await asyncio.get_running_loop().create_future()

    async def _put_text(self, text: str) -> None:
        try:
            async with asyncio.timeout(self._limits.socket_send_seconds):
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError as error:
            self._runtime.meters.slow("socket")
            raise Closing(TRY_AGAIN, "SLOW_SUBSCRIBER") from error

    def _look_again(self) -> None:
        # A timer and no task: there may be thousands of sockets, and nearly all of them have an operation.
        self._watch = asyncio.get_running_loop().call_later(self._limits.socket_idle_seconds, self._look)

    def _look(self) -> None:
        """Asks whoever has nothing running whether they are there; closes where nothing was heard since it asked."""
        if self._asked and not self._heard and not self._contexts:
            self._end(Closing(IDLE, "IDLE"))
            return
        self._asked = self._acknowledged and not self._contexts
        self._heard = False
        if self._asked:
            task = asyncio.create_task(self._put({"type": "ping"}))
            self._contexts[task] = None
            task.add_done_callback(lambda done: self._forget("", done, lambda: None))
        self._look_again()

    def _end(self, closing: Closing) -> None:
        if not self._closing.done():
            self._closing.set_result(closing)

    async def _close(self, closing: Closing) -> None:
        # A client that reads nothing is not waited for: the server drops the connection when this returns.
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(1):
                await self._send({"type": "websocket.close", "code": closing.code, "reason": closing.reason})
