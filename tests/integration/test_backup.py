"""A backup is of one moment although people go on declaring, and a new installation made of it counts the same."""

import asyncio
import os
import stat
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from access.actor import ANONYMOUS
from models.database import DatabaseUrls, service_connection
from models.dump import FORGOTTEN, DumpRefused, dump, restore
from models.embedded import EmbeddedPostgres
from models.embedded.binaries import find
from models.evidence import Evidence
from models.migrate import plain
from models.object_names import object_names
from models.state import EvidenceKind
from services.declare import declare
from services.recount import recount
from services.runtime import Runtime
from services.stored_object import get
from services.upload_evidence import place_of, upload_evidence
from services.upload_ticket import read_upload, request_upload
from storage.copy_objects import Copied, copy_objects
from storage.object_store import open_store
from tests.integration.made import BREATHLESS, household, person, wards
from tests.integration.test_migrate import UP, run
from tests.integration.test_photo_desk import jpeg, opened

PROGRAMS = find(None)

_COUNTED = """
SELECT ARRAY[(SELECT count(*) FROM declaration), (SELECT sum(declared) FROM area_count WHERE day = '-infinity'),
  (SELECT count(*) FROM alert), (SELECT count(*) FROM alert_event), (SELECT count(*) FROM illness_case)]
"""


async def value(url: str, query: str) -> object:
    connection = await asyncpg.connect(plain(url))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def empty(server: EmbeddedPostgres) -> DatabaseUrls:
    return await server.database("khaibao_restored", fresh=True)


async def test_a_backup_taken_while_people_declare_is_of_one_moment(
    runtime: Runtime, urls: DatabaseUrls, server: EmbeddedPostgres, tmp_path: Path
) -> None:
    (ward, *_) = await wards(1)
    stopping = asyncio.Event()

    async def declaring() -> None:
        while not stopping.is_set():
            await declare(runtime, ANONYMOUS, household(person(BREATHLESS), person(), ward=ward))

    await declare(runtime, ANONYMOUS, household(ward=ward))
    people = [asyncio.create_task(declaring()) for _ in range(4)]
    file = tmp_path / "copy"
    await dump(PROGRAMS, urls.owner, file, lambda _: None)
    stopping.set()
    await asyncio.gather(*people)
    assert file.stat().st_size > 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    restored = await empty(server)
    await restore(PROGRAMS, restored.owner, file)
    await run(UP, restored)
    found = await value(restored.owner, _COUNTED)
    assert isinstance(found, list)
    declarations, counted, alerts, events, cases = found
    assert declarations == counted == cases > 0
    assert alerts == events
    sealed, id = await _first(restored.owner)
    assert runtime.sealer.open(f"case:{id}", sealed)["phone"]


async def _first(url: str) -> tuple[bytes, object]:
    connection = await asyncpg.connect(plain(url))
    try:
        row = await connection.fetchrow("SELECT id, identity FROM illness_case LIMIT 1")
        return row["identity"], row["id"]
    finally:
        await connection.close()


async def test_a_restored_installation_has_its_walls_and_nobody_is_signed_in(
    runtime: Runtime, urls: DatabaseUrls, server: EmbeddedPostgres, tmp_path: Path
) -> None:
    file = tmp_path / "copy"
    await dump(PROGRAMS, urls.owner, file, lambda _: None)
    restored = await empty(server)
    await restore(PROGRAMS, restored.owner, file)
    await run(UP, restored)
    policies = (
        "SELECT array_agg(tablename || policyname || roles::text || coalesce(qual, '') ORDER BY 1) FROM pg_policies"
    )
    assert await value(restored.owner, policies) == await value(urls.owner, policies)
    for table in FORGOTTEN:
        assert await value(restored.owner, f"SELECT count(*) FROM {table}") == 0
    numbers = "SELECT nextval('alert_log_number')"
    assert await value(restored.service, numbers) == await value(urls.service, numbers)


async def test_nothing_is_restored_over_an_installation(urls: DatabaseUrls, tmp_path: Path) -> None:
    file = tmp_path / "copy"
    await dump(PROGRAMS, urls.owner, file, lambda _: None)
    with pytest.raises(DumpRefused, match="not empty"):
        await restore(PROGRAMS, urls.owner, file)


async def test_a_place_where_no_installation_has_begun_is_not_taken_for_a_backup(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    nothing, file = await empty(server), tmp_path / "copy"
    with pytest.raises(DumpRefused, match="nothing to copy"):
        await dump(PROGRAMS, nothing.owner, file, lambda _: None)
    assert not file.exists()


async def test_what_is_no_backup_is_refused_and_leaves_the_database_empty(
    server: EmbeddedPostgres, urls: DatabaseUrls, tmp_path: Path
) -> None:
    whole = tmp_path / "copy"
    await dump(PROGRAMS, urls.owner, whole, lambda _: None)
    half = tmp_path / "half"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    restored = await empty(server)
    with pytest.raises(DumpRefused):
        await restore(PROGRAMS, restored.owner, half)
    assert await value(restored.owner, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    half.write_text("nothing of the kind")
    with pytest.raises(DumpRefused, match="no copy"):
        await restore(PROGRAMS, restored.owner, half)


async def test_a_backup_that_is_broken_off_leaves_no_file(urls: DatabaseUrls, tmp_path: Path) -> None:
    making = asyncio.create_task(dump(PROGRAMS, urls.owner, tmp_path / "copy", lambda _: None))
    await asyncio.sleep(0)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert os.listdir(tmp_path) == []


async def test_programs_of_another_version_are_named(urls: DatabaseUrls, tmp_path: Path) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.1'\n")
    old.chmod(0o755)
    with pytest.raises(DumpRefused, match="KHAIBAO_POSTGRES_BIN"):
        await dump(tmp_path, urls.owner, tmp_path / "copy", lambda _: None)


async def test_a_recount_finds_a_counter_that_is_wrong(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    await declare(runtime, ANONYMOUS, household(person(BREATHLESS), ward=ward))
    assert (await recount()).differences == {}
    await service_connection().execute_query("UPDATE area_count SET declared = declared + 1")
    assert (await recount()).differences == {"declarations": (2, 1)}


async def test_photos_are_copied_once_and_come_back_with_their_database(
    runtime: Runtime, urls: DatabaseUrls, tmp_path: Path
) -> None:
    (ward, *_) = await wards(1)
    here = replace(runtime, objects=open_store(None, tmp_path / "objects"))
    for _ in range(2):
        upload = read_upload(here, (await request_upload(here, ANONYMOUS, EvidenceKind.TEST)).ticket)
        photo = await upload_evidence(here, upload, jpeg((64, 48)))
        await declare(here, ANONYMOUS, household(replace(person(), evidence=(photo.id,)), ward=ward))
    names = await object_names(urls.owner)
    kept, elsewhere = open_store(None, tmp_path / "kept"), open_store(None, tmp_path / "elsewhere")
    seen: list[int] = []
    assert await copy_objects(here.objects, kept, names, lambda done, _: seen.append(done)) == Copied(copied=2)
    assert seen == [1, 2]
    assert await copy_objects(here.objects, kept, names, lambda *_: None) == Copied(there=2)
    assert await copy_objects(kept, elsewhere, [*names, "ab/gone"], lambda *_: None) == Copied(copied=2, missing=1)
    row = await Evidence.get(id=photo.id, using_db=service_connection())
    there = replace(runtime, objects=elsewhere)
    assert opened(await get(there, place_of(row.id), row.object_key or "", row.data_key or b"")).size == (64, 48)
