"""The statement that writes declarations takes its columns by name: what is misspelt would be NULL."""

import re

from alerts.outbox import SealedLetter
from services import declaration_write
from services.declaration_write import AlertRow, PersonRow, SubmissionRow

_TAKEN = re.compile(r"json_to_recordset\(\$(\d)\) AS \w \(([^)]*)\)")


def _columns() -> dict[str, set[str]]:
    found = _TAKEN.findall(declaration_write._WRITE)
    return {number: {column.split()[0] for column in columns.split(",")} for number, columns in found}


def test_the_statement_takes_each_column_of_a_row_and_no_other() -> None:
    columns = _columns()
    assert sorted(columns) == ["1", "2", "3", "4", "5"]
    assert columns["1"] >= set(SubmissionRow._fields)
    assert columns["2"] == {*PersonRow._fields, "grant_id"}
    assert columns["3"] == {"hash", "person_id", "submission_id"}
    # Its case is its declaration's.
    assert columns["4"] == set(AlertRow._fields) - {"case_id"}
    assert columns["5"] == set(SealedLetter._fields)


def test_bytes_go_as_postgresql_writes_them() -> None:
    assert declaration_write._told([{"sealed": b"\x00\xff", "none": None}]) == r'[{"sealed":"\\x00ff","none":null}]'
