"""Sealed values open where they belong, and nowhere else."""

import base64
import hmac
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.keys import Key, KeyRing, Standing
from access.pseudonym import Pseudonymiser, hashed_by
from access.sealing import Sealer, UnsealError, sealed_by

KEY, NEW = Key("k1", b"1" * 32), Key("k2", b"2" * 32)
sealer = Sealer(KEY)


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_what_was_sealed_opens_at_its_place(place: str, value: dict[str, str]) -> None:
    place = place.encode("utf-8", "replace").decode()
    value = {
        key.encode("utf-8", "replace").decode(): text.encode("utf-8", "replace").decode() for key, text in value.items()
    }
    assert sealer.open(place, sealer.seal(place, value)) == value


@given(st.integers(0, 60), st.integers(1, 255))
def test_any_changed_byte_is_noticed(place: int, change: int) -> None:
    sealed = bytearray(sealer.seal("case:1", {"name": "Nguyễn Văn A"}))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(UnsealError):
        sealer.open("case:1", bytes(sealed))


def test_a_value_moved_to_another_row_does_not_open() -> None:
    with pytest.raises(UnsealError):
        sealer.open("case:2", sealer.seal("case:1", {}))


def test_another_installations_key_does_not_open_it() -> None:
    with pytest.raises(UnsealError):
        Sealer(Key("k2", b"2" * 32)).open("case:1", sealer.seal("case:1", {}))


def test_hashes_know_a_person_again_however_the_name_is_written() -> None:
    hashed = Pseudonymiser(KEY)
    one = hashed.identities("+84912345678", "Nguyễn  Văn An", "1950-01-01")
    assert one == hashed.identities("+84912345678", "nguyễn văn an ", "1950-01-01")
    assert one != hashed.identities("+84912345678", "Nguyễn Văn An", "1950")
    same_name = Key("k1", b"2" * 32)
    assert one != Pseudonymiser(same_name).identities("+84912345678", "Nguyễn Văn An", "1950-01-01")


def test_after_a_key_is_exchanged_old_values_open_and_new_ones_are_sealed_with_the_new_key() -> None:
    old = sealer.seal("case:1", {"name": "An"})
    both = Sealer(KeyRing([KEY, NEW]))
    assert both.open("case:1", old) == {"name": "An"}
    assert sealed_by(both.seal("case:1", {})) == "k2"


def test_resealing_keeps_value_and_place_under_the_current_key() -> None:
    both = Sealer(KeyRing([KEY, NEW]))
    anew = both.reseal("case:1", sealer.seal("case:1", {"name": "An"}))
    assert Sealer(NEW).open("case:1", anew) == {"name": "An"}
    with pytest.raises(UnsealError):
        both.reseal("case:2", anew)


def test_what_was_never_sealed_does_not_open() -> None:
    for odd in (b"", b"\x02", b"\x02k1short", b"\xff" * 80):
        with pytest.raises(UnsealError):
            sealer.open("case:1", odd)


def test_hashes_are_given_under_every_known_key_with_the_current_one_first() -> None:
    before, during = Pseudonymiser(KEY), Pseudonymiser(KeyRing([KEY, NEW]))
    assert during.phones("+84912345678") == [during.phone("+84912345678"), before.phone("+84912345678")]
    assert [hashed_by(found) for found in during.phones("+84912345678")] == ["k2", "k1"]


def test_a_hash_with_the_longest_key_name_fits_its_column() -> None:
    assert len(Pseudonymiser(Key("k" * 16, b"1" * 32)).phone("+84912345678")) <= 64


def test_codes_and_bodies_of_an_older_key_are_still_known_and_of_an_unknown_one_are_not() -> None:
    id = UUID(int=7)
    before = Pseudonymiser(KEY)
    after = Pseudonymiser(KeyRing([replace(KEY, standing=Standing.RETIRED), NEW]))
    assert after.is_body(before.body(b"body"), b"body")
    assert not after.is_body(before.body(b"body"), b"other")
    assert after.is_code(before.code(id, "123456"), id, "123456")
    assert not Pseudonymiser(NEW).is_body(before.body(b"body"), b"body")


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_a_hash_is_the_hmac_of_its_purpose_and_value_however_often_one_was_made(secret: bytes, body: bytes) -> None:
    hashed = Pseudonymiser(Key("k", secret))
    own = hmac.digest(secret, b"khaibao pseudonym", "sha256")
    expected = base64.urlsafe_b64encode(hmac.digest(own, b"body\0" + body, "sha256")).decode().rstrip("=")
    assert [hashed.body(body) for _ in range(2)] == [f"k.{expected}"] * 2
