"""The commands as an administrator runs them: what they print, and how they end."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

import data
from models.database import DatabaseUrls
from services.runtime import Runtime

ROOT = Path(__file__).parents[3]
PROGRAMS = {
    "areas": "from commands.areas import areas; areas()",
    "stations": "from commands.stations import stations; stations()",
}

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def khaibao(runtime: Runtime, urls: DatabaseUrls, tmp_path: Path) -> Run:
    """Runs a command in a process of its own on the database without areas."""
    settings = {
        "KHAIBAO_MODE": "test",
        "KHAIBAO_DATABASE_URL": urls.application,
        "KHAIBAO_SERVICE_URL": urls.service,
        "KHAIBAO_OWNER_URL": urls.owner,
        "KHAIBAO_DATA_DIR": str(tmp_path),
        "COLUMNS": "200",
    }

    def run(group: str, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", PROGRAMS[group], *map(str, arguments)],
            cwd=ROOT,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_the_city_is_imported_listed_and_changed(khaibao: Run) -> None:
    assert khaibao("areas", "import", data.AREAS_2022).stdout.startswith("335 areas added")
    assert khaibao("stations", "import", data.STATIONS_2022).stdout.startswith("334 stations added")
    assert khaibao("areas", "import", data.AREAS_2025).stdout.startswith("169 areas added")
    changed = khaibao("areas", "change", data.CHANGES_2025, "--json")
    assert (changed.returncode, orjson.loads(changed.stdout)["ended"]) == (0, 335)
    listed = khaibao("areas", "list", "--at", "2022-03-20", "--search", "ben nghe", "--json")
    assert [area["area_id"] for area in orjson.loads(listed.stdout)] == ["vn-79-2022-26740"]


def test_a_refused_file_ends_with_its_faults_and_what_to_do(khaibao: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(data.AREAS_2022.read_bytes() + b"x,nowhere,9,phuong,X,X,1,,soon,,test\n")
    refused = khaibao("areas", "import", wrong)
    assert refused.returncode == 1
    assert "line 337, column parent_id: there is no area nowhere" in refused.stderr
    assert refused.stderr.splitlines()[-1] == (
        "2 faults, nothing was changed; put them right and run the same command again"
    )
    told = orjson.loads(khaibao("areas", "import", wrong, "--json").stdout)
    assert [fault["code"] for fault in told["faults"]] == ["INVALID_DATE", "UNKNOWN_PARENT"]


def test_a_file_that_is_not_there_and_an_area_that_is_not_there_are_one_line_each(khaibao: Run) -> None:
    for arguments in (("import", "/nowhere.csv"), ("move", "nowhere", "--top")):
        refused = khaibao("areas", *arguments)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)


def test_a_move_without_a_place_is_a_wrong_use(khaibao: Run) -> None:
    assert khaibao("areas", "move", "a").returncode == 2


def test_an_area_is_moved_and_everything_numbered_anew(khaibao: Run) -> None:
    khaibao("areas", "import", data.AREAS_2022)
    moved = khaibao("areas", "move", "vn-79-2022-760", "--top", "--json")
    assert orjson.loads(moved.stdout)["areas"] == 11
    assert khaibao("areas", "renumber").returncode == 0
