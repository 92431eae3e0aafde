"""The embedded PostgreSQL, as root and as an ordinary user: each test holds for both."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psutil
import pytest
from tortoise.context import TortoiseContext

from models.database import DatabaseUrls, tortoise_config
from models.embedded import (
    BinariesMissing,
    EmbeddedPostgres,
    FolderInUse,
    FolderUnusable,
    StartFailed,
    WrongVersion,
    attached,
)
from models.embedded.binaries import find
from models.migrate import plain

LAUNCHER = """
import asyncio, sys
from pathlib import Path
from models.embedded import EmbeddedPostgres

async def main():
    server = EmbeddedPostgres(Path(sys.argv[1]))
    await server.start()
    print((await server.database("khaibao")).owner, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Below a folder that is closed to everybody else, which is the hard case for root."""
    tmp_path.chmod(0o700)
    return tmp_path / "postgres"


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """One server for the tests that only talk to it."""
    async with EmbeddedPostgres(tmp_path_factory.mktemp("shared") / "postgres") as running:
        yield running


@pytest.fixture
def launcher(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that serves `folder`; its first line is the owner's URL."""
    process = subprocess.Popen([sys.executable, "-c", LAUNCHER, folder], stdout=subprocess.PIPE, text=True)
    with process:
        yield process
        process.kill()


async def test_first_start_makes_the_folder_and_the_second_keeps_what_was_written(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        await _write(await server.database("khaibao"))
    async with EmbeddedPostgres(folder) as server:
        assert await _written(await server.database("khaibao")) == 1


async def test_a_warm_start_takes_less_than_two_seconds(folder: Path) -> None:
    async with EmbeddedPostgres(folder):
        pass
    started = time.monotonic()
    async with EmbeddedPostgres(folder):
        assert time.monotonic() - started < 2


async def test_killing_the_parent_leaves_no_server_behind_and_loses_nothing(
    folder: Path, launcher: "subprocess.Popen[str]"
) -> None:
    await _write(DatabaseUrls.one(await _first_line(launcher)))
    server = _server_of(launcher)
    launcher.kill()
    launcher.wait()
    await asyncio.to_thread(psutil.wait_procs, [server], timeout=20)
    assert not server.is_running()
    async with EmbeddedPostgres(folder) as again:
        assert await _written(await again.database("khaibao")) == 1


async def test_a_start_right_after_a_kill_waits_for_the_old_server(
    folder: Path, launcher: "subprocess.Popen[str]"
) -> None:
    await _write(DatabaseUrls.one(await _first_line(launcher)))
    launcher.kill()
    async with EmbeddedPostgres(folder) as again:
        assert await _written(await again.database("khaibao")) == 1


async def test_a_server_that_was_killed_itself_recovers_at_the_next_start(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        await _write(await server.database("khaibao"))
        os.kill(_pid_in(folder), signal.SIGKILL)
    async with EmbeddedPostgres(folder) as server:
        assert await _written(await server.database("khaibao")) == 1


async def test_a_lock_whose_number_is_another_process_today_is_no_obstacle(folder: Path) -> None:
    async with EmbeddedPostgres(folder):
        lock = (folder / "data" / "postmaster.pid").read_text()
    stale = "\n".join([str(os.getpid()), *lock.splitlines()[1:]])
    (folder / "data" / "postmaster.pid").write_text(stale)
    async with EmbeddedPostgres(folder) as server:
        await server.database("khaibao")


async def test_a_second_start_is_refused_in_one_line_that_names_the_holder(folder: Path) -> None:
    async with EmbeddedPostgres(folder):
        with pytest.raises(FolderInUse, match=rf"process {os.getpid()} .*KHAIBAO_DATA_DIR") as refused:
            await EmbeddedPostgres(folder).start()
        assert "\n" not in str(refused.value)


async def test_another_process_can_attach_to_a_server_that_runs(
    folder: Path, launcher: "subprocess.Popen[str]"
) -> None:
    owner = await _first_line(launcher)
    found = attached(folder, "khaibao")
    assert found is not None
    assert found.owner == owner
    launcher.kill()
    launcher.wait()
    assert attached(folder, "khaibao") is None
    async with EmbeddedPostgres(folder):
        assert not _exists(_socket(owner)), "what the killed launcher left is tidied up by the next"


async def test_the_server_never_runs_as_root_and_nobody_else_reaches_its_socket(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        socket = _socket((await server.database("khaibao")).owner)
        process = psutil.Process(_pid_in(folder))
        assert process.uids().real != 0
        assert process.net_connections("inet") == []
        assert stat.S_IMODE(os.stat(socket).st_mode) == 0o700
        assert folder not in socket.parents
    assert not _exists(socket)


async def test_binaries_below_a_closed_folder_serve_too(folder: Path, tmp_path: Path) -> None:
    installation = find(None).parent
    package = tmp_path / "closed" / installation.parent.name
    shutil.copytree(installation, package / installation.name, symlinks=True)
    libraries = installation.parent.with_name(installation.parent.name + ".libs")
    shutil.copytree(libraries, package.with_name(libraries.name))
    (tmp_path / "closed").chmod(0o700)
    async with EmbeddedPostgres(folder, package / installation.name) as server:
        await server.database("khaibao")


@pytest.mark.parametrize("login", ["application", "service", "owner"])
async def test_no_login_is_a_superuser_or_a_member_of_another(server: EmbeddedPostgres, login: str) -> None:
    connection = await asyncpg.connect(getattr(await server.database("khaibao"), login))
    row = await connection.fetchrow(
        "SELECT rolsuper, rolcreaterole, rolbypassrls,"
        " (SELECT count(*) FROM pg_auth_members WHERE member = r.oid) AS memberships"
        " FROM pg_roles r WHERE rolname = current_user"
    )
    await connection.close()
    assert tuple(row) == (False, False, login == "owner", 0)


async def test_only_the_owner_may_make_a_table(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect((await server.database("khaibao")).application)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("CREATE TABLE public.mine (n int)")
    await connection.close()


async def test_tortoise_connects_by_these_urls(server: EmbeddedPostgres) -> None:
    urls = await server.database("khaibao")
    described = tortoise_config(urls)["connections"]["service"]["credentials"]
    connection = await asyncpg.connect(host=described["host"], user=described["user"], database="khaibao")
    assert await connection.fetchval("SELECT current_user") == "khaibao_service"
    await connection.close()
    # A context of its own: the other tests' connections are of the one that the process shares.
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(urls))
        found = await context.connections.get("application").execute_query_dict("SELECT current_user AS login")
    assert found == [{"login": "khaibao_app"}]


async def test_a_fresh_database_is_empty_and_its_neighbour_untouched(server: EmbeddedPostgres) -> None:
    await _write(await server.database("khaibao_kept"))
    await _write(await server.database("khaibao_demo"))
    emptied = await server.database("khaibao_demo", fresh=True)
    with pytest.raises(asyncpg.UndefinedTableError):
        await _written(emptied)
    assert await _written(await server.database("khaibao_kept")) == 1


async def test_a_name_that_needs_quoting_is_refused(server: EmbeddedPostgres) -> None:
    with pytest.raises(ValueError, match="cannot name a database"):
        await server.database('x"; DROP DATABASE khaibao; --')


async def test_a_folder_of_another_major_version_is_refused(folder: Path) -> None:
    async with EmbeddedPostgres(folder):
        pass
    (folder / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(WrongVersion, match="written by PostgreSQL 12"):
        await EmbeddedPostgres(folder).start()


async def test_a_file_in_the_way_is_said_in_one_line(folder: Path) -> None:
    os.mknod(folder)
    with pytest.raises(FolderUnusable, match=r"a file is in the way.*KHAIBAO_DATA_DIR"):
        await EmbeddedPostgres(folder).start()


async def test_a_folder_that_is_no_database_is_left_alone(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderUnusable, match="no PostgreSQL data folder"):
        await EmbeddedPostgres(folder).start()
    assert (folder / "data" / "thesis.txt").exists()


async def test_missing_binaries_are_said_with_the_setting_that_names_them(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BinariesMissing, match="KHAIBAO_POSTGRES_BIN"):
        await EmbeddedPostgres(folder, tmp_path / "nowhere").start()


async def test_what_postgresql_refuses_is_quoted_and_the_folder_is_free_again(folder: Path) -> None:
    async with EmbeddedPostgres(folder):
        pass
    (folder / "data" / "postgresql.auto.conf").write_text("work_mem = 'a lot'\n")
    with pytest.raises(StartFailed, match=r"FATAL.*start\.log"):
        await EmbeddedPostgres(folder).start()
    assert attached(folder, "khaibao") is None
    (folder / "data" / "postgresql.auto.conf").write_text("")
    async with EmbeddedPostgres(folder):
        pass


async def test_a_start_that_was_interrupted_while_making_the_folder_is_made_again(folder: Path) -> None:
    (folder / "data.new" / "base").mkdir(parents=True)
    async with EmbeddedPostgres(folder) as server:
        await server.database("khaibao")
    assert not (folder / "data.new").exists()


async def _write(urls: DatabaseUrls) -> None:
    connection = await asyncpg.connect(urls.owner)
    await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
    await connection.close()


async def _written(urls: DatabaseUrls) -> int:
    connection = await asyncpg.connect(urls.owner)
    try:
        count: int = await connection.fetchval("SELECT count(*) FROM kept")
        return count
    finally:
        await connection.close()


def _socket(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def _exists(path: Path) -> bool:
    return path.exists()


async def _first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return (await asyncio.to_thread(process.stdout.readline)).strip()


def _server_of(process: "subprocess.Popen[str]") -> psutil.Process:
    (server,) = psutil.Process(process.pid).children()
    return server


def _pid_in(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


async def test_only_a_database_that_is_thrown_away_trusts_the_machine(tmp_path_factory: pytest.TempPathFactory) -> None:
    for durable, said in ((True, "on"), (False, "off")):
        async with EmbeddedPostgres(tmp_path_factory.mktemp("fsync"), durable=durable) as server:
            urls = await server.database("khaibao_fsync")
            connection = await asyncpg.connect(plain(urls.owner))
            try:
                assert await connection.fetchval("SHOW fsync") == said
            finally:
                await connection.close()
