"""Typed reading of a parsed TOML file that notes every fault with its line instead of stopping at the first."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from triage.finding import Finding, finding
from triage.lines import Lines, Place
from triage.words import Text

_CODE = re.compile(r"[a-z][a-z0-9_-]*")
_EARLIEST = date(1970, 1, 1)
# Far above any number of days or minutes that is meant, far below what a timedelta cannot hold.
_LARGEST = 1_000_000

# Faults after which the rest of the file still says what it means, so that it can be judged further.
_LIGHT = {
    "BAD_CODE",
    "DUPLICATE_CODE",
    "MISSING_SOURCE",
    "MISSING_TEXT",
    "THRESHOLD_OUTSIDE_BOUNDS",
    "UNKNOWN_KEY",
    "UNKNOWN_SOURCE",
    "UNKNOWN_WORD",
}

Table = Mapping[str, Any]


@dataclass
class Reader:
    """Collects the findings of one file. What cannot be read is noted and replaced by a harmless value."""

    lines: Lines
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether all that was read so far has the right shape, so that its meaning can be judged."""
        return all(found.code in _LIGHT for found in self.findings)

    def note(self, place: Place, code: str, /, **values: object) -> None:
        """Add a finding at that place of the file."""
        self.findings.append(finding(self.lines.of(place), code, **values))

    def only(self, table: Table, place: Place, allowed: Sequence[str]) -> None:
        """Note what is not allowed here: a slip in a key would otherwise drop a rule without a word."""
        for key in table:
            if key not in allowed:
                self.note((*place, key), "UNKNOWN_KEY", key=key)

    def string(self, table: Table, place: Place, key: str) -> str:
        """A text that is not empty."""
        value = self._value(table, place, key, str, "a text", "một chuỗi")
        return value if isinstance(value, str) else ""

    def code(self, table: Table, place: Place, key: str = "code") -> str:
        """A code: stored in records and sent to clients, so its form is narrow."""
        value = self.string(table, place, key)
        if value and not _CODE.fullmatch(value):
            self.note((*place, key), "BAD_CODE", code=value)
        return value

    def choice(self, table: Table, place: Place, key: str, choices: Sequence[str]) -> str:
        """One of a few words."""
        value = self.string(table, place, key)
        if value and value not in choices:
            self.note((*place, key), "UNKNOWN_CHOICE", value=value, choices=", ".join(choices))
        return value

    def text(self, table: Table, place: Place) -> Text:
        """The keys `vi` and `en`, both with content."""
        found = {}
        for language in ("vi", "en"):
            value = table.get(language)
            found[language] = value if isinstance(value, str) else ""
            if not found[language].strip():
                self.note((*place, language), "MISSING_TEXT", language=language)
        return Text(found["vi"], found["en"])

    def day(self, table: Table, place: Place, key: str) -> date:
        """A date without a time."""
        value = self._value(table, place, key, date, "a date such as 2022-03-17", "một ngày, ví dụ 2022-03-17")
        if isinstance(value, datetime):
            self._wrong(place, key, "a date without a time", "một ngày không kèm giờ")
        return value if isinstance(value, date) else _EARLIEST

    def count(self, table: Table, place: Place, key: str, minimum: int = 1) -> int:
        """A whole number of at least `minimum`."""
        value = self._value(table, place, key, int, "a whole number", "một số nguyên")
        if not isinstance(value, int):
            return minimum
        if not minimum <= value <= _LARGEST:
            self.note((*place, key), "OUT_OF_RANGE", key=key, minimum=minimum, maximum=_LARGEST)
            return minimum
        return value

    def number(self, table: Table, place: Place, key: str) -> float:
        """A number."""
        value = self._value(table, place, key, (int, float), "a number", "một số")
        return float(value) if isinstance(value, int | float) else 0.0

    def flag(self, table: Table, place: Place, key: str) -> bool:
        """true or false."""
        return self._value(table, place, key, bool, "true or false", "true hoặc false") is True

    def table(self, table: Table, place: Place, key: str) -> Table:
        """A table within the table."""
        value = self._value(table, place, key, dict, "a table", "một bảng")
        return value if isinstance(value, dict) else {}

    def tables(self, table: Table, place: Place, key: str) -> list[Table]:
        """A list of tables, at least one."""
        value = self._value(table, place, key, list, "a list of tables", "một danh sách các bảng")
        if not isinstance(value, list):
            return []
        if not value or not all(isinstance(item, dict) for item in value):
            self._wrong(place, key, "a list of at least one table", "một danh sách có ít nhất một bảng")
        return [item for item in value if isinstance(item, dict)]

    def strings(self, table: Table, place: Place, key: str) -> list[str]:
        """A list of texts, at least one."""
        value = self._value(table, place, key, list, "a list of codes", "một danh sách mã")
        if not isinstance(value, list):
            return []
        if not value or not all(isinstance(item, str) for item in value):
            self._wrong(place, key, "a list of at least one code", "một danh sách có ít nhất một mã")
        return [item for item in value if isinstance(item, str)]

    def source(self, table: Table, place: Place, code: str, cited: Mapping[str, str]) -> str:
        """Where the rule of that code comes from: one of the sources that the file lists."""
        key = table.get("source")
        if not isinstance(key, str) or not key.strip():
            self.note((*place, "source"), "MISSING_SOURCE", criterion=code)
            return ""
        if key not in cited:
            self.note((*place, "source"), "UNKNOWN_SOURCE", source=key)
        return cited.get(key, "")

    def repeats(self, section: Place, codes: Sequence[str], taken: Collection[str] = ()) -> None:
        """Note every code of a list of tables that one before it has, or that is taken elsewhere."""
        seen = set(taken)
        for index, code in enumerate(codes):
            if code and code in seen:
                self.note((*section, index), "DUPLICATE_CODE", code=code)
            seen.add(code)

    def _value(
        self, table: Table, place: Place, key: str, kind: type | tuple[type, ...], expected: str, expected_vi: str
    ) -> object:
        if key not in table:
            self.note((*place, key), "MISSING_KEY", key=key)
            return None
        value: object = table[key]
        # True is an int to Python; in a protocol "release_day = true" is a mistake.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self._wrong(place, key, expected, expected_vi)
            return None
        return value

    def _wrong(self, place: Place, key: str, expected: str, expected_vi: str) -> None:
        self.note((*place, key), "WRONG_TYPE", key=key, expected=expected, expected_vi=expected_vi)
