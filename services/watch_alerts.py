"""Watching alerts: everything after a cursor, then live, in order, nothing missed and nothing twice."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import Line
from alerts import log
from alerts.listener import Listener
from alerts.log import EVERY_KIND, LoggedAlert
from models.alert import Alert
from models.case import Case
from models.database import snapshot
from models.state import AlertChange, AlertKind
from services.count_opening import count_opening
from services.cursor import alert_cursor
from services.group import Group
from services.runtime import Runtime

_PAGE = 500


@dataclass(frozen=True)
class AlertEventView:
    """One event as a subscriber sees it."""

    logged: LoggedAlert
    seen_by: Actor
    """Who is let to see it, as they stood when it was given out."""
    live: bool = False
    """Whether it is shown as it happens, and not from the log to somebody who has come back."""

    @cached_property
    def cursor(self) -> str:
        """Where to go on after this event."""
        return alert_cursor(self.logged.seq)

    @property
    def live_since(self) -> datetime | None:
        """When it was written, in the database's own time; None where it is not shown as it happens."""
        return self.logged.written_at if self.live else None

    @property
    def change(self) -> AlertChange:
        """What happened."""
        return self.logged.change

    @property
    def at(self) -> datetime:
        """When it happened, by the installation's clock."""
        return self.logged.at

    @property
    def account_id(self) -> UUID | None:
        """Who did it; None where it was nobody's act."""
        return self.logged.account_id

    @property
    def alert(self) -> Alert:
        """The alert as it was then."""
        return self.logged.alert

    @property
    def case(self) -> Case:
        """The alert's case as it was when the event was read."""
        return self.logged.case


async def follow_alerts(listener: Listener) -> AsyncGenerator[AlertEventView, None]:
    """What a group hears, as the actor that it is seen as. It leaves no trace: each of its members leaves its own.

    Raises SlowSubscriber or HubClosed.
    """
    while True:
        yield AlertEventView(await listener.next(), listener.actor, live=True)


async def watch_alerts(
    runtime: Runtime,
    actor: Actor,
    area_id: str | None = None,
    kinds: frozenset[AlertKind] | None = None,
    after: str | None = None,
    group: Group | None = None,
) -> AsyncGenerator[AlertEventView, None]:
    """The events of an area's alerts; without `after`, from now on.

    Whoever has caught up joins the `group` of those that get the same, where there is one: its events are handed over
    without passing through here, and what follows here are those after it was left.

    What was written after the actor has lost an area, a role or the session is never given out. Raises NotFound for an
    area outside the jurisdiction, InvalidCursor, CursorExpired, TooManyRequests, NoTrail, and while it runs
    Unauthenticated (the session or its token has ended), OutOfSight, SlowSubscriber, AreasMoved or HubClosed.

    The trail has its opening, and its end with the range of what was given out: whoever was shown in between is found
    by that range, and no event leaves a row. It is left however the subscription ends; of a process that was killed
    only the opening is there, whose `after` says from where on its events may have been shown.
    """
    kinds = kinds or EVERY_KIND
    await count_opening(runtime, actor)
    area, cursor = await runtime.beginnings.find(actor, area_id, after)
    # Join first, then look: an event falls either into the replay or into the live part, never between them.
    async with runtime.hub.listen(actor, area_id, kinds) as listener:
        last = listener.joined_at if cursor is None else cursor
        opening = Line(actor, "watch_alerts", runtime.clock.now(), [], _asked(area, last, kinds))
        await runtime.trail.write([opening], patient=True)
        given = _Given(opening)
        try:
            while True:
                async for logged in _replay(runtime, listener, last, kinds):
                    last = logged.seq
                    yield given.view(logged, listener.actor)
                async for logged in _live(listener, last, group):
                    last = logged.seq
                    yield given.view(logged, listener.actor, live=True)
                last = await _together(runtime, listener, last, group, given)
        finally:
            # Not waited for: a socket that closes, or a task that is cancelled, has no time for the database.
            runtime.trail.leave(given.line(runtime.clock.now()))


def _asked(area_id: str, after: int, kinds: frozenset[AlertKind]) -> dict[str, object]:
    asked: dict[str, object] = {"area": area_id, "after": after}
    return asked if kinds == EVERY_KIND else {**asked, "kinds": sorted(kinds)}


class _Given:
    """The range of what a subscription has given out."""

    def __init__(self, opening: Line) -> None:
        self._opening = opening
        self._first: int | None = None
        self._last: int | None = None
        self._count = 0

    def note(self, seq: int) -> None:
        if self._first is None:
            self._first = seq
        self._last = seq
        self._count += 1

    def view(self, logged: LoggedAlert, seen_by: Actor, *, live: bool = False) -> AlertEventView:
        self.note(logged.seq)
        return AlertEventView(logged, seen_by, live)

    def line(self, at: datetime) -> Line:
        detail = {**self._opening.detail, "first": self._first, "last": self._last, "count": self._count}
        return Line(self._opening.actor, "watch_alerts_ended", at, [str(self._opening.id)], detail)


async def _replay(
    runtime: Runtime, listener: Listener, after: int, kinds: frozenset[AlertKind]
) -> AsyncGenerator[LoggedAlert, None]:
    """What is in the log between a number and the one at which the listener has joined."""
    while after < listener.joined_at:
        if listener.where.empty:
            listener.check()
        actor, where, version = listener.actor, listener.where, listener.version
        async with snapshot(bounds_of(actor)) as connection:
            outlined = not may(actor, Action.SEE_CASES)
            looked = await log.look(connection, after, listener.joined_at, where, kinds, _PAGE, outlined=outlined)
        if looked.version != version:
            # Something was taken from somebody, or areas have other numbers: who is it now, and where?
            await runtime.hub.ask([listener])
            continue
        for logged in looked.events:
            # Whoever takes a page slowly may have lost something meanwhile: the rest is read anew.
            if (listener.actor, listener.where) != (actor, where):
                break
            after = logged.seq
            yield logged
        else:
            if len(looked.events) < _PAGE:
                return


async def _live(listener: Listener, after: int, group: Group | None) -> AsyncGenerator[LoggedAlert, None]:
    """What it hears; where there is a group, until nothing more waits."""
    while group is None or group.closed or listener.behind:
        logged = await listener.next()
        # A cursor from a faster process may be ahead of this one: what it has seen is not shown again.
        if logged.seq > after:
            yield logged


async def _together(runtime: Runtime, listener: Listener, after: int, group: Group | None, given: _Given) -> int:
    """Gets what the group gets for as long as it stands as the group does; the number to go on after alone."""
    listener.check()
    if group is None or listener.behind:
        return after
    # Nothing waits, so everything up to here was heard. No await until it is a member: what comes is the group's.
    member = group.join(listener, max(after, runtime.hub.position), given.note)
    if member is None:
        return after
    runtime.hub.mute(listener)
    after = await member.stay()
    # What came meanwhile is read from the log, from the last event that the group has given it.
    runtime.hub.hear(listener)
    return after
