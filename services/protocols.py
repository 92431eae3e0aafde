"""Which protocol judges a report."""

from collections.abc import Iterable
from datetime import date

from triage.condition import union_of
from triage.protocol import Protocol, in_force
from triage.urgent import red_words


class Protocols:
    """The protocols that this process knows: those that come along and those that were published.

    An installation may be pinned to one version, as the replay of March 2022 is: it then judges everything of that
    version's disease, whatever the day.
    """

    def __init__(self, known: Iterable[Protocol], pinned: str | None = None) -> None:
        """Raises LookupError where `pinned` names no known version."""
        self._known: dict[str, Protocol] = {}
        self.replace(known)
        self._pinned = self._known[pinned] if pinned else None

    def replace(self, known: Iterable[Protocol]) -> None:
        """Takes up what was published meanwhile."""
        self._known = {protocol.version: protocol for protocol in known}
        self.red_words = union_of(red_words(protocol) for protocol in self._known.values())
        """Codes of which any report has at least one that is red by any protocol; None where it may have none."""

    def judging(self, disease: str, on: date) -> Protocol | None:
        """The protocol that judges a report of this disease on this day, or None where there is none."""
        if self._pinned and self._pinned.disease == disease:
            return self._pinned
        return in_force(tuple(self._known.values()), disease, on)

    def version(self, version: str) -> Protocol:
        """A protocol by its version, by which an old assessment is explained. Raises KeyError."""
        return self._known[version]

    def all(self) -> tuple[Protocol, ...]:
        """Every protocol that this process knows."""
        return tuple(self._known.values())
