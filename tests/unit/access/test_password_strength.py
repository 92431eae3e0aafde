"""Which passwords are too weak."""

import pytest

from access.password_strength import weak
from access.passwords import first_password


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "aaaaaaaaaaaa",
        "121212121212",
        "123123123123",
        "123456789012",
        "210987654321",
        "abcdefghijklm",
        "ZYXWVUTSRQPO",
        "qwertyuiopas",
        "1qaz2wsx3edc",
        "passpasspass",
        "tram.benthanh",
        "Tram.BenThanh1",
    ],
)
def test_what_every_guesser_begins_with_is_weak(password: str) -> None:
    assert weak(password, "tram.benthanh")


@pytest.mark.parametrize("password", ["a long enough password", "mật khẩu của trạm y tế", "kmnp-7xqr-b2tz-hh4w"])
def test_a_long_password_needs_no_capitals_and_no_signs(password: str) -> None:
    assert not weak(password, "tram.benthanh")


def test_first_passwords_are_strong_readable_and_never_the_same() -> None:
    made = {first_password() for _ in range(500)}
    assert len(made) == 500
    assert not any(weak(one, "someone") for one in made)
    assert not any(letter in one for one in made for letter in "0O1lIi")
