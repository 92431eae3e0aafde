"""Codes of the second factor, against the ones that a real app makes."""

from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from access.second_factor import STEP_SECONDS, new_secret, step_of, uri

NOW = 1_700_000_010
STEP = NOW // STEP_SECONDS


@pytest.mark.parametrize(("away", "step"), [(-2, None), (-1, STEP - 1), (0, STEP), (1, STEP + 1), (2, None)])
def test_the_code_of_now_and_of_a_step_before_and_after_count(away: int, step: int | None) -> None:
    secret = new_secret()
    assert step_of(secret, pyotp.TOTP(secret).at(NOW, counter_offset=away), NOW) == step


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert step_of(new_secret(), code, NOW) is None


def test_a_code_may_be_typed_in_two_groups() -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOW)
    assert step_of(secret, f" {code[:3]} {code[3:]} ", NOW) == STEP


def test_the_uri_says_whose_the_secret_is() -> None:
    secret = new_secret()
    parts = urlsplit(uri(secret, "so.y.te"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {"secret": [secret], "issuer": ["Khai báo"]}
