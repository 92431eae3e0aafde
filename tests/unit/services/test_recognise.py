"""Whose case a report joins, and whose history it continues."""

from dataclasses import replace
from uuid import uuid4

import pytest

from services.declaration_place import Known, Place
from services.recognise import case_to_join, person_of

WARD = Place("ward", 10, "Phường 1", True, "station", "Trạm", None, ())
MINE, OTHERS = ["my phone", "my phone under the key of before"], "another phone"


def known(**given: object) -> Known:
    """An open, unverified case of another phone in this ward, but for what is given."""
    plain = Known("hash", uuid4(), uuid4(), False, False, OTHERS, 3, False, False, "ward", True)
    return replace(plain, **given)  # type: ignore[arg-type]  # names and types are the tests' own


SURE = [{"verified": True}, {"confirmed": True}, {"phone_hash": MINE[0]}, {"phone_hash": MINE[1]}]


@pytest.mark.parametrize("given", SURE)
def test_what_is_beyond_doubt_is_joined_and_its_person_recognised(given: dict[str, object]) -> None:
    found = known(**given)
    assert case_to_join([found], WARD, MINE) is found
    assert person_of([found], MINE) == found.person_id


def test_a_strangers_unverified_case_is_neither_joined_nor_continued() -> None:
    assert case_to_join([known()], WARD, MINE) is None
    assert person_of([known()], MINE) is None


@pytest.mark.parametrize("given", SURE)
def test_a_person_that_a_stranger_made_up_is_passed_over_for_the_real_one(given: dict[str, object]) -> None:
    made_up, real = known(), known(**given)
    assert person_of([made_up, real], MINE) == real.person_id
    assert case_to_join([made_up, real], WARD, MINE) is real


def test_a_case_of_another_ward_is_not_joined_but_its_person_is_the_same() -> None:
    elsewhere = known(verified=True, area_id="another ward")
    assert case_to_join([elsewhere], WARD, MINE) is None
    assert person_of([elsewhere], MINE) == elsewhere.person_id


@pytest.mark.parametrize("given", SURE)
def test_a_case_that_is_over_is_never_joined_but_its_person_is_known_again(given: dict[str, object]) -> None:
    over = known(open=False, **given)
    assert case_to_join([over], WARD, MINE) is None
    assert person_of([over], MINE) == over.person_id


def test_of_a_person_with_an_episode_over_and_one_open_the_open_one_is_joined() -> None:
    over, ill = known(open=False, verified=True), known(verified=True)
    assert case_to_join([over, ill], WARD, MINE) is ill
