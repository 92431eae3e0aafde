"""GraphQL over HTTP: one request, one answer; or a stream where the client prefers text/event-stream."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from access.actor import Actor
from access.authenticate import Unauthenticated
from graph.accept import Medium, medium_of
from graph.admission import PLACE_HEADER, Admission
from graph.confirming import Unconfirmed
from graph.context import Context, actor_of, presumed_actor
from graph.errors import RETRYABLE, api_error, from_exception
from graph.http_answer import send_answer, send_methods, status_of
from graph.http_request import METHODS, READING, Refused, read_http
from graph.language import Language, language_of
from graph.origin_of import origin_of
from graph.over_sse import stream_events
from graph.request import GraphQLRequest, Malformed
from graph.request_id import request_id_of
from graph.running import EVERYTHING, NO_CHANGE, NO_STREAM, QUERY_ONLY, Answer, Engine
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class _Call:
    """What is known of a request before its operation."""

    scope: Scope
    headers: dict[bytes, str]
    language: Language
    request_id: str
    medium: Medium | None
    receive: Receive
    send: Send

    @property
    def shown(self) -> Medium:
        """The type of an answer that is no stream."""
        return "application/json" if self.medium is None or self.medium == "text/event-stream" else self.medium

    @property
    def streams(self) -> bool:
        return self.medium == "text/event-stream" and self.scope["method"] != "HEAD"

    @property
    def reads(self) -> bool:
        return self.scope["method"] in READING


class OverHttp:
    """The ASGI application of the API's path."""

    def __init__(self, engine: Engine, runtime: Runtime, admission: Admission) -> None:
        """Serves operations of one engine, as many at once as are admitted."""
        self._engine, self._runtime, self._admission = engine, runtime, admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. Every refusal is JSON of the same shape as GraphQL's errors."""
        if scope["method"] == "OPTIONS":
            await send_methods(send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        # A list may come in several lines of the same name.
        accept = ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"accept")
        language, request_id = language_of(headers.get(b"accept-language")), request_id_of(self._runtime, scope)
        call = _Call(scope, headers, language, request_id, medium_of(accept), receive, send)
        try:
            await self._serve(call)
        except Refused as refusal:
            await self._refuse(call, refusal.status, refusal.code, refusal.message, refusal.allow)
        except Malformed as fault:
            await self._refuse(call, 400, "BAD_REQUEST", str(fault)[:500])
        except asyncio.CancelledError:
            if self._runtime.ending.begun:
                # It takes longer than an ending process may: whoever waits is told to ask again, and not just cut off.
                error = api_error("UNAVAILABLE", language)
                await send_answer(send, Answer(None, (error,), executed=False), 503, call.shown, request_id)
            raise
        except Exception as fault:
            # Before the operation: a forged token, or a database that cannot say whose it is.
            error = from_exception(fault, language, request_id)
            self._runtime.meters.refused(error.code)
            status = 401 if isinstance(fault, Unauthenticated) else 503 if error.code in RETRYABLE else 500
            await send_answer(send, Answer(None, (error,), executed=False), status, call.shown, request_id)

    async def _serve(self, call: _Call) -> None:
        if call.medium is None:
            raise Refused(406, "The answer is application/graphql-response+json, application/json or a stream.")
        request = await read_http(call.scope, call.headers, call.receive, self._engine.limits)
        last = self._runtime.ending
        if isinstance(request, list):
            if call.streams:
                raise Refused(406, "A stream is of one operation: several are answered as JSON.")
            # One after the other: together they get no more at once than one operation does.
            answers = [answer for one in request if (answer := await self._run(call, one))]
            await send_answer(call.send, answers, 200, call.shown, call.request_id, last=last.begun)
        elif answer := await self._run(call, request):
            status = status_of(answer, call.shown)
            await send_answer(call.send, answer, status, call.shown, call.request_id, last=last.begun)

    async def _run(self, call: _Call, request: GraphQLRequest) -> Answer | None:
        """The answer of one operation; None where it went out as a stream."""
        origin, authorization = origin_of(self._runtime, call.scope), call.headers.get(b"authorization")
        staff, place = self._admission.is_staff(authorization), call.headers.get(PLACE_HEADER)
        named = self._engine.named(request)
        with await self._admission.enter(named, staff=staff, origin=origin, place=place) as seat:
            if not call.streams and self._engine.confirms(named):
                presumed = presumed_actor(self._runtime, authorization, origin, call.request_id)
                if presumed is not None:
                    with suppress(Unconfirmed):
                        context = self._context(call, named, presumed, presumed=True)
                        return await seat.within(self._engine.run(context, QUERY_ONLY))
            actor = await actor_of(self._runtime, authorization, origin, call.request_id)
            context = self._context(call, named, actor)
            if call.streams:
                if call.reads and self._engine.changes(context):
                    # Before the stream begins: after it no status could say so.
                    raise _by_post()
                context.resume_after = call.headers.get(b"last-event-id") or None
                allowed = NO_CHANGE if call.reads else EVERYTHING
                await stream_events(self._engine, context, allowed, seat, call.receive, call.send)
                return None
            answer = await seat.within(self._engine.run(context, QUERY_ONLY if call.reads else NO_STREAM))
        if call.reads and context.roots[0] == "mutation":
            raise _by_post()
        return answer

    def _context(self, call: _Call, request: GraphQLRequest, actor: Actor, *, presumed: bool = False) -> Context:
        return Context(
            *(self._runtime, request, call.request_id, self._engine.remembered, actor, call.language),
            traceparent=call.headers.get(b"traceparent"),
            presumed=presumed,
        )

    async def _refuse(self, call: _Call, status: int, code: str, message: str | None, allow: bytes = METHODS) -> None:
        self._runtime.meters.refused(code)
        error = api_error(code, call.language, message=message)
        refused = Answer(None, (error,), executed=False)
        await send_answer(call.send, refused, status, call.shown, call.request_id, allow=allow)


def _by_post() -> Refused:
    return Refused(405, "A mutation is sent by POST.", allow=b"POST")
