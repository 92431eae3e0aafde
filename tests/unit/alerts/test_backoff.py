"""How long a message waits after a failure, as a table."""

from datetime import timedelta

import pytest

from alerts.backoff import rest, wait
from alerts.outbox import Priority


@pytest.mark.parametrize(
    ("attempts", "draw", "seconds"),
    [
        (1, 0.0, 2.0),
        (1, 0.5, 1.5),
        (1, 1.0, 1.0),
        (2, 0.0, 4.0),
        (3, 0.0, 8.0),
        (5, 0.0, 32.0),
        (5, 1.0, 16.0),
        (6, 0.0, 60.0),
        (6, 1.0, 30.0),
        (1_000_000, 0.0, 60.0),
        (1_000_000, 1.0, 30.0),
    ],
)
def test_a_wait_doubles_up_to_a_minute_and_the_draw_takes_up_to_half(
    attempts: int, draw: float, seconds: float
) -> None:
    assert wait(attempts, draw) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2.0), (3, 8.0), (4, 15.0), (1_000_000, 15.0)])
def test_a_red_never_waits_longer_than_a_quarter_of_a_minute(attempts: int, seconds: float) -> None:
    assert wait(attempts, 0.0, Priority.RED) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("failures", "draw", "seconds"), [(1, 0.0, 2.0), (1, 1.0, 1.0), (4, 0.0, 16.0), (9, 0.0, 20.0)]
)
def test_a_gateway_rests_longer_each_time_up_to_twenty_seconds(failures: int, draw: float, seconds: float) -> None:
    assert rest(failures, draw) == timedelta(seconds=seconds)
