"""Lines of text that are none: what is not seen, turns around, or breaks what shows it."""

import pytest

from services.text_faults import _PLAIN, _is_odd, text_faults


def codes(text: str, longest: int = 40) -> list[str]:
    """What is wrong with it."""
    return [fault.code for fault in text_faults(("name",), text, longest)]


@pytest.mark.parametrize(
    "text",
    [
        "Nguyễn Thị Ánh Tuyết",
        "Nguye\u0302\u0303n",
        "Đặng Văn Lâm (Bố)",
        "K'Brôih Ê Ban",
        "👨\u200d👩\u200d👧",
        "👩🏽\u200d⚕\ufe0f khám rồi",
        "12/3A Lê Lợi, hẻm số 5",
        "李小龙",
    ],
)
def test_what_people_write_is_a_line_of_text(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "odd",
    [
        *("\0", "\x01", "\x1b", "\x7f", "\x85", "\n", "\t", "\ud800", "\udfff", "\u2028", "\u2029"),
        *("\u061c", "\u200e", "\u200f", "\u202a", "\u202d", "\u202e", "\u2066", "\u2069"),
        *("\u00ad", "\u034f", "\u115f", "\u180e", "\u200b", "\u200c", "\u200d", "\u2060", "\u2064", "\u2800", "\u3164"),
        *("\ufeff", "\uffa0", "\ufffe", "\uffff", "\ufdd0", "\U000e0041", "\U0001fffe", "\U0010ffff"),
    ],
    ids=lambda odd: f"{ord(odd):04x}",
)
def test_what_nobody_sees_or_what_turns_a_name_around_is_refused(odd: str) -> None:
    assert "BAD_CHARACTER" in codes(f"An{odd}Bình")
    assert codes(odd)


def test_nothing_and_too_much_are_said_as_such() -> None:
    assert codes(" \u00a0\u3000") == ["REQUIRED"]
    assert codes("x" * 41) == ["TOO_LONG"]


def test_nothing_odd_is_among_what_is_not_looked_at() -> None:
    plain = [chr(number) for number in range(0x110000) if _PLAIN.fullmatch(chr(number))]
    assert len(plain) > 700
    assert [character for character in plain if _is_odd(character, 0)] == []
