"""What every resolver is handed: who asks, in which language, and the snapshot that the operation reads."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

import strawberry
from graphql import DocumentNode

from access.actor import ANONYMOUS, Actor
from access.authenticate import Unauthenticated, as_now
from alerts.count_watch import CountWatcher
from alerts.member import Sink
from graph.engine import Plan
from graph.language import DEFAULT, Language
from graph.loaders import Loaders
from graph.remembered import Remembered
from graph.request import GraphQLRequest
from graph.room import Share
from graph.roots import INVALID
from models.database import service_connection
from services.group import Group
from services.note_own_write import note_own_write
from services.operation import Operation
from services.runtime import Runtime
from services.watch_alerts import AlertEventView
from telemetry.doing import Doing

_SCHEME = "bearer"


@dataclass(slots=True)
class Context:
    """One operation. Its snapshot opens with the first row that is read, and `settle` closes it."""

    runtime: Runtime
    request: GraphQLRequest
    request_id: str
    remembered: Remembered
    actor: Actor = ANONYMOUS
    language: Language = DEFAULT
    on_socket: bool = False
    traceparent: str | None = None
    """The trace that the caller is in, as W3C writes it."""
    presumed: bool = False
    """Whether the actor was not looked up now: what is read first has to confirm that they stand."""
    lasts: bool = False
    """Whether it is a subscription, which ends with its process, while what is short is waited for."""
    resume_after: str | None = None
    """The cursor that a stream of events goes on after, whatever its operation says: it is what was heard last."""
    operation: Operation = field(init=False)
    loaders: Loaders = field(init=False)
    covered: bool = field(init=False, default=False)
    changes: bool = field(init=False, default=False)
    roots: tuple[str, tuple[str, ...]] = field(init=False, default=INVALID)
    """The kind of the operation and its root fields, once the document is known to be valid."""
    document: DocumentNode | None = field(init=False, default=None)
    """What runs, once it is known to be valid and within the bounds."""
    plan: Plan | None = field(init=False, default=None)
    """The same compiled; None where graphql-core runs it."""
    until: tuple[asyncio.Timeout, float] | None = field(init=False, default=None)
    """When what is being done for a subscription has to be done, and how many seconds the next event has."""
    problems: list[str] = field(init=False, default_factory=list)
    """The codes of what was refused as data."""
    shares: tuple[Share, ...] = field(init=False, default=())
    """What a subscription takes beside a share of its account's."""
    take_room: Callable[[], None] = field(init=False, default=lambda: None)
    """To be called once where a subscription begins. Raises NoRoom."""
    doing: Doing | None = field(init=False, default=None)
    written_at: datetime | None = field(init=False, default=None)
    """When the live event that is on its way to the client was written, in the database's own time."""
    sink: Sink | None = field(init=False, default=None)
    """Where events go that were made ready for many, if the transport takes them."""
    group: Group | None = field(init=False, default=None)
    """Those who get the same; None where the subscription runs for itself alone."""
    events: Callable[[], AsyncGenerator[AlertEventView, None]] | None = field(init=False, default=None)
    """What a group hears, where this is the execution for all of it."""
    watcher: CountWatcher | None = field(init=False, default=None)
    """What hears for a group that watches figures, where this is the execution for all of it."""
    cursor: str | None = field(init=False, default=None)
    """Where to go on after the event that is on its way to the client."""

    def __post_init__(self) -> None:
        """Nothing is opened yet."""
        self._begin()

    def waits(self) -> None:
        """To be called when a subscription has done its part and waits for an event, for however long."""
        if self.until is not None:
            self.until[0].reschedule(None)

    def next_event(
        self, actor: Actor, *, covered: bool = False, written_at: datetime | None = None, cursor: str | None = None
    ) -> None:
        """Begins anew for a subscription's next event, with the actor as a service has found them to stand.

        Whoever has lost a role must not be shown a name, however long the socket has been open. `covered` says that
        what is shown is in the range of cursors that the subscription leaves in the trail when it ends. `written_at` is
        when an event was written that is shown as it happens, `cursor` where to go on after it.
        """
        self.actor = actor
        self.written_at, self.cursor = written_at, cursor
        self._begin()
        if self.until is not None:
            deadline, seconds = self.until
            deadline.reschedule(asyncio.get_running_loop().time() + seconds)
        self.covered = covered

    async def stands(self, actor: Actor) -> bool:
        """To be asked when the snapshot of an event was taken: whether what was lost before it had not been lost yet.

        Who watches in a group leaves it with what they have lost, and the group itself stands for nobody.
        """
        if self.watcher is None:
            return await actor_now(actor) == actor
        await self.runtime.hub.still_stand()
        return True

    def told(self, code: str) -> None:
        """Notes that something was refused as data."""
        self.problems.append(code)
        self.runtime.meters.refused(code)

    def handed_over(self) -> None:
        """To be called when an answer was given to the socket: measures the way of a live event."""
        written_at, self.written_at = self.written_at, None
        if written_at is not None:
            self.runtime.meters.delivered((self.runtime.clock.unmoved() - written_at).total_seconds())

    def only_reads(self) -> None:
        """To be called for a query before it reads: what staff look up may be as old as a replica may be."""
        self.operation.may_be_older()

    def stays(self) -> None:
        """To be called for a subscription. Raises NoRoom."""
        self.lasts = True
        self.take_room()
        self.waits()

    def writes(self) -> None:
        """To be called for a mutation."""
        self.changes = True

    async def next_mutation(self) -> None:
        """Makes what is read from here on see what the mutations of this request have written."""
        await self.operation.refresh()
        self.loaders = Loaders(self.runtime, self.actor, self.operation, self.remembered)

    async def settle(self) -> None:
        """Gives the connection back: a client that reads slowly, or an event that is long in coming, holds none."""
        await self.operation.close()

    async def trace(self) -> None:
        """Writes what this operation has shown of persons. Raises NoTrail: then the answer must not leave."""
        if self.changes and self.runtime.replica is not None:
            await note_own_write(self.actor)
        lines = self.operation.seen.lines(self.actor, self.runtime.clock.now())
        if not self.covered:
            await self.runtime.trail.write(lines)

    def refused(self, field: str, code: str) -> None:
        """Counts a refusal, for the line that each minute's refusals leave in the trail."""
        self.runtime.refusals.note(self.actor, field, code, self.runtime.clock.now())

    def account(self) -> Actor:
        """The actor, who is signed in. Raises Unauthenticated."""
        if self.actor.kind == "ANONYMOUS":
            raise Unauthenticated
        return self.actor

    def _begin(self) -> None:
        if self.actor.request_id != self.request_id:
            self.actor = replace(self.actor, request_id=self.request_id)
        self.operation = Operation(self.actor, self.runtime.replica, presumed=self.presumed)
        self.loaders = Loaders(self.runtime, self.actor, self.operation, self.remembered)


