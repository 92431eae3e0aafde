"""The groups of a process: who gets the same, and is therefore given it from one execution."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol
from uuid import uuid4

import orjson
import structlog
from graphql import GraphQLSchema

from access.actor import Actor
from access.shared_actor import SharedActor, stands_as
from alerts.count_watch import CountWatcher
from alerts.listener import Listener
from alerts.member import Member, Sink
from graph.alert_group import AlertGroup
from graph.context import Context
from graph.count_group import CountGroup
from graph.group import Group, body_of
from graph.shareable import Shareable, ShareableOperations

Key = tuple[object, ...]

logger = structlog.get_logger(__name__)


class Answered(Protocol):
    """An answer on its way out."""

    @property
    def ends(self) -> bool:
        """Whether nothing follows."""

    def payload(self) -> dict[str, object]:
        """What is in it."""


Running = Callable[[Context], AsyncGenerator[Answered, None]]


class Groups:
    """Those of one engine."""

    def __init__(self, schema: GraphQLSchema, run: Running) -> None:
        """None yet. `run` executes a subscription and gives its answers."""
        self._operations = ShareableOperations(schema)
        self._run = run
        self._groups: dict[Key, Group] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._groups)

    def place(self, context: Context) -> "Place | None":
        """Where a subscription that is ready to run may join; None where it is run for itself alone.

        Alone is who has no account, whose transport takes nothing that is ready made, and whose operation shows what
        depends on the account.
        """
        if context.sink is None or context.document is None or context.actor.kind != "ACCOUNT":
            return None
        request = context.request
        found = self._operations.find(request.query, request.operation_name, context.document)
        if found is None:
            return None
        try:
            asked = _asked(context, found)
        except (orjson.JSONEncodeError, TypeError):
            return None
        return Place(self, context, context.sink, asked)

    def join(self, place: "Place", listener: Listener, after: int, noted: Callable[[int], None]) -> Member:
        """Makes a listener a member of its group, which begins with it where there is none."""
        # In this order no two texts are taken for another pair: what was asked, as what, and where.
        key = (*place.asked, stands_as(listener.actor), listener.where)
        group = self._groups.get(key)
        if group is None:
            context = self._context(place.context, listener.actor)
            group = self._groups[key] = AlertGroup(context, listener, self._bodies, self._forgotten(key))
        member = Member(listener, place.sink, after, noted)
        group.join(member)
        return member

    def join_counts(self, place: "Place", watcher: CountWatcher) -> Member:
        """The same for somebody who watches figures, and has read those that there are."""
        key = (*place.asked, stands_as(watcher.actor), watcher.where)
        group = self._groups.get(key)
        if group is None:
            context = self._context(place.context, watcher.actor)
            group = self._groups[key] = CountGroup(context, watcher, self._bodies, self._forgotten(key))
        # What is being read now it has read, too, and perhaps what is newer.
        member = Member(watcher, place.sink, group.number, _unnoted, latest=True)
        group.join(member)
        return member

    def may(self, context: Context) -> bool:
        """Whether the operation is still one that may be run once for many."""
        request = context.request
        return (
            context.document is not None
            and self._operations.find(request.query, request.operation_name, context.document) is not None
        )

    def _context(self, of: Context, actor: Actor) -> Context:
        request_id = uuid4().hex
        return Context(
            of.runtime,
            replace(of.request, extensions=None, document_id=None),
            request_id,
            of.remembered,
            SharedActor.of(actor, request_id),
            of.language,
            on_socket=of.on_socket,
        )

    def _forgotten(self, key: Key) -> Callable[[Group], None]:
        def ended(group: Group) -> None:
            if self._groups.get(key) is group:
                del self._groups[key]

        return ended

    async def _bodies(self, context: Context) -> AsyncGenerator[bytes | None, None]:
        async with aclosing(self._run(context)) as answers:
            async for answer in answers:
                actor = context.actor
                if isinstance(actor, SharedActor) and actor.asked:
                    # Found here and not by its mark: nothing of it was shown, and nobody shares it again.
                    self._operations.forbid(context.request.query, context.request.operation_name)
                    logger.error("field_reads_account", asked=sorted(set(actor.asked)), request_id=context.request_id)
                    yield None
                    return
                yield None if answer.ends else body_of(answer.payload())


class Place:
    """One subscription's way into its group."""

    def __init__(self, groups: Groups, context: Context, sink: Sink, asked: Key) -> None:
        """What was `asked` is what the group has in common, but for how its members stand."""
        self._groups, self.context, self.sink, self.asked = groups, context, sink, asked

    @property
    def closed(self) -> bool:
        """Whether everybody goes on alone after all."""
        return not self._groups.may(self.context)

    def join(self, listener: Listener, after: int, noted: Callable[[int], None]) -> Member | None:
        """A place for a listener that has everything up to a number."""
        return None if self.closed else self._groups.join(self, listener, after, noted)

    def join_counts(self, watcher: CountWatcher) -> Member | None:
        """A place for a watcher that has read the figures that there are."""
        return None if self.closed else self._groups.join_counts(self, watcher)


def _unnoted(_: int) -> None:
    """Figures leave no trace of who has seen which: they are nobody's."""


def _asked(context: Context, found: Shareable) -> Key:
    request = context.request
    # Where to begin is each one's own, and no part of what a live event shows.
    variables = {name: value for name, value in (request.variables or {}).items() if name not in found.resume}
    # As text: the bytes that orjson gives keep the room that it wrote them in, four kilobytes for each subscriber.
    said = orjson.dumps(variables).decode()
    return (request.query, request.operation_name, said, context.language, context.on_socket)
