"""What each live subscriber got, held against the alert log read anew from its beginning: lost, twice, out of order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

# What the clock does by itself, at any moment: it may be under way while the log is read, and happen after it.
_BY_ITSELF = frozenset({"ESCALATED", "REMINDED", "RAISED_AGAIN"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the alert log: its cursor, the alert, what happened to it, and the ward."""

    cursor: str
    alert: str
    change: str
    ward: str


@dataclass(slots=True)
class Journal:
    """The events that one subscriber got, in the order of their arrival, and the wards that it is entitled to."""

    name: str
    wards: frozenset[str]
    entries: list[Entry] = field(default_factory=list)
    raised: set[str] = field(default_factory=set)

    @property
    def last_cursor(self) -> str | None:
        """Where to go on after a cut."""
        return self.entries[-1].cursor if self.entries else None

    def add(self, entry: Entry) -> None:
        """Takes up an event as it arrives."""
        self.entries.append(entry)
        if entry.change == "RAISED":
            self.raised.add(entry.alert)


@dataclass(slots=True)
class Faults:
    """What went wrong between log and sockets, added up over all subscribers.

    `lost` and `duplicated` count pairs of an alert and a subscriber; `misplaced` counts events that came before one
    that stands earlier in the log; `foreign` counts events from outside the subscriber's wards.
    """

    lost: int = 0
    duplicated: int = 0
    misplaced: int = 0
    foreign: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether anything at all went wrong."""
        return bool(self.lost or self.duplicated or self.misplaced or self.foreign)


def compare(log: Sequence[Entry], journals: Iterable[Journal]) -> Faults:
    """Holds every subscriber's events against the log."""
    places = {entry.cursor: place for place, entry in enumerate(log)}
    of_ward: dict[str, list[Entry]] = {}
    for entry in log:
        of_ward.setdefault(entry.ward, []).append(entry)
    faults = Faults()
    for journal in journals:
        _compare_one(journal, of_ward, places, faults)
    return faults


def _compare_one(
    journal: Journal, of_ward: Mapping[str, Sequence[Entry]], places: Mapping[str, int], faults: Faults
) -> None:
    seen: set[str] = set()
    twice: set[str] = set()
    latest = -1
    for entry in journal.entries:
        if entry.cursor in seen:
            twice.add(entry.alert)
        seen.add(entry.cursor)
        place = places.get(entry.cursor, -1)
        if place < 0 and entry.change in _BY_ITSELF and entry.ward in journal.wards:
            continue
        if entry.ward not in journal.wards or place < 0:
            faults.foreign += 1
        elif place < latest:
            faults.misplaced += 1
        latest = max(latest, place)
    missing = {
        entry.alert
        for ward in journal.wards
        for entry in of_ward.get(ward, ())
        if entry.cursor not in seen and entry.change not in _BY_ITSELF
    }
    faults.lost += len(missing)
    faults.duplicated += len(twice)
    faults.examples += [f"{journal.name} never got {alert}" for alert in sorted(missing)[:3]]
    faults.examples += [f"{journal.name} got {alert} twice" for alert in sorted(twice)[:3]]
