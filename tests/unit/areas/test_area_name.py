"""Names as people type them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.area_name import same_spelling, search_name, search_names, tidy_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Phường 1", "Phường 01"),
        ("phuong 01", "Phường 1"),
        ("P.1", "Phường 1"),
        ("P1", "Phường 01"),
        ("p 1", "Phường 1"),
        ("Q.5", "Quận 5"),
        ("HOÀ BÌNH", "Hòa Bình"),
        ("Phường Bình Hưng Hoà A", "Phường Bình Hưng Hòa A"),
        ("Xã Qui Đức", "Xã Quy Đức"),
        ("TP. Thủ Đức", "Thành phố Thủ Đức"),
        ("tt cu chi", "Thị trấn Củ Chi"),
        ("Thị  trấn   Củ Chi ", "Thị trấn Củ Chi"),
        ("đặc khu con dao", "Đặc khu Côn Đảo"),
        (unicodedata.normalize("NFD", "Phường Đa Kao"), "Phường Đa Kao"),
    ],
)
def test_both_ways_of_writing_are_looked_up_alike(typed: str, kept: str) -> None:
    assert search_name(typed) == search_name(kept)


@pytest.mark.parametrize(
    ("one", "other"), [("Phường 1", "Phường 10"), ("Phường 1", "Quận 1"), ("Tân Phú", "Tân Phong")]
)
def test_other_names_stay_other_names(one: str, other: str) -> None:
    assert search_name(one) != search_name(other)


@pytest.mark.parametrize("bare", ["1", "01", "001"])
def test_a_bare_number_may_be_any_kind_of_area(bare: str) -> None:
    assert {"phuong 1", "quan 1"} <= set(search_names(bare))


def test_a_name_with_its_kind_is_that_kind_alone() -> None:
    assert search_names("Quận 1") == ["quan 1"]


def test_nothing_typed_is_nothing_meant() -> None:
    assert search_names("  ,. ") == []


def test_the_tone_may_stand_on_either_vowel_but_must_be_the_same() -> None:
    assert same_spelling("Bình Hưng Hoà", "Bình Hưng Hòa")
    assert same_spelling("Thuỷ", "Thủy")
    assert not same_spelling("Hoà", "Hóa")
    assert not same_spelling("Thạnh An", "Thanh An")


@given(st.text())
def test_any_text_has_a_search_name_that_is_its_own(text: str) -> None:
    assert search_name(search_name(text)) == search_name(text)


@given(st.text())
def test_a_tidy_name_is_tidy(text: str) -> None:
    tidy = tidy_name(text)
    assert tidy_name(tidy) == tidy
    assert unicodedata.is_normalized("NFC", tidy)
