"""For how long no further code may be sent, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from services.phone_code import seconds_to_wait

NOW = datetime(2022, 3, 18, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds_ago", "expected"),
    [
        ([], 0),
        ([0], 60),
        ([0.5], 60),
        ([59.5], 1),
        ([60], 0),
        ([3000, 60], 0),
        ([60, 3000], 0),
        ([3000, 2000, 1000, 500, 30], 600),
        ([3590, 2000, 1000, 500, 10], 50),
        ([3000, 2000, 1000, 60], 0),
        # Of six, as two processes whose clocks differ may have let through: until the fifth newest is an hour old.
        ([3500, 3000, 2000, 1000, 500, 100], 600),
    ],
)
def test_a_minute_between_two_and_five_in_an_hour(seconds_ago: list[float], expected: int) -> None:
    assert seconds_to_wait([NOW - timedelta(seconds=ago) for ago in seconds_ago], NOW) == expected
