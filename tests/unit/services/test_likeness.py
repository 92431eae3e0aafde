"""What speaks for two cases being of one person."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identify import Identity
from services.likeness import Described, LikenessSign, UnlikenessSign, likeness

BICH = Described(Identity("Trần Thị Bích", date(1950, 3, 8), None, "+84912345678", None, "12 Lê Lợi", 72), "female")
STRANGER = Described(Identity("Phạm Quốc Huy", date(1981, 9, 2), None, "+84987654321", None, "4 Hoa Mai", 40), "male")


def like(person: Described, sex: str = "female", **changed: object) -> Described:
    """The same but for what is given."""
    return Described(replace(person.identity, **changed), sex)  # type: ignore[arg-type]  # the tests' own names and types


def test_a_stranger_is_nothing_like_her() -> None:
    found = likeness(BICH, STRANGER)
    assert not found.speaks_for
    assert found.speaks_against == (UnlikenessSign.OTHER_NAME, UnlikenessSign.OTHER_BIRTH, UnlikenessSign.OTHER_SEX)


def test_one_national_id_speaks_for_one_person_whatever_else_was_said() -> None:
    found = likeness(like(BICH, national_id="079 050 000 001"), like(STRANGER, national_id="079050000001"))
    assert found.speaks_for == (LikenessSign.SAME_NATIONAL_ID,)


def test_two_national_ids_speak_against_it() -> None:
    found = likeness(like(BICH, national_id="079050000001"), like(BICH, national_id="079050000002"))
    assert found.speaks_against == (UnlikenessSign.OTHER_NATIONAL_ID,)


@pytest.mark.parametrize("name", ["tran thi bich", "Trần Thị Bích Ngọc", "Trân Thị Bík", "Bích Trần Thị"])
def test_a_name_written_otherwise_is_similar(name: str) -> None:
    found = likeness(BICH, like(BICH, name=name))
    assert LikenessSign.SAME_PHONE_AND_NAME in found.speaks_for
    assert UnlikenessSign.OTHER_NAME not in found.speaks_against


@pytest.mark.parametrize("name", ["Bích", "Trần Văn Bình", "Lê Thị Bích"])
def test_another_name_is_not_similar(name: str) -> None:
    assert UnlikenessSign.OTHER_NAME in likeness(BICH, like(BICH, name=name)).speaks_against


def test_twins_have_phone_and_birth_in_common_and_their_names_speak_against_it() -> None:
    found = likeness(BICH, like(BICH, name="Trần Thị Ngọc Lan"))
    assert found.speaks_for == (LikenessSign.SAME_PHONE_AND_BIRTH,)
    assert found.speaks_against == (UnlikenessSign.OTHER_NAME,)


def test_a_namesake_of_another_age_is_no_candidate() -> None:
    other = like(BICH, phone="+84900000001", birth_date=date(1992, 1, 1))
    assert not likeness(BICH, other).speaks_for


def test_a_year_of_birth_agrees_with_a_day_in_it() -> None:
    other = like(BICH, phone="+84900000001", birth_date=None, birth_year=1950)
    assert likeness(BICH, other).speaks_for == (LikenessSign.SAME_NAME_AND_BIRTH, LikenessSign.SIMILAR_NAME)


def test_what_is_known_already_comes_first() -> None:
    known, alike = likeness(BICH, STRANGER, same_person=True), likeness(BICH, BICH)
    assert known.order < alike.order


people = st.builds(
    Described,
    st.builds(
        Identity,
        st.sampled_from(["Trần Thị Bích", "Tran Thi Bich", "Trần Bích", "Lê An", "", "Bích"]),
        st.sampled_from([None, date(1950, 3, 8), date(1951, 1, 1)]),
        st.sampled_from([None, 1950, 1951]),
        st.sampled_from(["", "+84912345678", "+84987654321"]),
        st.sampled_from([None, "1", "2"]),
        st.just(""),
        st.none(),
    ),
    st.sampled_from(["female", "male"]),
)


@given(people, people)
def test_it_does_not_matter_which_is_named_first(one: Described, other: Described) -> None:
    assert likeness(one, other) == likeness(other, one)
