"""The file of areas: one line an area, a tree of any depth. Pure: text in, areas or faults out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from models.area_name import tidy_name
from services.csv_file import FileFault, FileRefused, Line, read_lines

COLUMNS = (
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
)
LONGEST = {"type": 32, "name": 200, "name_en": 200, "national_code": 16, "pcode": 32, "source": 200}
REQUIRED = ("type", "name", "name_en", "national_code", "source")
_IDENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_DEEPEST = 32_000
"""Where a smallint ends."""


@dataclass(frozen=True, slots=True)
class AreaLine:
    """An area as its line says it.

    `parent_id` is None at the top of a tree; `valid_to` is the first day without the area.
    """

    line: int
    id: str
    parent_id: str | None
    level: int
    type: str
    name: str
    name_en: str
    national_code: str
    pcode: str | None
    valid_from: date
    valid_to: date | None
    source: str


def read_areas(content: bytes, known_levels: Mapping[str, int]) -> list[AreaLine]:
    """The areas of a file, parents before children.

    `known_levels` has the level of each area that is there already: a parent may be one of them.
    Names are brought to NFC in silence. Raises FileRefused with every fault, not only with the first.
    """
    faults: list[FileFault] = []
    lines = read_lines(content, COLUMNS, faults)
    first_line: dict[str, int] = {}
    areas = []
    for line in lines:
        area = _area(line, faults)
        if area.id in first_line:
            message = f"{area.id} is on line {first_line[area.id]} already"
            faults.append(FileFault(line.number, "area_id", "REPEATED_AREA", message))
        else:
            first_line[area.id] = line.number
            areas.append(area)
    _check_tree(areas, known_levels, faults)
    _check_codes(areas, faults)
    if faults:
        raise FileRefused(faults)
    return sorted(areas, key=lambda area: area.level)


def _area(line: Line, faults: list[FileFault]) -> AreaLine:
    identity = line["area_id"]
    if not _IDENTITY.fullmatch(identity):
        message = "an area_id has 1 to 64 letters, digits, dots, colons, dashes or underscores"
        faults.append(FileFault(line.number, "area_id", "INVALID_AREA_ID", message))
    texts = {column: tidy_name(line[column]) for column in LONGEST}
    for column, text in texts.items():
        if not text and column in REQUIRED:
            faults.append(FileFault(line.number, column, "MISSING", "there is nothing here"))
        elif len(text) > LONGEST[column]:
            message = f"{len(text)} characters; {LONGEST[column]} are possible"
            faults.append(FileFault(line.number, column, "TOO_LONG", message))
        elif not text.isprintable():
            faults.append(FileFault(line.number, column, "UNPRINTABLE", "there is an invisible control character"))
    valid_from = read_date(line, "valid_from", faults)
    if valid_from is None and not line["valid_from"]:
        faults.append(FileFault(line.number, "valid_from", "MISSING", "there is nothing here"))
    valid_to = read_date(line, "valid_to", faults)
    if valid_from and valid_to and valid_to <= valid_from:
        message = f"the first day without the area is not after {valid_from}, its first day"
        faults.append(FileFault(line.number, "valid_to", "ENDS_BEFORE_IT_BEGINS", message))
    return AreaLine(
        line=line.number,
        id=identity,
        parent_id=line["parent_id"] or None,
        level=_level(line, faults),
        type=texts["type"],
        name=texts["name"],
        name_en=texts["name_en"],
        national_code=texts["national_code"],
        pcode=texts["pcode"] or None,
        valid_from=valid_from or date.min,
        valid_to=valid_to,
        source=texts["source"],
    )


def read_date(line: Line, column: str, faults: list[FileFault]) -> date | None:
    """The date of a cell, None where the cell is empty; another text is a fault and None as well."""
    text = line[column]
    if not text:
        return None
    try:
        if len(text) == 10:  # fromisoformat also takes 20250701 and 2025-W27-2, which a spreadsheet would not keep
            return date.fromisoformat(text)
    except ValueError:
        pass
    faults.append(FileFault(line.number, column, "INVALID_DATE", f"{text!r} is no date like 2025-07-01"))
    return None


def _level(line: Line, faults: list[FileFault]) -> int:
    text = line["level"]
    if text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= _DEEPEST:
        return int(text)
    faults.append(FileFault(line.number, "level", "INVALID_LEVEL", f"{text!r} is no level; the top of a tree is 1"))
    return 0


def _check_tree(areas: Sequence[AreaLine], known_levels: Mapping[str, int], faults: list[FileFault]) -> None:
    here = {area.id: area for area in areas}
    circles = _circles(here)
    for area in areas:
        if area.id in circles:
            continue
        if area.parent_id is None:
            expected = 1
        elif area.parent_id in here:
            expected = here[area.parent_id].level + 1
        elif area.parent_id in known_levels:
            expected = known_levels[area.parent_id] + 1
        else:
            message = f"there is no area {area.parent_id}, neither in this file nor in the database"
            faults.append(FileFault(area.line, "parent_id", "UNKNOWN_PARENT", message))
            continue
        # A parent without a level is a fault of its own line, and not of each of its children.
        parent_is_broken = area.parent_id in here and expected == 1
        if area.level and not parent_is_broken and area.level != expected:
            message = f"level {area.level} below a parent of level {expected - 1}; it must be {expected}"
            faults.append(FileFault(area.line, "level", "WRONG_LEVEL", message))
    for circle in {tuple(circle) for circle in circles.values()}:
        message = f"these areas are each other's parents: {' -> '.join([*circle, circle[0]])}"
        faults.append(FileFault(here[circle[0]].line, "parent_id", "CIRCLE", message))


def _circles(here: Mapping[str, AreaLine]) -> dict[str, list[str]]:
    """The areas that are their own ancestors, each with its circle, which begins at its first line."""
    circle_of: dict[str, list[str]] = {}
    clear: set[str] = set()
    for start in here:
        path: dict[str, None] = {}
        area: str | None = start
        while area is not None and area in here and area not in path and area not in clear and area not in circle_of:
            path[area] = None
            area = here[area].parent_id
        walked = list(path)
        if area is not None and area in path:
            circle = walked[walked.index(area) :]
            first = min(range(len(circle)), key=lambda place: here[circle[place]].line)
            circle = circle[first:] + circle[:first]
            circle_of.update(dict.fromkeys(circle, circle))
        clear.update(set(walked) - circle_of.keys())
    return circle_of


def _check_codes(areas: Sequence[AreaLine], faults: list[FileFault]) -> None:
    """Two areas under one code at one time would make the look-up by code a matter of chance."""
    latest: dict[str, AreaLine] = {}
    for area in sorted(areas, key=lambda area: (area.valid_from, area.line)):
        before = latest.get(area.national_code)
        if area.national_code and before and (before.valid_to is None or before.valid_to > area.valid_from):
            message = f"{area.national_code} is {before.id} on line {before.line} at the same time"
            faults.append(FileFault(area.line, "national_code", "CODE_TAKEN", message))
        else:
            latest[area.national_code] = area
