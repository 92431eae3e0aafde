"""A statement is asked with few different numbers of keys."""

from hypothesis import given
from hypothesis import strategies as st

from services.batch import padded, possible


@given(st.lists(st.integers(0, 300), max_size=200))
def test_padding_changes_nothing_that_is_found(keys: list[int]) -> None:
    assert set(padded(keys)) == set(keys)


@given(st.lists(st.integers(), min_size=1, max_size=100))
def test_there_are_eight_lengths_up_to_a_hundred(keys: list[int]) -> None:
    assert len(padded(keys)) in (1, 2, 4, 8, 16, 32, 64, 128)


def test_no_keys_stay_none() -> None:
    assert padded([]) == []


def test_a_text_with_a_nul_is_no_identifier() -> None:
    assert possible(["a", "b\0", ""]) == ["a", ""]
