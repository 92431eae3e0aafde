"""Signatures of what goes to a gateway and comes from one."""

import pytest

from access.keys import Key, KeyRing, Standing
from alerts.delivery_token import delivery_token, token_fits
from alerts.signature import SIGNATURE, TIMESTAMP, WINDOW_SECONDS, holds, signed
from models.identifier import uuid7

NOW = 1_647_572_400.0
BODY = b'{"id":"1"}'


def check(headers: dict[str, str], *, secret: str = "secret", body: bytes = BODY, now: float = NOW) -> bool:
    return holds(secret, body, headers[TIMESTAMP], headers[SIGNATURE], now)


def test_a_signature_is_of_time_and_body_as_the_documentation_says() -> None:
    assert signed("secret", BODY, NOW) == {
        TIMESTAMP: "1647572400",
        SIGNATURE: "sha256=83a7d7d3243cf460e4182a07077c9b05f9749f1720141b55cac449130b9a764b",
    }


@pytest.mark.parametrize("apart", [-WINDOW_SECONDS, 0, WINDOW_SECONDS])
def test_a_signature_holds_for_a_while(apart: float) -> None:
    assert check(signed("secret", BODY, NOW), now=NOW + apart)


@pytest.mark.parametrize("apart", [-WINDOW_SECONDS - 1, WINDOW_SECONDS + 1])
def test_an_old_one_and_one_of_the_future_do_not(apart: float) -> None:
    assert not check(signed("secret", BODY, NOW), now=NOW + apart)


def test_another_body_another_secret_and_another_time_are_found() -> None:
    headers = signed("secret", BODY, NOW)
    assert not check(headers, body=BODY + b" ")
    assert not check(headers, secret="another")
    assert not check({**headers, TIMESTAMP: "1647572401"})


@pytest.mark.parametrize(
    ("timestamp", "signature"), [("", ""), ("now", "sha256="), ("1647572400", "sha256=é"), ("²", "x")]
)
def test_what_is_no_signature_is_none(timestamp: str, signature: str) -> None:
    assert not holds("secret", BODY, timestamp, signature, NOW)


def test_a_receipt_s_token_is_of_one_message_and_outlives_a_rotation() -> None:
    old, new = Key("old", b"o" * 32), Key("new", b"n" * 32)
    id, other = uuid7(), uuid7()
    token = delivery_token(old, id)
    assert len(token) == 22
    rotated = KeyRing([Key("old", b"o" * 32, Standing.RETIRED), new])
    assert token_fits(rotated, id, token)
    assert not token_fits(rotated, other, token)
    assert not token_fits(KeyRing([new]), id, token)
    assert not token_fits(rotated, id, "é")
