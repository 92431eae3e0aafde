"""How long a page may be."""

import pytest

from services.page import page_size
from services.problem import InvalidInput


@pytest.mark.parametrize(("first", "size"), [(None, 50), (1, 1), (50, 50), (100, 100)])
def test_a_page_has_50_rows_unless_1_to_100_are_asked_for(first: int | None, size: int) -> None:
    assert page_size(first) == size


@pytest.mark.parametrize("first", [0, -5, 101, 2**40])
def test_another_size_is_refused_with_its_bounds(first: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        page_size(first)
    (fault,) = refused.value.faults
    assert (fault.path, fault.code, fault.values) == (("first",), "OUT_OF_BOUNDS", {"minimum": 1, "maximum": 100})
