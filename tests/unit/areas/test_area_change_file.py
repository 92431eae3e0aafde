"""The file of changes: each kind, and what makes no sense."""

from datetime import date
from decimal import Decimal

import pytest

from services.area_change_file import COLUMNS, ChangeLine, KnownArea, read_changes
from services.csv_file import FileRefused

DAY = date(2025, 7, 1)
OLD = KnownArea(date(2021, 1, 1), None)
NEW = KnownArea(DAY, None)
KNOWN = {"a": OLD, "b": OLD, "c": OLD, "x": NEW, "y": NEW}


def read(*lines: str) -> list[ChangeLine]:
    """The steps of a file with these lines; each has the day and a basis already."""
    body = [f"2025-07-01,{line},1685" for line in lines]
    return read_changes("\n".join([",".join(COLUMNS), *body]).encode(), KNOWN)


def faults(*lines: str) -> list[tuple[int, str, str]]:
    """Line, column and code of every fault of a file with these lines."""
    with pytest.raises(FileRefused) as refused:
        read(*lines)
    return [(fault.line, fault.column, fault.code) for fault in refused.value.faults]


def test_a_merge_is_the_whole_of_an_area() -> None:
    assert [(step.kind, step.share) for step in read("merge,a,x,1", "merge,b,x,")] == [
        ("merge", Decimal(1)),
        ("merge", Decimal(1)),
    ]


def test_shares_of_a_division_add_up() -> None:
    assert [step.share for step in read("split,a,x,0.7", "part,a,y,0.3")] == [Decimal("0.7"), Decimal("0.3")]


def test_shares_that_nobody_knows_stay_empty() -> None:
    assert [step.share for step in read("split,a,x,", "part,a,y,")] == [0, 0]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["eat,a,x,"], [(2, "kind", "UNKNOWN_KIND")]),
        (["merge,a,z,"], [(2, "to_id", "UNKNOWN_AREA")]),
        (["merge,a,a,"], [(2, "to_id", "SAME_AREA")]),
        (["merge,a,x,0.5"], [(2, "share", "INVALID_SHARE")]),
        (["part,a,x,1"], [(2, "share", "INVALID_SHARE")]),
        (["part,a,x,NaN"], [(2, "share", "INVALID_SHARE")]),
        (["part,a,x,0.00000001"], [(2, "share", "INVALID_SHARE")]),
        (["merge,a,x,", "merge,a,x,"], [(3, "from_id", "REPEATED_STEP")]),
        (["merge,a,x,", "rename,a,y,"], [(3, "share", "INVALID_DIVISION")]),
        (["split,a,x,0.7", "part,a,y,"], [(3, "share", "INVALID_DIVISION")]),
        (["split,a,x,0.7", "part,a,y,0.7"], [(3, "share", "INVALID_DIVISION")]),
        (["part,a,x,0.5", "part,a,y,0.5"], [(3, "share", "INVALID_DIVISION")]),
        (["merge,a,b,", "merge,b,x,"], [(2, "to_id", "AREA_NOT_VALID")]),
        (["merge,x,a,"], [(2, "from_id", "AREA_NOT_VALID")]),
        (["merge,a,,"], [(2, "to_id", "MISSING")]),
    ],
)
def test_each_fault_is_told_with_its_line_and_column(lines: list[str], expected: list[tuple[int, str, str]]) -> None:
    assert faults(*lines) == expected


def test_an_area_that_is_not_there_yet_receives_nothing() -> None:
    content = f"{','.join(COLUMNS)}\n2025-06-30,merge,a,x,,1685"
    with pytest.raises(FileRefused) as refused:
        read_changes(content.encode(), KNOWN)
    assert [fault.code for fault in refused.value.faults] == ["AREA_NOT_VALID"]