Info: TypeAlias = strawberry.Info[Context, None]


async def actor_of(
    runtime: Runtime,
    authorization: str | None,
    origin: str | None = None,
    request_id: str | None = None,
    *,
    patient: bool = False,
) -> Actor:
    """Who sends this Authorization value, from where and in which request: nobody in particular without one.

    `patient` is who may wait some hundredths of a second to be asked for together with others. Raises Unauthenticated.
    """
    scheme, _, token = (authorization or "").strip().partition(" ")
    # A client that fills the header from a variable sends the bare scheme until somebody has signed in.
    if scheme.lower() in ("", _SCHEME) and not token.strip():
        return Actor("ANONYMOUS", origin=origin, request_id=request_id)
    try:
        if scheme.lower() != _SCHEME:
            raise Unauthenticated
        found = await runtime.standings.authenticate(runtime.tokens, token.strip(), patient=patient)
        return replace(found, origin=origin, request_id=request_id)
    except Unauthenticated:
        stranger = replace(ANONYMOUS, origin=origin)
        runtime.refusals.note(stranger, "authorization", "UNAUTHENTICATED", runtime.clock.now())
        raise


def presumed_actor(
    runtime: Runtime, authorization: str | None, origin: str | None, request_id: str | None
) -> Actor | None:
    """The actor of an Authorization value as they stood a moment ago; None where that is not known."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != _SCHEME or runtime.replica is not None:
        return None
    return runtime.standings.presumed(runtime.tokens, token.strip(), origin, request_id)


async def actor_now(actor: Actor) -> Actor:
    """The same actor as of now. Raises Unauthenticated where the session or its token has ended meanwhile."""
    return actor if actor.session_id is None else await as_now(actor, service_connection())
