"""Percentiles by nearest rank."""

from simulation.latency import Latency, latency


def test_percentiles_are_values_that_were_measured() -> None:
    assert latency([number / 1000 for number in range(100, 0, -1)]) == Latency(50, 95, 99, 100)


def test_one_value_is_every_percentile() -> None:
    assert latency([0.005]) == Latency(5, 5, 5, 5)


def test_nothing_measured_is_nothing() -> None:
    assert latency([]) == Latency(0, 0, 0, 0)
