"""The two trees of the city and the step between them, as they are shipped."""

import csv
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

import data
from models.area_name import search_names
from services.area_change_file import ENDING_KINDS, KnownArea, read_changes
from services.area_file import AreaLine, read_areas


def areas(file: Path) -> dict[str, AreaLine]:
    """The areas of a file by their identity."""
    return {area.id: area for area in read_areas(file.read_bytes(), {})}


def kinds(tree: Mapping[str, AreaLine]) -> Counter[tuple[int, str]]:
    """How many areas there are of each level and type."""
    return Counter((area.level, area.type) for area in tree.values())


def test_the_tree_of_march_2022_is_complete() -> None:
    assert kinds(areas(data.AREAS_2022)) == {
        (1, "thanh_pho"): 1,
        (2, "quan"): 16,
        (2, "huyen"): 5,
        (2, "thanh_pho"): 1,
        (3, "phuong"): 249,
        (3, "xa"): 58,
        (3, "thi_tran"): 5,
    }


def test_the_tree_since_july_2025_is_complete() -> None:
    assert kinds(areas(data.AREAS_2025)) == {
        (1, "thanh_pho"): 1,
        (2, "phuong"): 113,
        (2, "xa"): 54,
        (2, "dac_khu"): 1,
    }


def test_a_code_is_not_an_identity() -> None:
    old, new = areas(data.AREAS_2022)["vn-79-2022-26740"], areas(data.AREAS_2025)["vn-79-2025-26740"]
    assert (old.name, new.name) == ("Phường Bến Nghé", "Phường Sài Gòn")
    assert old.national_code == new.national_code


@pytest.mark.parametrize("file", [data.AREAS_2022, data.AREAS_2025])
def test_a_type_is_what_the_name_says(file: Path) -> None:
    kind = {
        "phuong": "Phường ",
        "xa": "Xã ",
        "thi_tran": "Thị trấn ",
        "dac_khu": "Đặc khu ",
        "quan": "Quận ",
        "huyen": "Huyện ",
        "thanh_pho": "Thành phố ",
    }
    assert all(area.name.startswith(kind[area.type]) for area in areas(file).values())


@pytest.mark.parametrize("file", sorted(data.FOLDER.glob("*.csv")))
def test_every_file_is_nfc_with_single_spaces(file: Path) -> None:
    text = file.read_text("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert "  " not in text


def test_every_area_of_2022_has_its_place_in_the_step() -> None:
    old, new = areas(data.AREAS_2022), areas(data.AREAS_2025)
    known = {area.id: KnownArea(area.valid_from, area.valid_to) for area in (*old.values(), *new.values())}
    steps = read_changes(data.CHANGES_2025.read_bytes(), known)
    ending = [step.from_id for step in steps if step.kind in ENDING_KINDS]
    assert sorted(ending) == sorted(old)
    assert {step.to_id for step in steps} <= set(new)
    assert Counter(step.kind for step in steps) == {"merge": 301, "split": 34, "part": 38}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Phường Bến Nghé", ["Phường Sài Gòn"]),
        ("Phường Nguyễn Thái Bình", ["Phường Bến Thành", "Phường Sài Gòn"]),
        ("Xã Thạnh An", ["Xã Thạnh An"]),
        ("Xã Quy Đức", ["Xã Hưng Long"]),
    ],
)
def test_a_ward_went_where_the_resolution_says(old: str, new: list[str]) -> None:
    names = {area.id: area.name for file in (data.AREAS_2022, data.AREAS_2025) for area in areas(file).values()}
    with data.CHANGES_2025.open(encoding="utf-8", newline="") as file:
        went = [names[step["to_id"]] for step in csv.DictReader(file) if names[step["from_id"]] == old]
    assert sorted(went) == new


def test_each_ward_has_a_station_and_each_district_a_centre() -> None:
    with data.STATIONS_2022.open(encoding="utf-8", newline="") as file:
        stations = list(csv.DictReader(file))
    level = {area.id: area.level for area in areas(data.AREAS_2022).values()}
    assert Counter((station["kind"], level[station["area_id"]]) for station in stations) == {
        ("WARD_STATION", 3): 312,
        ("MEDICAL_CENTRE", 2): 22,
    }
    assert len({station["area_id"] for station in stations}) == 334


def test_no_station_outside_the_demo_has_a_telephone() -> None:
    with data.STATIONS_2022.open(encoding="utf-8", newline="") as file:
        assert {station["phone"] for station in csv.DictReader(file)} == {""}


def test_the_demos_telephones_are_all_different_and_fictional() -> None:
    with data.DEMO_STATIONS_2022.open(encoding="utf-8", newline="") as file:
        phones = [station["phone"] for station in csv.DictReader(file)]
    assert len(set(phones)) == 334
    assert all(phone.startswith("+8428000") for phone in phones)


def test_every_name_of_both_trees_finds_itself() -> None:
    for file in (data.AREAS_2022, data.AREAS_2025):
        for area in areas(file).values():
            assert len(search_names(area.name)) == 1
