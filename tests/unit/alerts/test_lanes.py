"""How many messages are on their way at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.lanes import KEPT_FOR_REDS, LANES, Room, room


@pytest.mark.parametrize(
    ("reds", "others", "gateways", "expected"),
    [
        (0, 0, 12, Room(12, 8)),
        (0, 8, 12, Room(4, 0)),
        (4, 8, 12, Room(0, 0)),
        (10, 0, 12, Room(2, 2)),
        (2, 6, 12, Room(4, 2)),
        (0, 0, 1, Room(1, 1)),
        (0, 8, 1, Room(1, 0)),
        (0, 0, 0, Room(0, 0)),
    ],
)
def test_room_beside_what_is_on_its_way(reds: int, others: int, gateways: int, expected: Room) -> None:
    assert room(reds, others, gateways) == expected


@given(st.integers(0, LANES), st.integers(0, LANES))
def test_what_is_no_red_never_takes_the_lanes_that_are_kept(reds: int, others: int) -> None:
    found = room(reds, others)
    assert 0 <= found.others <= found.reds
    assert others + found.others <= max(others, LANES - KEPT_FOR_REDS)
    assert reds + others + found.reds <= max(reds + others, LANES)


@given(st.integers(0, LANES - KEPT_FOR_REDS))
def test_a_red_finds_a_lane_however_many_others_hang(others: int) -> None:
    assert room(0, others).reds >= KEPT_FOR_REDS
