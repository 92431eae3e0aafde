"""Those who get the same as a subscriber, each event authorised, completed and serialised once for all of them."""

from collections.abc import Callable
from typing import Protocol

from alerts.count_watch import CountWatcher
from alerts.hub import Hub
from alerts.listener import Listener
from alerts.member import Member


class Group(Protocol):
    """Those who get the same, each event authorised, completed and serialised once for all of them."""

    @property
    def closed(self) -> bool:
        """Whether everybody goes on alone after all."""

    def join(self, listener: Listener, after: int, noted: Callable[[int], None]) -> Member | None:
        """A place for a listener that has everything up to a number; None where it goes on alone.

        `noted` is told the number of each event before it is handed over.
        """

    def join_counts(self, watcher: CountWatcher) -> Member | None:
        """A place for a watcher that has read the figures that there are; None where it goes on alone."""


async def stay_together(hub: Hub, watcher: CountWatcher, group: Group | None) -> None:
    """Gets what the group gets for as long as the watcher stands as the group does; then it is to look for itself.

    Returns at once where there is no group, or something has changed already since the watcher has looked.
    """
    if group is None or watcher.changed.is_set():
        return
    # No await until it is a member: what changes from here on is the group's.
    member = group.join_counts(watcher)
    if member is None:
        return
    hub.mute_counts(watcher)
    try:
        await member.stay()
    finally:
        hub.hear_counts(watcher)
    # What the group would have given it since is not known.
    watcher.changed.set()
