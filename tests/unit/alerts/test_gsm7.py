"""What texts cost, and Vietnamese without accents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.gsm7 import Measure, is_gsm7, measure, unaccented


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Measure("GSM-7", 1)),
        ("a" * 160, Measure("GSM-7", 1)),
        ("a" * 161, Measure("GSM-7", 2)),
        ("a" * 306, Measure("GSM-7", 2)),
        ("a" * 307, Measure("GSM-7", 3)),
        ("{" * 80, Measure("GSM-7", 1)),
        ("{" * 81, Measure("GSM-7", 2)),
        # 153 places hold 76 of these and one is lost: an escape is not torn from its letter.
        ("{" * 152, Measure("GSM-7", 2)),
        ("{" * 153, Measure("GSM-7", 3)),
        ("ạ" * 70, Measure("UCS-2", 1)),
        ("ạ" * 71, Measure("UCS-2", 2)),
        ("\N{AMBULANCE}" * 35, Measure("UCS-2", 1)),
        ("\N{AMBULANCE}" * 36, Measure("UCS-2", 2)),
        ("a" * 159 + "`", Measure("UCS-2", 3)),
    ],
)
def test_a_text_is_measured_in_the_alphabet_that_it_needs(text: str, expected: Measure) -> None:
    assert measure(text) == expected


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Phường Nguyễn Thái Bình", "Phuong Nguyen Thai Binh"),
        ("ĐỎ đường ưỡn ẵm Ở Ế", "DO duong uon am O E"),
        ("Mã “123” – còn hạn…", 'Ma "123" - con han...'),
        ("Thủ Đức", "Thu Duc"),
        ("`中`", "???"),
    ],
)
def test_vietnamese_without_accents_stays_readable(text: str, plain: str) -> None:
    assert unaccented(text) == plain


def test_letters_in_two_parts_lose_their_accents_as_well() -> None:
    assert unaccented("Nguye\u0302\u0303n") == "Nguyen"


@given(st.text())
def test_whatever_it_was_without_accents_it_is_gsm7(text: str) -> None:
    assert is_gsm7(unaccented(text))


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_taking_accents_off_twice_changes_nothing_more(text: str) -> None:
    once = unaccented(text)
    assert unaccented(once) == once
