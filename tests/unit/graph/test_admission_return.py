"""When the refused are told to come back."""

from itertools import pairwise

from graph.admission_return import Returns


class Moment:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_the_refused_are_called_one_after_another_as_fast_as_they_can_be_served() -> None:
    found = Returns(60.0, Moment(), draw=lambda: 0.0)
    waits = [found.wait(rate=2.0) for _ in range(20)]
    assert waits[0] == 1.0
    assert all(round(later - earlier, 6) == 0.5 for earlier, later in pairwise(waits))


def test_nobody_is_told_to_wait_for_longer_than_the_bound_and_its_jitter() -> None:
    found = Returns(45.0, Moment(), draw=lambda: 1.0)
    assert max(found.wait(rate=1.0) for _ in range(10_000)) == 46.5


def test_waits_differ_so_that_those_refused_together_do_not_come_together() -> None:
    draws = iter([0.0, 0.5, 1.0])
    found = Returns(60.0, Moment(), draw=lambda: next(draws))
    assert len({round(found.wait(rate=1e9), 3) for _ in range(3)}) == 3


def test_where_few_come_back_more_are_called_at_once() -> None:
    moment = Moment()
    found = Returns(1_000.0, moment, draw=lambda: 0.0)
    for _ in range(100):
        found.wait(rate=100.0)
    moment.now += 10
    found.came()
    assert found.share < 0.1
    rare = [found.wait(rate=1.0) for _ in range(10)]
    assert rare[-1] - rare[0] < 1.0
