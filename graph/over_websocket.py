"""GraphQL over WebSocket: one socket, from its handshake to its end, and who is behind it."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from itertools import count
from uuid import uuid4

import structlog
from starlette.types import Receive, Scope, Send

from access.authenticate import Unauthenticated
from graph.admission import Admission
from graph.context import actor_of
from graph.errors import RETRYABLE, from_exception
from graph.language import language_of
from graph.origin_of import origin_of
from graph.overloaded import Overloaded
from graph.ready_frame import writer_of
from graph.room import NoRoom, Share, holder_of
from graph.running import Engine
from graph.socket_operation import Client, SocketOperation
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
from graph.socket_voice import Voice
from services.runtime import Runtime

_LAST_SECONDS = 2.5
_FULL_SECONDS = 30
"""After how long a client that has too many sockets may try again: others of its own have to end first."""

logger = structlog.get_logger(__name__)

_names = count()
# Of the sockets of this process, by which what each has running is counted.


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
        socket = _Socket(self._engine, self._runtime, self._admission, scope, receive, send)
        # Read, and one and a half kilobytes that the server would keep for as long as the socket.
        scope.clear()
        await socket.serve()


class _Socket:
    """One open socket. What a client sends is taken in its order, one message after another.

    It has one task, its server's, which reads; whoever ends it from elsewhere has that stop reading.
    """

    __slots__ = (
        *("_acknowledged", "_asked", "_authorization", "_client", "_closing", "_engine", "_heard", "_held"),
        *("_initialised", "_operations", "_patience", "_receive", "_running", "_runtime", "_send", "_voice", "_watch"),
    )

    def __init__(
        self, engine: Engine, runtime: Runtime, admission: Admission, scope: Scope, receive: Receive, send: Send
    ) -> None:
        headers = dict(scope["headers"])
        self._engine, self._runtime = engine, runtime
        # A browser cannot send it with a socket, and other clients do.
        authorization = headers.get(b"authorization")
        self._authorization = None if authorization is None else authorization.decode("latin-1")
        self._receive, self._send = receive, send
        write = writer_of(scope)
        self._voice = Voice(send, engine.limits.socket_send_seconds, runtime.meters, write)
        spoken = headers.get(b"accept-language")
        language = language_of(None if spoken is None else spoken.decode("latin-1"))
        origin, name = origin_of(runtime, scope), str(next(_names))
        self._client = Client(engine, runtime, admission, self._voice, write, name, language, origin)
        self._initialised = False
        self._acknowledged = False
        self._running: dict[str, SocketOperation] = {}
        # Also what was cancelled and has not ended yet: whoever starts and completes in a loop has no more room.
        self._operations: dict[asyncio.Task[None], SocketOperation | None] = {}
        self._closing: Closing | None = None
        self._patience: asyncio.Timeout | None = None
        self._held: list[Callable[[], None]] = []
        self._heard = self._asked = False
        self._watch: asyncio.TimerHandle | None = None

    async def serve(self) -> None:
        """Reads messages until either side closes."""
        try:
            self._take_room(Share("ADDRESS_SOCKETS", self._client.origin, self._engine.limits.address_sockets))
            await self._serve()
        except Closing as full:
            await self._close(full)
        finally:
            for give_back in self._held:
                give_back()

    async def _serve(self) -> None:
        self._look_again()
        try:
            with self._runtime.ending.stream(self._restart):
                await self._read()
                if self._closing is not None:
                    await self._close(self._closing)
        finally:
            if self._watch is not None:
                self._watch.cancel()
            tasks = list(self._operations)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _restart(self) -> None:
        self._begin(self._finish())

    async def _finish(self) -> None:
        """Waits for what is short: the client would not know what has become of it."""
        short = [one.task for one in self._running.values() if one.task is not None and not one.lasts]
        if short:
            await asyncio.wait(short, timeout=_LAST_SECONDS)
        self._end(Closing(RESTARTING, "Service restart"))

    async def _read(self) -> None:
        """Returns when the client has gone, or the socket is to be closed for a reason that stands in `_closing`."""
        try:
            async with asyncio.timeout(self._engine.limits.socket_init_seconds) as patience:
                self._patience = patience
                try:
                    # It may have been ended before it began.
                    while self._closing is None:
                        message = await self._receive()
                        if message["type"] != "websocket.receive":
                            break
                        self._heard = True
                        said = read_message(message)
                        # None of it is kept until the next one comes: a document has half a kilobyte.
                        del message
                        await self._take(said)
                        del said
                finally:
                    # From here on there is nothing to be stopped.
                    self._patience = None
        except Closing as closing:
            self._end(closing)
        except TimeoutError:
            # Unless there is another reason for which it was to stop.
            self._end(Closing(INIT_TIMEOUT, "Connection initialisation timeout"))
        except OSError:
            return
        except Exception as error:  # Whatever it is, the client is told that it is ours.
            logger.error("socket_failed", error=type(error).__name__)
            self._end(Closing(INTERNAL, "INTERNAL"))

    async def _take(self, said: Said) -> None:
        match said:
            case Init():
                await self._initialise(said)
            case Ping():
                await self._voice.put({"type": "pong"} | ({} if said.payload is None else {"payload": said.payload}))
            case Pong():
                return
            case Subscribe():
                await self._subscribe(said)
            case Complete():
                if operation := self._running.pop(said.id, None):
                    operation.leave()

    async def _initialise(self, said: Init) -> None:
        if self._initialised:
            raise Closing(TWICE, "Too many initialisation requests")
        self._initialised = True
        client = self._client
        authorization = said.text("authorization") or self._authorization
        if chosen := said.text("acceptlanguage", "accept-language"):
            client.language = language_of(chosen)
        try:
            with await client.admission.enter_socket():
                client.actor = await actor_of(self._runtime, authorization, client.origin, patient=True)
        except Overloaded as full:
            self._runtime.meters.refused("OVERLOADED")
            raise Closing(TRY_AGAIN, f"OVERLOADED retryAfter={full.retry_after}") from None
        except Unauthenticated:
            raise Closing(FORBIDDEN, "UNAUTHENTICATED") from None
        except Exception as error:  # Whatever it is, the client is told by its code whether to come back.
            found = from_exception(error, client.language, uuid4().hex)
            raise Closing(TRY_AGAIN if found.code in RETRYABLE else INTERNAL, found.code) from error
        self._take_room(Share("ACCOUNT_SOCKETS", holder_of(client.actor), self._engine.limits.account_sockets))
        await self._voice.put({"type": "connection_ack"})
        self._acknowledged = True
        if self._patience is not None and self._closing is None:
            # From now on it may be silent for as long as it likes.
            self._patience.reschedule(None)

    def _take_room(self, share: Share) -> None:
        try:
            self._held.append(self._engine.room.take(share))
        except NoRoom as full:
            self._runtime.meters.refused("RATE_LIMITED")
            raise Closing(TRY_AGAIN, f"RATE_LIMITED limit={full.kind} retryAfter={_FULL_SECONDS}") from None

    async def _subscribe(self, said: Subscribe) -> None:
        if not self._acknowledged:
            raise Closing(UNAUTHORISED, "Unauthorized")
        if said.id in self._running:
            raise Closing(TAKEN_ID, f"Subscriber for {said.id} already exists")
        client, limits = self._client, self._engine.limits
        try:
            give_back = self._engine.room.take(
                Share("SOCKET_OPERATIONS", client.name, limits.socket_operations),
                Share("ACCOUNT_OPERATIONS", holder_of(client.actor), limits.account_operations),
            )
        except NoRoom as full:
            # Before the next message is read: whoever reads no refusals can send no more of what is refused.
            self._runtime.meters.refused("RATE_LIMITED")
            errors = [from_exception(full, client.language, "").formatted()]
            await self._voice.put({"id": said.id, "type": "error", "payload": errors})
            return
        operation = SocketOperation(client, said.id, self._running, give_back, self._end)
        self._running[said.id] = operation
        operation.task = self._begin(operation.run(said.payload), operation)

    def _begin(self, work: Coroutine[None, None, None], operation: SocketOperation | None = None) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._operations[task] = operation
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[None]) -> None:
        operation = self._operations.pop(task)
        if operation is not None:
            operation.give_back()
            # The client may have used the id again already: only the operation that ended is forgotten.
            operation.release()
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, OSError):
            self._end(error if isinstance(error, Closing) else Closing(INTERNAL, "INTERNAL"))

    def _look_again(self) -> None:
        # A timer and no task: there may be thousands of sockets, and nearly all of them have an operation.
        self._watch = asyncio.get_running_loop().call_later(self._engine.limits.socket_idle_seconds, self._look)

    def _look(self) -> None:
        """Asks whoever has nothing running whether they are there; closes where nothing was heard since it asked."""
        if self._asked and not self._heard and not self._operations:
            self._end(Closing(IDLE, "IDLE"))
            return
        self._asked = self._acknowledged and not self._operations
        self._heard = False
        if self._asked:
            self._begin(self._voice.put({"type": "ping"}))
        self._look_again()

    def _end(self, closing: Closing) -> None:
        """Has the socket closed for this reason, unless there is one already."""
        if self._closing is not None:
            return
        self._closing = closing
        if self._patience is not None:
            # Its task waits for the client, or is about something that the client wanted.
            self._patience.reschedule(asyncio.get_running_loop().time())

    async def _close(self, closing: Closing) -> None:
        # A client that reads nothing is not waited for: the server drops the connection when this returns.
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(1):
                await self._send({"type": "websocket.close", "code": closing.code, "reason": closing.reason})
