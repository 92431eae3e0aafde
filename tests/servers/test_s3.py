"""Objects behind s3://: kept by a server that speaks the protocol, and what it refuses or fails to do has a name."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from access.actor import ANONYMOUS
from models.database import service_connection
from models.evidence import Evidence
from services.remove_evidence import remove_evidence
from services.remove_objects import remove_objects
from services.runtime import Runtime
from services.stored_object import get
from services.upload_evidence import place_of, upload_evidence
from storage.object_store import ObjectMissing, ObjectStore, StoreUnavailable, open_store
from tests.integration import conftest as integration
from tests.integration.test_evidence import PHOTO, declared, ticket
from tests.integration.test_photo_desk import opened
from tests.servers.s3 import BUCKET, S3, open_s3, started

pytestmark = pytest.mark.servers

# Its fixtures, by the names under which pytest looks for them.
server, urls, house, runtime = integration.server, integration.urls, integration.house, integration.runtime

ADDRESS = f"s3://{BUCKET}/photos"


@pytest.fixture(scope="module")
async def s3() -> AsyncIterator[S3]:
    with started() as found:
        async with open_s3(found) as reached:
            yield reached


@pytest.fixture
def store(s3: S3, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """The store as the settings open it."""
    s3.environment(monkeypatch)
    return open_store(ADDRESS, Path("unused"))


async def test_what_is_put_comes_back_and_what_is_removed_does_not(store: ObjectStore) -> None:
    data = bytes(range(256)) * 4096
    await store.put("ab/one", data)
    assert await store.get("ab/one") == data
    assert await store.has("ab/one")
    await store.put("ab/one", b"over it")
    assert await store.get("ab/one") == b"over it"
    for _ in range(2):
        await store.remove("ab/one")
    assert not await store.has("ab/one")
    with pytest.raises(ObjectMissing):
        await store.get("ab/one")


@pytest.mark.parametrize("changed", [{"AWS_SECRET_ACCESS_KEY": "wrong"}, {"AWS_ACCESS_KEY_ID": "NOBODY"}])
async def test_wrong_keys_are_a_store_that_cannot_be_used_and_never_a_missing_object(
    s3: S3, changed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.environment(monkeypatch, **changed)
    store = open_store(ADDRESS, Path("unused"))
    for act in (store.put("ab/two", b"x"), store.get("ab/two"), store.has("ab/two")):
        with pytest.raises(StoreUnavailable) as found:
            await act
        assert s3.secret not in str(found.value)
    # An answer of "gone" here would let the sweep forget what still lies there.
    with pytest.raises(StoreUnavailable):
        await store.remove("ab/two")


async def test_a_bucket_that_is_none_takes_nothing(store: ObjectStore) -> None:
    with pytest.raises(StoreUnavailable, match="no such bucket"):
        await open_store("s3://elsewhere", Path("unused")).put("ab/three", b"x")


async def test_a_server_that_is_away_for_a_moment_is_asked_again(s3: S3, store: ObjectStore) -> None:
    await store.put("ab/four", b"before")
    s3.wire.close()
    asked = asyncio.create_task(store.get("ab/four"))
    # The first try has failed once the socket's port is refused; ours goes on asking meanwhile.
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", s3.port)
    await s3.wire.open()
    assert await asked == b"before"


async def test_a_photo_survives_a_server_that_is_away_and_lies_there_once(
    s3: S3, store: ObjectStore, runtime: Runtime
) -> None:
    runtime = replace(runtime, objects=store)
    upload = await ticket(runtime, ANONYMOUS)
    s3.wire.close()
    with pytest.raises(StoreUnavailable):
        await upload_evidence(runtime, upload, PHOTO)
    await s3.wire.open()
    first = await upload_evidence(runtime, upload, PHOTO)
    again = await upload_evidence(runtime, upload, PHOTO)
    assert again == replace(first, repeated=True)
    row = await Evidence.get(id=first.id, using_db=service_connection())
    assert row.object_key is not None
    assert row.data_key is not None
    assert opened(await get(runtime, place_of(row.id), row.object_key, row.data_key)).size == (64, 48)
    _, nurse = await declared(runtime, ANONYMOUS, upload.id)
    await remove_evidence(runtime, nurse, first.id, "a reason")
    s3.wire.close()
    assert await remove_objects(runtime) == 0
    await s3.wire.open()
    assert await store.has(row.object_key)
    assert await remove_objects(runtime) == 1
    assert not await store.has(row.object_key)
