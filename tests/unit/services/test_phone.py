"""Phone numbers to their one form, the quick way and the library's own."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.phone import e164

REGIONS = ("VN", "DE", "FR", "IN", "TH", "JP", "KR", "FI", "US", "IT", "KZ")
DIGITS = st.text("0123456789", max_size=13)


def by_the_library(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(
    st.sampled_from(REGIONS), st.sampled_from(("", "0", "+", "+84", "84", "+49", "+81", "00", "00 84", "+840")), DIGITS
)
def test_what_is_quickly_read_is_what_the_library_reads(region: str, begins: str, digits: str) -> None:
    text = begins + digits
    assert e164(text, region) == by_the_library(text, region)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("kind", sorted(phonenumbers.PhoneNumberType.values()))
def test_the_library_s_own_examples_of_each_kind_are_read_alike(region: str, kind: int) -> None:
    example = phonenumbers.example_number_for_type(region, kind)
    if example is None:
        # Most regions lack some kinds.
        return
    national = str(example.national_number)
    for text in (national, f"0{national}", f"+{example.country_code}{national}", f"+{example.country_code}0{national}"):
        for last in "0123456789":
            changed = text[:-1] + last
            assert e164(changed, region) == by_the_library(changed, region)


@given(st.integers(10**8, 10**9 - 1))
def test_a_number_of_this_country_is_read_alike_with_and_without_its_code(number: int) -> None:
    for text in (f"0{number}", f"+84{number}"):
        assert e164(text, "VN") == by_the_library(text, "VN")


@pytest.mark.parametrize("text", ["0903123456", "+84903123456", "+84 903 123 456", "0903-123-456", "0084903123456"])
def test_however_it_is_written_it_is_one_number(text: str) -> None:
    assert e164(text, "VN") == "+84903123456"


@pytest.mark.parametrize("text", ["", "0", "903", "0903123456\n1", "٠٩٠٣١٢٣٤٥٦7", "0203123456789"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert e164(text, "VN") is None
