"""The slow hash: the same for a letter however it is composed, and never a long queue."""

import asyncio
import unicodedata
from collections.abc import Iterator

import pytest

from access.passwords import Passwords, TooManyWaiting


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    """One thread, and two who may wait for it."""
    made = Passwords(cheap=True, most_waiting=2)
    yield made
    made.close()


async def test_a_password_matches_however_a_keyboard_composes_its_letters(passwords: Passwords) -> None:
    stored = await passwords.hash(unicodedata.normalize("NFD", "trạm y tế phường Bến Nghé"))
    assert await passwords.matches(stored, unicodedata.normalize("NFC", "trạm y tế phường Bến Nghé"))


async def test_nobodys_password_never_matches(passwords: Passwords) -> None:
    assert not await passwords.matches(None, "a password that nobody has")


async def test_of_a_storm_few_wait_and_the_others_are_told_at_once(passwords: Passwords) -> None:
    storm = [passwords.matches(None, f"guess {number}") for number in range(20)]
    answers = await asyncio.gather(*storm, return_exceptions=True)
    assert [type(one) for one in answers] == [bool] * 3 + [TooManyWaiting] * 17
    assert not await passwords.matches(None, "afterwards there is room again")
