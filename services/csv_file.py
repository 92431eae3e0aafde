"""CSV files that people keep in a spreadsheet: what is wrong with one, by line and column, all of it at once."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ENCODING_REMEDY = "save the file as CSV UTF-8"
_MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing that is wrong: `line` counts from 1 with the header, `column` is the header's word or empty."""

    line: int
    column: str
    code: str
    message: str

    def __str__(self) -> str:
        """The fault as a line of text."""
        where = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.message}"


class FileRefused(Exception):
    """A file has faults, so nothing of it was taken."""

    def __init__(self, faults: Sequence[FileFault]) -> None:
        """At least one fault, in the order of lines."""
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__(f"{len(self.faults)} faults, nothing was changed; the first: {self.faults[0]}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: its number and its cells by column, without spaces at the ends."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """The cell of a column."""
        return self.cells[column]


def read_lines(
    content: bytes, columns: Sequence[str], faults: list[FileFault], optional: Sequence[str] = ()
) -> list[Line]:
    """The lines of a CSV file with exactly these columns, in any order. What is wrong is added to `faults`.

    A column of `optional` may be missing: its cells are empty then.

    A byte order mark is accepted, as spreadsheets write one; empty lines are passed over. A line with faults of its
    own is left out, so the caller judges only lines that are whole.
    """
    text = _decode(content, faults)
    if text is None:
        return []
    rows = _rows(text, faults)
    header = next(rows, None)
    if header is None:
        if not faults:
            faults.append(FileFault(1, "", "EMPTY", f"the file is empty; its first line is: {','.join(columns)}"))
        return []
    names = [name.strip() for name in header[1]]
    if not _header_is_right(header[0], names, columns, optional, faults):
        return []
    lines = []
    for number, cells in rows:
        if len(cells) != len(names):
            message = f"{len(cells)} columns instead of {len(names)}; a comma within a name needs quotes around it"
            faults.append(FileFault(number, "", "WRONG_COLUMN_COUNT", message))
        else:
            found = dict(zip(names, (cell.strip() for cell in cells), strict=True))
            lines.append(Line(number, {**dict.fromkeys(optional, ""), **found}))
    if not lines and not faults:
        faults.append(FileFault(1, "", "EMPTY", "there is no line below the header"))
    return lines


def _decode(content: bytes, faults: list[FileFault]) -> str | None:
    if len(content) > _MAX_BYTES:
        faults.append(FileFault(1, "", "TOO_LARGE", f"more than {_MAX_BYTES} bytes; split it"))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Counted to the byte, because a single letter in another encoding is invisible in most editors.
        line = content.count(b"\n", 0, error.start) + 1
        byte = error.start - content.rfind(b"\n", 0, error.start)
        faults.append(FileFault(line, "", "NOT_UTF8", f"byte {byte} is not UTF-8; {ENCODING_REMEDY}"))
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        faults.append(FileFault(line, "", "NOT_UTF8", f"there is a zero byte; {ENCODING_REMEDY}"))
        return None
    return text


def _rows(text: str, faults: list[FileFault]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1  # where the row begins: a cell in quotes may go over several lines
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(FileFault(line, "", "MALFORMED", f"not CSV: {error}; the rest was not read"))
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _header_is_right(
    line: int, names: list[str], columns: Sequence[str], optional: Sequence[str], faults: list[FileFault]
) -> bool:
    if len(names) == 1 and ";" in names[0]:
        message = "columns are separated by semicolons; save the file with commas"
        faults.append(FileFault(line, "", "WRONG_SEPARATOR", message))
        return False
    possible = (*columns, *optional)
    wrong = [
        *(FileFault(line, name, "MISSING_COLUMN", "this column is missing") for name in columns if name not in names),
        *(
            FileFault(line, name or f"number {place}", "UNKNOWN_COLUMN", f"not one of {', '.join(possible)}")
            for place, name in enumerate(names, 1)
            if name not in possible
        ),
        *(
            FileFault(line, name, "REPEATED_COLUMN", "this column is there more than once")
            for name in possible
            if names.count(name) > 1
        ),
    ]
    faults.extend(wrong)
    return not wrong
