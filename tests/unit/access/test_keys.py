"""The ring of keys: read, followed, changed as a whole, and refused where it would harm."""

import os
from pathlib import Path

import pytest

from access.keys import Key, KeyFileError, KeyRing, Standing, keys_from, load_keys, new_key, with_standing

OLD, NEW = Key("old", b"1" * 32), Key("new", b"2" * 32)
UPCOMING = Key("upcoming", b"3" * 32, Standing.NEXT)
RETIRED = Key("retired", b"0" * 32, Standing.RETIRED)


def written(path: Path, *keys: Key, mode: int = 0o600) -> Path:
    """The file with these keys in it."""
    path.write_text("".join(f"{key.line()}\n" for key in keys))
    path.chmod(mode)
    return path


def test_the_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "key"
    made = load_keys(path)
    assert load_keys(path).all == made.all
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


def test_a_file_of_one_line_is_a_ring_of_one(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"k1:{'ab' * 32}")
    path.chmod(0o600)
    assert load_keys(path).all == (Key("k1", bytes.fromhex("ab" * 32)),)


def test_the_last_key_in_use_is_current_and_the_next_one_only_known(tmp_path: Path) -> None:
    ring = load_keys(written(tmp_path / "key", RETIRED, OLD, NEW, UPCOMING))
    assert ring.current == NEW
    assert ring.known == (NEW, OLD, UPCOMING)
    assert ring.outgoing == (OLD,)
    assert ring.find("retired") == RETIRED


def test_the_environment_gives_the_same_lines_with_commas() -> None:
    assert keys_from(f"{OLD.line()}, {NEW.line()},{UPCOMING.line()}").known == (NEW, OLD, UPCOMING)
    with pytest.raises(KeyFileError, match="KHAIBAO_KEYS"):
        keys_from(OLD.line()).write([NEW])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "no key"),
        ("", "no key"),
        (f"k1:{'ab' * 31}\n", "no key"),
        (f"a.b:{'ab' * 32}\n", "no key"),
        (f"a-name-that-is-too-long:{'ab' * 32}\n", "no key"),
        (f"k1:{'ab' * 32} soon\n", "no key"),
        (f"k1:{'ab' * 32} next\n", "no key to write with"),
        (f"k1:{'ab' * 32}\nk1:{'cd' * 32}\n", "alike"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_without_quoting_it(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match=says) as refused:
        load_keys(path)
    assert "abab" not in str(refused.value)


def test_a_file_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="chmod o-rwx"):
        load_keys(written(tmp_path / "key", OLD, mode=0o644))
    assert load_keys(written(tmp_path / "key", OLD, mode=0o640)).current == OLD


def test_a_ring_follows_its_file_and_says_whether_it_changed(tmp_path: Path) -> None:
    ring = load_keys(written(tmp_path / "key", OLD))
    assert not ring.reload()
    written(tmp_path / "key", OLD, NEW)
    assert ring.reload()
    assert ring.current == NEW


def test_a_file_that_went_bad_leaves_the_ring_as_it_was(tmp_path: Path) -> None:
    ring = load_keys(written(tmp_path / "key", OLD))
    (tmp_path / "key").write_text("half a li")
    with pytest.raises(KeyFileError):
        ring.reload()
    assert ring.current == OLD


def test_an_unknown_name_makes_it_look_once_and_not_for_every_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 100.0
    monkeypatch.setattr("access.keys.time.monotonic", lambda: moment)
    ring = load_keys(written(tmp_path / "key", OLD))
    written(tmp_path / "key", OLD, NEW)
    assert ring.find("new") is None
    moment += 1
    assert ring.find("new") == NEW
    written(tmp_path / "key", OLD, NEW, UPCOMING)
    assert ring.find("upcoming") is None
    moment += 1
    assert ring.find("upcoming") == UPCOMING
    (tmp_path / "key").write_text("half a li")
    moment += 1
    assert ring.find("unknown") is None
    assert ring.current == NEW


def test_writing_replaces_the_file_as_a_whole_and_keeps_who_may_read_it(tmp_path: Path) -> None:
    path = written(tmp_path / "key", OLD, mode=0o640)
    ring = load_keys(path)
    ring.write([OLD, UPCOMING])
    assert load_keys(path).all == (OLD, UPCOMING) == ring.all
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["key"]


def test_nothing_is_written_that_could_not_be_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "key", OLD)
    with pytest.raises(KeyFileError):
        load_keys(path).write([RETIRED])
    assert load_keys(path).all == (OLD,)


def test_a_key_that_becomes_current_goes_last_and_one_that_retires_first() -> None:
    ring = KeyRing([RETIRED, OLD, UPCOMING])
    promoted = KeyRing(with_standing(ring.all, "upcoming", Standing.USED))
    assert promoted.current.name == "upcoming"
    retired = KeyRing(with_standing(promoted.all, "old", Standing.RETIRED))
    assert [key.name for key in retired.known] == ["upcoming"]
    assert retired.find("old")


def test_a_key_is_never_shown() -> None:
    made = new_key()
    assert made.secret.hex() not in repr(KeyRing([made]).all)
