"""Times to acknowledge in buckets."""

from hypothesis import given
from hypothesis import strategies as st

from services.ack_buckets import bucket, percentile, seconds


@given(st.floats(1, 80_000_000))
def test_a_bucket_stands_for_its_times_within_five_per_cent(time: float) -> None:
    assert abs(seconds(bucket(time)) - time) <= 0.0501 * time


@given(st.lists(st.floats(1, 100_000), min_size=1, max_size=60), st.sampled_from([0.5, 0.9]))
def test_a_percentile_is_within_five_per_cent_of_the_exact_one(times: list[float], share: float) -> None:
    counts: dict[int, int] = {}
    for time in times:
        counts[bucket(time)] = counts.get(bucket(time), 0) + 1
    exact = sorted(times)[max(0, -(-len(times) * int(share * 10) // 10) - 1)]
    found = percentile(counts, share)
    assert found is not None
    assert abs(found - exact) <= 0.0501 * exact


def test_nothing_acknowledged_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None


def test_a_clock_that_ran_backwards_counts_as_at_once() -> None:
    assert bucket(-3) == 0
