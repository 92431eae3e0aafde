"""One operation of a socket: let in, run, and answered until it ends or its client leaves it."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from access.actor import ANONYMOUS, Actor
from graph.admission import Admission
from graph.admission_seat import Seat
from graph.context import Context
from graph.errors import ApiError, api_error, from_exception
from graph.language import Language
from graph.overloaded import Overloaded
from graph.ready_frame import SocketSink, Write
from graph.request import GraphQLRequest, Malformed, read_request
from graph.room import Share
from graph.running import Answer, Engine
from graph.socket_protocol import TRY_AGAIN, Closing
from graph.socket_voice import Voice
from services.runtime import Runtime

_LEAVING = frozenset({"SLOW_SUBSCRIBER", "UNAVAILABLE"})


@dataclass(slots=True)
class Client:
    """Who is behind a socket, and how they are served."""

    engine: Engine
    runtime: Runtime
    admission: Admission
    voice: Voice
    write: Write | None
    """What takes whole frames, where the server has such a thing."""
    name: str
    language: Language
    origin: str | None
    actor: Actor = ANONYMOUS


class SocketOperation:
    """One operation; `running` are those of its socket by their id, from which it takes itself before its last word."""

    __slots__ = ("_client", "_context", "_end", "_id", "_running", "_sink", "give_back", "task")

    def __init__(
        self,
        client: Client,
        id: str,
        running: dict[str, "SocketOperation"],
        give_back: Callable[[], None],
        end: Callable[[Closing], None],
    ) -> None:
        """Nothing runs yet. `give_back` is for whoever sees its end; `end` closes the socket."""
        self._client, self._id, self._running, self._end = client, id, running, end
        self._context: Context | None = None
        self._sink: SocketSink | None = None
        self.give_back = give_back
        self.task: asyncio.Task[None] | None = None

    @property
    def lasts(self) -> bool:
        """Whether it is a subscription."""
        return self._context is not None and self._context.lasts

    def leave(self) -> None:
        """Ends it, for its client has left it."""
        if self._sink is not None:
            # At once: the id may stand for another operation before this one has heard that it is over.
            self._sink.close()
        if self.task is not None:
            self.task.cancel()

    def release(self) -> None:
        """Lets its id be used again, where that has not happened already."""
        if self._running.get(self._id) is self:
            del self._running[self._id]

    async def run(self, payload: dict[str, Any]) -> None:
        """Runs it to its end. Raises Closing where the socket is to end with it, OSError where it has ended."""
        request_id = uuid4().hex
        entered = await self._entered(payload, request_id)
        # A subscription lasts for weeks, and would keep its own copy of what thousands have sent.
        del payload
        if entered is None:
            return
        request, seat = entered
        del entered
        with seat:
            client = self._client
            try:
                actor = await client.runtime.standings.as_now(client.actor, patient=seat.stays)
            except Exception as error:  # Whatever it is, the caller is told of it in the form of every refusal.
                await self._refuse(error, request_id)
                return
            remembered = client.engine.remembered
            context = Context(client.runtime, request, request_id, remembered, actor, client.language, on_socket=True)
            # From here on the context has it, and soon in the words that all have in common.
            del request
            try:
                await self._answer(context, seat)
            except Overloaded as given_up:
                await self._refuse(given_up, request_id)

    async def _entered(self, payload: dict[str, Any], request_id: str) -> tuple[GraphQLRequest, Seat] | None:
        """The request and its seat; None where it was refused."""
        client = self._client
        try:
            request = read_request(payload, odd_text="\\u0000" in repr(payload) or "\\x00" in repr(payload))
            staff = client.actor.kind == "ACCOUNT"
            return request, await client.admission.enter(request, staff=staff, origin=client.origin)
        except Malformed as fault:
            client.runtime.meters.refused("BAD_REQUEST")
            await self._put_errors((api_error("BAD_REQUEST", client.language, message=str(fault)),))
        except Exception as error:  # As above.
            await self._refuse(error, request_id)
        return None

    async def _answer(self, context: Context, seat: Seat) -> None:
        client = self._client
        context.sink = self._sink = SocketSink(self._id, client.write, self._put_ready)
        context.shares = (Share("SOCKET_SUBSCRIPTIONS", client.name, client.engine.limits.socket_subscriptions),)
        self._context = context
        async with contextlib.aclosing(seat.each(client.engine.stream(context))) as answers:
            async for answer in answers:
                if answer.ends:
                    await self._put_last(answer)
                    return
                await client.voice.put({"id": self._id, "type": "next", "payload": answer.payload()})
                context.handed_over()
        self.release()
        await client.voice.put({"id": self._id, "type": "complete"})

    async def _put_last(self, answer: Answer) -> None:
        for error in answer.errors:
            if error.code in _LEAVING:
                # The whole socket is too slow, or the process is ending: say so with a code to come back after.
                raise Closing(TRY_AGAIN, error.code)
        await self._put_errors(answer.errors)

    async def _refuse(self, error: Exception, request_id: str) -> None:
        found = from_exception(error, self._client.language, request_id)
        self._client.runtime.meters.refused(found.code)
        await self._put_errors((found,))

    async def _put_errors(self, errors: tuple[ApiError, ...]) -> None:
        # Before the last message: the client may use the id again as soon as it has that.
        self.release()
        payload = [error.formatted() for error in errors]
        await self._client.voice.put({"id": self._id, "type": "error", "payload": payload})

    async def _put_ready(self, text: bytes) -> None:
        """Says what was made for many, from inside the operation: what goes wrong with the socket is no fault of it."""
        try:
            await self._client.voice.put_text(text)
        except Closing as closing:
            self._end(closing)
        except OSError:
            pass
        else:
            return
        # The socket ends, and this task with it.
        await asyncio.get_running_loop().create_future()
