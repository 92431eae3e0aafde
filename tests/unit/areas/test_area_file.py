"""The file of areas: what is wrong with it, where, and all of it at once."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.area_file import COLUMNS, AreaLine, read_areas
from services.csv_file import FileFault, FileRefused

HEADER = ",".join(COLUMNS)


def line(area: str, parent: str = "", level: int | str = 1, **cells: str) -> str:
    """A line that is right but for the cells that are given."""
    right = {
        "area_id": area,
        "parent_id": parent,
        "level": str(level),
        "type": "phuong",
        "name": f"Phường {area}",
        "name_en": f"Ward {area}",
        "national_code": f"code-{area}",
        "pcode": "",
        "valid_from": "2021-01-01",
        "valid_to": "",
        "source": "test",
    }
    return ",".join((right | cells)[column] for column in COLUMNS)


def read(*lines: str, header: str = HEADER, known: dict[str, int] | None = None) -> list[AreaLine]:
    """The areas of a file with these lines below the header."""
    return read_areas("\n".join([header, *lines]).encode(), known or {})


def faults(*lines: str, header: str = HEADER) -> list[tuple[int, str, str]]:
    """Line, column and code of every fault of a file with these lines."""
    with pytest.raises(FileRefused) as refused:
        read(*lines, header=header)
    return [(fault.line, fault.column, fault.code) for fault in refused.value.faults]


def test_a_tree_of_four_levels_is_read_parents_first() -> None:
    areas = read(line("d", "c", 4), line("c", "b", 3), line("b", "a", 2), line("a"))
    assert [(area.id, area.parent_id, area.level) for area in areas] == [
        ("a", None, 1),
        ("b", "a", 2),
        ("c", "b", 3),
        ("d", "c", 4),
    ]


def test_columns_may_stand_in_any_order() -> None:
    order = list(reversed(COLUMNS))
    cells = dict(zip(COLUMNS, line("a").split(","), strict=True))
    assert read(",".join(cells[column] for column in order), header=",".join(order))[0].id == "a"


def test_names_are_brought_to_nfc_in_silence() -> None:
    name = "Phường Đa Kao"
    assert read(line("a", name=unicodedata.normalize("NFD", name)))[0].name == name


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    content = "\ufeff" + "\r\n".join([HEADER, line("a"), "", line("b", "a", 2), ""])
    assert len(read_areas(content.encode(), {})) == 2


def test_a_parent_may_be_in_the_database_already() -> None:
    assert read(line("b", "a", 2), known={"a": 1})[0].parent_id == "a"


def test_days_are_kept_as_they_are_written() -> None:
    area = read(line("a", valid_to="2025-07-01"))[0]
    assert (area.valid_from, area.valid_to) == (date(2021, 1, 1), date(2025, 7, 1))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("a", "x", 2)], [(2, "parent_id", "UNKNOWN_PARENT")]),
        ([line("a"), line("a")], [(3, "area_id", "REPEATED_AREA")]),
        ([line("a b")], [(2, "area_id", "INVALID_AREA_ID")]),
        ([line("a"), line("b", "a", 3)], [(3, "level", "WRONG_LEVEL")]),
        ([line("a", level=2)], [(2, "level", "WRONG_LEVEL")]),
        ([line("a", level="x"), line("b", "a", 2)], [(2, "level", "INVALID_LEVEL")]),
        ([line("a", level="²")], [(2, "level", "INVALID_LEVEL")]),
        ([line("a", name="")], [(2, "name", "MISSING")]),
        ([line("a", name=" \u00a0")], [(2, "name", "MISSING")]),
        ([line("a", name="x" * 201)], [(2, "name", "TOO_LONG")]),
        ([line("a", name="a\x07b")], [(2, "name", "UNPRINTABLE")]),
        ([line("a", valid_from="")], [(2, "valid_from", "MISSING")]),
        ([line("a", valid_from="01/07/2025")], [(2, "valid_from", "INVALID_DATE")]),
        ([line("a", valid_from="2025-02-29")], [(2, "valid_from", "INVALID_DATE")]),
        ([line("a", valid_from="20250701")], [(2, "valid_from", "INVALID_DATE")]),
        ([line("a", valid_to="2021-01-01")], [(2, "valid_to", "ENDS_BEFORE_IT_BEGINS")]),
        ([line("a"), "b,a,2"], [(3, "", "WRONG_COLUMN_COUNT")]),
        ([line("a", "b", 2), line("b", "a", 2)], [(2, "parent_id", "CIRCLE")]),
        ([line("a", "a", 2)], [(2, "parent_id", "CIRCLE")]),
        (
            [line("a"), line("b", "a", 2, national_code="code-a")],
            [(3, "national_code", "CODE_TAKEN")],
        ),
        ([line("a", name='"x')], [(2, "", "MALFORMED")]),
        ([], [(1, "", "EMPTY")]),
    ],
)
def test_each_fault_is_told_with_its_line_and_column(lines: list[str], expected: list[tuple[int, str, str]]) -> None:
    assert faults(*lines) == expected


def test_all_faults_are_told_at_once() -> None:
    assert faults(line("a", name="", valid_from="soon"), line("b", "x", 2, national_code=""), line("c", "b", 9)) == [
        (2, "name", "MISSING"),
        (2, "valid_from", "INVALID_DATE"),
        (3, "national_code", "MISSING"),
        (3, "parent_id", "UNKNOWN_PARENT"),
        (4, "level", "WRONG_LEVEL"),
    ]


def test_a_code_may_be_another_areas_once_the_first_has_ended() -> None:
    old = line("old", national_code="26740", valid_to="2025-07-01")
    new = line("new", national_code="26740", valid_from="2025-07-01")
    assert len(read(new, old)) == 2


def test_a_cell_over_two_lines_counts_both() -> None:
    assert faults(line("a", source='"one\ntwo"'), line("b", "x", 2)) == [
        (4, "parent_id", "UNKNOWN_PARENT"),
    ]


def test_an_area_below_a_circle_is_no_fault_of_its_own() -> None:
    assert faults(line("a", "b", 3), line("b", "a", 2), line("c", "b", 3)) == [(2, "parent_id", "CIRCLE")]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER.replace("pcode,", ""), [(1, "pcode", "MISSING_COLUMN")]),
        (HEADER + ",colour", [(1, "colour", "UNKNOWN_COLUMN")]),
        (HEADER + ",pcode", [(1, "pcode", "REPEATED_COLUMN")]),
        (HEADER.replace(",", ";"), [(1, "", "WRONG_SEPARATOR")]),
    ],
)
def test_a_wrong_header_is_told_before_anything_else(header: str, expected: list[tuple[int, str, str]]) -> None:
    assert faults(line("a"), header=header) == expected


@pytest.mark.parametrize("content", [b"\xff\xfea\x00", "Phường".encode("utf-16-le"), HEADER.encode() + b"\n\xe1,", b""])
def test_another_encoding_or_nothing_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        read_areas(content, {})
    assert {fault.code for fault in refused.value.faults} <= {"NOT_UTF8", "EMPTY"}


def test_the_byte_that_is_not_utf8_is_told() -> None:
    with pytest.raises(FileRefused) as refused:
        read_areas(HEADER.encode() + b"\nab\xe1", {})
    assert refused.value.faults[0] == FileFault(2, "", "NOT_UTF8", "byte 3 is not UTF-8; save the file as CSV UTF-8")


@given(st.binary(max_size=300))
def test_no_bytes_at_all_do_anything_but_be_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        read_areas(content, {})


@given(st.lists(st.lists(st.text(max_size=12), min_size=11, max_size=11), max_size=6))
def test_any_cells_are_areas_or_faults(rows: list[list[str]]) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    try:
        areas = read(*quoted)
    except (FileRefused, UnicodeEncodeError):
        return
    assert len(areas) == len(rows)
