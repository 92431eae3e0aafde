"""Names as people type them into a search."""

import pytest

from services.name_match import folded_words, matches

NAME = "Nguyễn Thị Đào"


@pytest.mark.parametrize(
    "typed", ["Nguyễn Thị Đào", "nguyen thi dao", "đào", "DAO", "dao nguyễn", "ng d", "Nguyễn", "  thị ", "Đ."]
)
def test_the_beginnings_of_its_words_find_a_name(typed: str) -> None:
    assert matches(folded_words(typed), NAME)


@pytest.mark.parametrize("typed", ["Trần", "nguyen van dao", "uyen", "thịnh", "Đào Đông"])
def test_a_word_that_begins_none_of_its_words_does_not(typed: str) -> None:
    assert not matches(folded_words(typed), NAME)


def test_accents_that_stand_apart_are_the_same() -> None:
    assert folded_words("Nguye\u0302\u0303n") == folded_words("Nguyễn") == ["nguyen"]


@pytest.mark.parametrize("typed", ["", " ", "...", "_", "\u0301"])
def test_what_has_no_letter_has_no_word(typed: str) -> None:
    assert folded_words(typed) == []
