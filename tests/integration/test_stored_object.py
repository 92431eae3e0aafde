"""Objects in a store: encrypted, each with a key of its own, and bound to its name."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from access.sealing import UnsealError
from services.runtime import Runtime
from services.stored_object import get, new_object, put, remove
from storage.object_store import ObjectMissing, StoreUnavailable, open_store

PLACE = "certificate_key:4711"


@pytest.fixture
def on_disk(house: Runtime, tmp_path: Path) -> Runtime:
    """The runtime with its objects in a folder."""
    return replace(house, objects=open_store(None, tmp_path / "objects"))


def objects_of(folder: Path) -> list[Path]:
    """The files of a store."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_an_object_comes_back_as_it_was_put(on_disk: Runtime) -> None:
    data = os.urandom(200_000)
    stored = await put(on_disk, PLACE, data)
    assert await get(on_disk, PLACE, stored.object_key, stored.data_key) == data


async def test_what_lies_in_the_store_tells_nothing(on_disk: Runtime, tmp_path: Path) -> None:
    await put(on_disk, PLACE, b"Nguyen Thi Lan")
    [file] = objects_of(tmp_path / "objects")
    assert b"Nguyen" not in file.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "objects").stat().st_mode) == 0o700


async def test_two_objects_cannot_be_exchanged(on_disk: Runtime) -> None:
    one, other = await put(on_disk, PLACE, b"one"), await put(on_disk, PLACE, b"other")
    with pytest.raises(UnsealError):
        await get(on_disk, PLACE, other.object_key, one.data_key)
    await on_disk.objects.put(one.object_key, await on_disk.objects.get(other.object_key))
    with pytest.raises(UnsealError):
        await get(on_disk, PLACE, one.object_key, one.data_key)


async def test_a_key_opens_at_its_place_alone(on_disk: Runtime) -> None:
    stored = await put(on_disk, PLACE, b"x")
    with pytest.raises(UnsealError):
        await get(on_disk, "evidence:4711", stored.object_key, stored.data_key)


async def test_a_row_can_stand_before_its_bytes_do(on_disk: Runtime) -> None:
    made = new_object(on_disk, PLACE)
    with pytest.raises(ObjectMissing):
        await get(on_disk, PLACE, made.object_key, made.data_key)
    assert await put(on_disk, PLACE, b"first", made) == made
    await put(on_disk, PLACE, b"again", made)
    assert await get(on_disk, PLACE, made.object_key, made.data_key) == b"again"


async def test_removing_twice_is_removing(on_disk: Runtime, tmp_path: Path) -> None:
    stored = await put(on_disk, PLACE, b"x")
    await remove(on_disk, stored.object_key)
    await remove(on_disk, stored.object_key)
    assert objects_of(tmp_path / "objects") == []


async def test_a_store_that_is_not_there_is_said_in_a_line(house: Runtime, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailable, match="object store cannot be opened"):
        open_store(f"file://{tmp_path}/file/below", tmp_path)
    with pytest.raises(StoreUnavailable):
        open_store("https://user@nowhere.invalid:port/", tmp_path)
