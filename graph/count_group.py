"""Those who watch the same figures: they are read once when they have changed, and go to all."""

from collections.abc import Callable

from alerts.count_watch import CountWatcher
from graph.context import Context
from graph.group import Group, Running


class CountGroup(Group):
    """It costs a task and an execution from its first member on."""

    def __init__(self, context: Context, first: CountWatcher, run: Running, ended: Callable[[Group], None]) -> None:
        """Of whoever stands as `first` does, and has read the figures that there are."""
        super().__init__(context, run, ended)
        self._watcher = CountWatcher(context.actor, first.area_id, first.where, first.action)
        self._watcher.changed.clear()
        context.watcher = self._watcher
        self._hub.hear_counts(self._watcher)
        self._begin()

    @property
    def number(self) -> int:
        """How often it has begun to look: whoever joins while it reads has read as much, and perhaps more."""
        return self._watcher.looks

    def _mute(self) -> None:
        self._hub.mute_counts(self._watcher)
        self._context.watcher = None
