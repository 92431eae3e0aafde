"""Back to a moment before a table was dropped, by the steps of docs/operations.md, with PostgreSQL 15."""

import asyncio
import os
import re
from pathlib import Path

import pytest

from commands.session import runtime_on
from tests.acceptance.conftest import ROOT, Place, execute
from tests.servers.conftest import Cluster, open_folder

pytestmark = pytest.mark.servers


def told(setting: str, archive: Path) -> str:
    """What the recipe says of a setting, with the archive where it is here."""
    recipe = (ROOT / "docs" / "operations.md").read_text()
    found = re.search(rf"^{setting} = '(.*)'$", recipe, re.MULTILINE)
    assert found is not None
    return found[1].replace("/archive", str(archive))


def belong_to_the_server(path: Path) -> None:
    """Gives it to whom the folder belongs: the account that PostgreSQL runs as."""
    owner = path.parent.stat()
    os.chown(path, owner.st_uid, owner.st_gid)


async def test_what_was_there_before_a_table_was_dropped_is_there_again(tmp_path: Path) -> None:
    with open_folder() as folder:
        archive = folder / "archive"
        primary = Cluster(folder, options=f'-c archive_mode=on -c "archive_command={told("archive_command", archive)}"')
        primary.make()
        archive.mkdir()
        belong_to_the_server(archive)
        place = Place(tmp_path, primary.database("lived"))
        try:
            async with runtime_on(place.settings, place.urls):
                pass
            primary.run("pg_basebackup", "-h", str(folder), "-U", "postgres", "-D", str(folder / "base"), "-c", "fast")
            await execute(place.urls, "UPDATE installation SET access_version = 77")
            moment = primary.ask("SELECT clock_timestamp()")
            await execute(place.urls, "DROP TABLE alert_event CASCADE")
            primary.sql("SELECT pg_switch_wal()")
            await asyncio.to_thread(_archived, primary)
        finally:
            primary.stop()
        restored = Cluster(folder, data="base")
        lines = f"restore_command = '{told('restore_command', archive)}'\nrecovery_target_time = '{moment}'\n"
        with (restored.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"{lines}recovery_target_action = '{told('recovery_target_action', archive)}'\n")
        (restored.data / "recovery.signal").touch()
        belong_to_the_server(restored.data / "recovery.signal")
        restored.start()
        try:
            await asyncio.to_thread(_promoted, restored)
            assert _asked(restored, "SELECT access_version FROM installation") == "77"
            async with runtime_on(place.settings, place.urls) as runtime:
                assert runtime.hub.position == 0
        finally:
            restored.stop()


def _asked(cluster: Cluster, question: str) -> str:
    arguments = ("-h", str(cluster.folder), "-U", "postgres", "-d", "lived", "-qAtc", question)
    return cluster.run("psql", *arguments).strip()


def _archived(cluster: Cluster) -> None:
    while cluster.ask("SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'") != "0":
        pass


def _promoted(cluster: Cluster) -> None:
    # It answers before it has arrived, and takes nothing until then.
    while cluster.ask("SELECT pg_is_in_recovery()") != "f":
        pass
