"""The schedule of a chaos run: the same from the same seed, every kind early, and an end that can be seen."""

from hypothesis import given
from hypothesis import strategies as st

from chaos.fault import WEIGHTS, Kind, draw_schedule

SEEDS = st.integers(min_value=0, max_value=10_000)


@given(SEEDS)
def test_a_seed_gives_the_same_faults_again(seed: int) -> None:
    assert draw_schedule(seed, 120.0, frozenset(Kind)) == draw_schedule(seed, 120.0, frozenset(Kind))


@given(SEEDS)
def test_every_kind_comes_in_a_minute_and_a_half(seed: int) -> None:
    assert {fault.kind for fault in draw_schedule(seed, 90.0, frozenset(Kind))} == set(Kind)


@given(SEEDS)
def test_seven_minutes_have_two_hundred_faults(seed: int) -> None:
    assert len(draw_schedule(seed, 420.0, frozenset(Kind))) >= 200


@given(SEEDS, st.floats(min_value=5, max_value=300))
def test_no_fault_outlasts_the_run(seed: int, seconds: float) -> None:
    faults = draw_schedule(seed, seconds, frozenset(Kind))
    assert all(fault.at + fault.seconds <= seconds + 0.5 for fault in faults)
    assert faults == sorted(faults, key=lambda fault: fault.at)
    assert all(WEIGHTS[fault.kind].seconds[0] <= fault.seconds <= WEIGHTS[fault.kind].seconds[1] for fault in faults)


@given(SEEDS)
def test_only_what_was_asked_for_is_done(seed: int) -> None:
    wanted = {Kind.SERVER_KILLED, Kind.GATEWAY_LOST}
    assert {fault.kind for fault in draw_schedule(seed, 60.0, wanted)} == wanted
