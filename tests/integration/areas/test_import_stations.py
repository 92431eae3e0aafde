"""Importing stations."""

from dataclasses import replace

import pytest

import data
from access.actor import ANONYMOUS
from models.database import service_connection
from models.state import Mode
from models.station import Station
from services.csv_file import FileRefused
from services.import_areas import import_areas
from services.import_stations import COLUMNS, import_stations
from services.runtime import Runtime
from tests.integration.areas.households import city_of_2022

HEADER = ",".join(COLUMNS)


async def faults(runtime: Runtime, *lines: str) -> list[tuple[int, str, str]]:
    """Line, column and code of every fault of a file with these lines."""
    with pytest.raises(FileRefused) as refused:
        await import_stations(runtime, ANONYMOUS, "\n".join([HEADER, *lines]).encode())
    return [(fault.line, fault.column, fault.code) for fault in refused.value.faults]


async def test_every_ward_of_2022_has_its_station_and_none_a_number(runtime: Runtime) -> None:
    await city_of_2022(runtime)
    assert await Station.filter(kind="WARD_STATION", phone=None).using_db(service_connection()).count() == 312
    assert await Station.filter(kind="MEDICAL_CENTRE", phone=None).using_db(service_connection()).count() == 22


async def test_importing_again_changes_nothing(runtime: Runtime) -> None:
    await city_of_2022(runtime)
    again = await import_stations(runtime, ANONYMOUS, data.STATIONS_2022.read_bytes())
    assert (again.added, again.changed, again.unchanged, again.without_phone) == (0, 0, 334, 334)


async def test_the_demos_numbers_are_taken_over_in_a_demo(runtime: Runtime) -> None:
    await city_of_2022(runtime)
    assert (await import_stations(runtime, ANONYMOUS, data.DEMO_STATIONS_2022.read_bytes())).changed == 334


async def test_the_demos_numbers_never_reach_a_production(runtime: Runtime) -> None:
    await import_areas(runtime, ANONYMOUS, data.AREAS_2022.read_bytes())
    with pytest.raises(FileRefused, match="a number of the demo"):
        await import_stations(replace(runtime, mode=Mode.PRODUCTION), ANONYMOUS, data.DEMO_STATIONS_2022.read_bytes())
    assert await Station.all().using_db(service_connection()).count() == 0


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("s 1,WARD_STATION,vn-79-2022-26740,Trạm,", ("station_id", "INVALID_STATION_ID")),
        ("s,CLINIC,vn-79-2022-26740,Trạm,", ("kind", "UNKNOWN_KIND")),
        ("s,WARD_STATION,nowhere,Trạm,", ("area_id", "UNKNOWN_AREA")),
        ("s,WARD_STATION,vn-79-2022-26740,,", ("name", "INVALID_NAME")),
        ("s,WARD_STATION,vn-79-2022-26740,Trạm,call me", ("phone", "INVALID_PHONE")),
        ("s,WARD_STATION,vn-79-2022-26740,Trạm,", ("area_id", "AREA_HAS_A_STATION")),
        ("vn-79-2022-26740-tyt,MEDICAL_CENTRE,vn-79-2022-26740,Trạm,", ("kind", "OTHER_KIND")),
        ("vn-79-2022-26740-tyt,WARD_STATION,vn-79-2022-26743,Trạm,", ("area_id", "OTHER_AREA")),
    ],
)
async def test_each_fault_is_told_with_its_column(runtime: Runtime, line: str, fault: tuple[str, str]) -> None:
    await city_of_2022(runtime)
    assert await faults(runtime, line) == [(2, *fault)]


async def test_a_number_is_kept_as_it_is_dialled_from_anywhere(runtime: Runtime) -> None:
    await city_of_2022(runtime)
    line = "vn-79-2022-26740-tyt,WARD_STATION,vn-79-2022-26740,Trạm Y tế Phường Bến Nghé,028 3829 7087"
    await import_stations(runtime, ANONYMOUS, f"{HEADER}\n{line}".encode())
    station = await Station.get(id="vn-79-2022-26740-tyt", using_db=service_connection())
    assert station.phone == "+842838297087"
