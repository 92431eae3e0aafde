"""How long a message waits after a failure, as a table."""

from datetime import timedelta

import pytest

from alerts.backoff import wait


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
