"""Sealed values open where they belong, and nowhere else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.keys import Key, KeyFileError, load_key
from access.pseudonym import Pseudonymiser
from access.sealing import Sealer, UnsealError

KEY = Key("k1", b"1" * 32)
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
    one = hashed.identity("+84912345678", "Nguyễn  Văn An", "1950-01-01")
    assert one == hashed.identity("+84912345678", "nguyễn văn an ", "1950-01-01")
    assert one != hashed.identity("+84912345678", "Nguyễn Văn An", "1950")
    assert one != Pseudonymiser(Key("k2", b"2" * 32)).identity("+84912345678", "Nguyễn Văn An", "1950-01-01")


def test_the_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "key"
    made = load_key(path)
    assert load_key(path) == made
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_holds_no_key_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("nonsense")
    with pytest.raises(KeyFileError, match="KHAIBAO_KEY_FILE"):
        load_key(path)
