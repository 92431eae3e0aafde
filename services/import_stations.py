"""Taking over a file of stations: all of it or nothing, and again with the same result."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import phonenumbers

from access.actor import Actor
from access.trail import record
from models.area import Area
from models.area_name import tidy_name
from models.state import Mode, StationKind
from models.station import Station
from services.area_numbers import numbering_transaction
from services.csv_file import FileFault, FileRefused, Line, read_lines
from services.runtime import Runtime

COLUMNS = ("station_id", "kind", "area_id", "name", "phone")
FICTIONAL_PREFIX = "+842800000"
"""Numbers of the demo's stations, which nobody can have: a resident of a real installation must never be given one."""
_IDENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_SHORT_NUMBER = re.compile(r"[0-9]{3,5}")


@dataclass(frozen=True, slots=True)
class StationLine:
    """A station as its line says it."""

    line: int
    id: str
    kind: StationKind
    area_id: str
    name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class ImportedStations:
    """How many stations were added and changed, how many were as the file says, and how many have no telephone."""

    added: int
    changed: int
    unchanged: int
    without_phone: int


async def import_stations(runtime: Runtime, actor: Actor, content: bytes) -> ImportedStations:
    """Adds and changes stations as a file says; stations that it does not name stay as they are.

    A station that a change of areas closed or carried to another area keeps its place; its name and number follow the
    file. Raises FileRefused with every fault; then nothing was changed.
    """
    async with numbering_transaction() as connection:
        areas = {area.id: area for area in await Area.all().using_db(connection)}
        stations = {station.id: station for station in await Station.all().using_db(connection)}
        lines = _read(
            content, areas, stations, fictional=runtime.mode is not Mode.PRODUCTION, region=runtime.phone_region
        )
        new = [_new(line, areas[line.area_id]) for line in lines if line.id not in stations]
        changed = [
            stations[line.id].update_from_dict({"name": line.name, "phone": line.phone})
            for line in lines
            if line.id in stations and (stations[line.id].name, stations[line.id].phone) != (line.name, line.phone)
        ]
        await Station.bulk_create(new, batch_size=1000, using_db=connection)
        if changed:
            await Station.bulk_update(changed, ["name", "phone"], batch_size=500, using_db=connection)
        await record(
            connection,
            actor,
            "stations.import",
            runtime.clock.now(),
            [station.id for station in (*new, *changed)],
            detail={"added": len(new), "changed": len(changed)},
        )
    silent = sum(line.phone is None for line in lines)
    return ImportedStations(len(new), len(changed), len(lines) - len(new) - len(changed), silent)


def _new(line: StationLine, area: Area) -> Station:
    return Station(
        id=line.id, name=line.name, phone=line.phone, kind=line.kind, area_id=area.id, area_no=area.lo, active=True
    )


def _read(
    content: bytes, areas: Mapping[str, Area], stations: Mapping[str, Station], *, fictional: bool, region: str
) -> list[StationLine]:
    faults: list[FileFault] = []
    lines = []
    for line in read_lines(content, COLUMNS, faults):
        read = _line(line, areas, region, faults)
        if read is None:
            continue
        if read.phone and read.phone.startswith(FICTIONAL_PREFIX) and not fictional:
            message = f"{read.phone} is a number of the demo, which nobody answers; leave it empty or give the real one"
            faults.append(FileFault(line.number, "phone", "FICTIONAL_NUMBER", message))
        lines.append(read)
    _check_together(lines, stations, areas, faults)
    if faults:
        raise FileRefused(faults)
    return lines


def _line(line: Line, areas: Mapping[str, Area], region: str, faults: list[FileFault]) -> StationLine | None:
    before = len(faults)
    name = tidy_name(line["name"])
    if not _IDENTITY.fullmatch(line["station_id"]):
        message = "a station_id has 1 to 64 letters, digits, dots, colons, dashes or underscores"
        faults.append(FileFault(line.number, "station_id", "INVALID_STATION_ID", message))
    if line["kind"] not in StationKind.__members__:
        message = f"{line['kind']!r} is not one of {', '.join(StationKind)}"
        faults.append(FileFault(line.number, "kind", "UNKNOWN_KIND", message))
    if line["area_id"] not in areas:
        message = f"there is no area {line['area_id']}; import it first: khaibao areas import"
        faults.append(FileFault(line.number, "area_id", "UNKNOWN_AREA", message))
    if not name or len(name) > 200:
        faults.append(FileFault(line.number, "name", "INVALID_NAME", "a name has 1 to 200 characters"))
    phone = _phone(line, region, faults)
    if len(faults) > before:
        return None
    return StationLine(line.number, line["station_id"], StationKind(line["kind"]), line["area_id"], name, phone)


def _phone(line: Line, region: str, faults: list[FileFault]) -> str | None:
    """The number as it is dialled from anywhere; a short one (115, 1022) stays as it is."""
    text = line["phone"]
    if not text or _SHORT_NUMBER.fullmatch(text):
        return text or None
    try:
        number = phonenumbers.parse(text, region)
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass
    faults.append(FileFault(line.number, "phone", "INVALID_PHONE", f"{text!r} is no telephone number"))
    return None


def _check_together(
    lines: Sequence[StationLine],
    stations: Mapping[str, Station],
    areas: Mapping[str, Area],
    faults: list[FileFault],
) -> None:
    """One line a station, one ward station an area: an alert must not have two places to go."""
    seen: dict[str, int] = {}
    station_of = {
        station.area_id: station.id
        for station in stations.values()
        if station.active and station.kind is StationKind.WARD_STATION
    }
    for line in lines:
        if line.id in seen:
            message = f"{line.id} is on line {seen[line.id]} already"
            faults.append(FileFault(line.line, "station_id", "REPEATED_STATION", message))
        seen.setdefault(line.id, line.line)
        if line.id in stations:
            _check_known(line, stations[line.id], areas, faults)
        elif line.kind is StationKind.WARD_STATION:
            other = station_of.setdefault(line.area_id, line.id)
            if other != line.id:
                message = f"{line.area_id} has the ward station {other}"
                faults.append(FileFault(line.line, "area_id", "AREA_HAS_A_STATION", message))


def _check_known(line: StationLine, station: Station, areas: Mapping[str, Area], faults: list[FileFault]) -> None:
    if station.kind is not line.kind:
        message = f"{line.id} is a {station.kind}; give another kind another station_id"
        faults.append(FileFault(line.line, "kind", "OTHER_KIND", message))
    # In an area that ended the file is older than the change that carried the station away.
    if station.area_id != line.area_id and areas[line.area_id].valid_to is None:
        message = f"{line.id} is at {station.area_id}; give a station at another place another station_id"
        faults.append(FileFault(line.line, "area_id", "OTHER_AREA", message))
