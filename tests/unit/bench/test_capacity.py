"""Queues played through: how many cores a load takes."""

import pytest

from bench.capacity import DEMANDS, Times, enough, plan, response


def test_an_idle_core_keeps_nobody_waiting_longer_than_the_service_takes() -> None:
    assert response([(1.0, 1_000.0)], 1, 1) < 0.006


def test_an_overloaded_core_falls_behind_and_two_do_not() -> None:
    load = [(1_200.0, 1_000.0)]
    assert response(load, 1, 1) > 1.0
    assert response(load, 2, 1) < 0.05


@pytest.mark.parametrize(("rate", "cores"), [(100.0, 1), (1_000.0, 2), (4_000.0, 6)])
def test_cores_are_two_thirds_full_at_most(rate: float, cores: int) -> None:
    assert enough([(rate, 1_000.0)], 1)[0] == cores


def test_more_demand_never_takes_less() -> None:
    times = Times(declare=(1_000.0, 600.0), read=(5_000.0, 1_000.0), delivery=100.0)
    plans = [plan(times, demand) for demand in DEMANDS]
    assert [one["serving_cores"] for one in plans] == sorted(one["serving_cores"] for one in plans)
    assert plans[-1]["relays"] == 3
