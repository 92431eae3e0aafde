"""Those who watch the same alerts: one of them hears the log, and each event goes to all."""

import contextlib
from collections.abc import AsyncGenerator, Callable

from alerts.listener import Listener, SlowSubscriber
from alerts.log import LoggedAlert
from graph.context import Context
from graph.group import Group, Running, nothing
from services.watch_alerts import AlertEventView, follow_alerts


class _Ears(Listener):
    """Hears for the group; nobody asks for its actor, for its members are asked for."""

    heard: Callable[[], None]

    def offer(self, event: LoggedAlert) -> None:
        super().offer(event)
        self.heard()

    def end(self, reason: Exception) -> None:
        super().end(reason)
        self.heard()


class AlertGroup(Group):
    """It costs a task and an execution from its first event on."""

    def __init__(self, context: Context, first: Listener, run: Running, ended: Callable[[Group], None]) -> None:
        """Of whoever stands as `first` does."""
        super().__init__(context, run, ended)
        self._ears = _Ears(context.actor, None, first.kinds)
        self._ears.take(context.actor, first.where)
        self._ears.heard = self._begin
        self._seq = 0
        context.events = self._events
        self._hub.hear(self._ears)

    @property
    def number(self) -> int:
        """That of the last event in the log."""
        return self._seq

    def _caught_up(self) -> int:
        idle = not (self._busy or self._ears.behind or self._ears.ended)
        return self._hub.position if idle else 0

    def _mute(self) -> None:
        self._hub.mute(self._ears)
        self._ears.heard = nothing
        self._context.events = None

    def _fault(self) -> Exception | None:
        # More waits than this process can give out, as it would for each of them.
        return SlowSubscriber() if isinstance(self._ears.ended, SlowSubscriber) else None

    async def _events(self) -> AsyncGenerator[AlertEventView, None]:
        """What the operation's resolver yields, in the place of what a single subscriber hears."""
        async with contextlib.aclosing(follow_alerts(self._ears)) as events:
            async for event in events:
                self._seq = event.logged.seq
                self._busy = True
                yield event
                self._busy = False
