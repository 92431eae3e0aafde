"""Holding what sockets got against the log."""

import pytest

from simulation.journal import Entry, Journal, compare

LOG = [
    Entry("1", "a", "RAISED", "north"),
    Entry("2", "b", "RAISED", "south"),
    Entry("3", "a", "ACKNOWLEDGED", "north"),
    Entry("4", "c", "RAISED", "north"),
]
NORTH = frozenset(["north"])
BOTH = frozenset(["north", "south"])


def journal(wards: frozenset[str], *places: int) -> Journal:
    """A subscriber that got the events at these places of the log, in this order."""
    made = Journal("subscriber", wards)
    for place in places:
        made.add(LOG[place])
    return made


@pytest.mark.parametrize(
    ("wards", "places", "lost", "duplicated", "misplaced", "foreign"),
    [
        (BOTH, (0, 1, 2, 3), 0, 0, 0, 0),
        (NORTH, (0, 2, 3), 0, 0, 0, 0),
        (NORTH, (), 2, 0, 0, 0),
        (NORTH, (0, 3), 1, 0, 0, 0),
        (NORTH, (0, 2, 2, 3), 0, 1, 0, 0),
        (NORTH, (0, 3, 2), 0, 0, 1, 0),
        (NORTH, (0, 1, 2, 3), 0, 0, 0, 1),
        (BOTH, (0, 1, 2, 3, 0, 1), 0, 2, 2, 0),
    ],
)
def test_each_fault_is_counted_once_for_alert_and_subscriber(
    wards: frozenset[str], places: tuple[int, ...], lost: int, duplicated: int, misplaced: int, foreign: int
) -> None:
    faults = compare(LOG, [journal(wards, *places)])
    assert (faults.lost, faults.duplicated, faults.misplaced, faults.foreign) == (lost, duplicated, misplaced, foreign)


def test_pairs_add_up_over_subscribers() -> None:
    faults = compare(LOG, [journal(BOTH, 0, 1, 2), journal(NORTH, 0, 2)])
    assert faults.lost == 2
    assert faults.examples == ["subscriber never got c", "subscriber never got c"]


def test_an_event_that_is_not_in_the_log_is_foreign() -> None:
    made = journal(NORTH, 0, 2, 3)
    made.add(Entry("9", "z", "RAISED", "north"))
    assert compare(LOG, [made]).foreign == 1


def test_a_subscriber_goes_on_from_its_last_event() -> None:
    assert journal(NORTH).last_cursor is None
    assert journal(NORTH, 0, 2).last_cursor == "3"


@pytest.mark.parametrize("change", ["ESCALATED", "REMINDED", "RAISED_AGAIN"])
def test_what_the_clock_does_while_the_log_is_read_is_neither_foreign_nor_lost(change: str) -> None:
    later, missed = journal(NORTH, 0, 2, 3), Entry("5", "a", change, "north")
    later.add(Entry("9", "a", change, "north"))
    faults = compare([*LOG, missed], [later])
    assert not faults.any
    later.add(Entry("10", "a", change, "south"))
    assert compare([*LOG, missed], [later]).foreign == 1
