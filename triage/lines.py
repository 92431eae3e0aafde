"""On which line of a TOML file a key stands: the standard parser does not say, and a finding must."""

import re

Place = tuple[str | int, ...]

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:\\.|[^"\\])*"|' r"'[^']*'", re.DOTALL)
_BARE_VALUE = re.compile(r"[^,\]}\n#]*")


class Lines:
    """The lines of a text that the standard parser has accepted; on any other text the scan may raise."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at: dict[Place, int] = {(): 1}
        self._tables: dict[Place, int] = {}
        self._position = 0
        self._scan()

    def of(self, place: Place) -> int:
        """The line of the place, or of the nearest thing around it that the file does have."""
        while place not in self._at:
            place = place[:-1]
        return self._at[place]

    def _scan(self) -> None:
        table: Place = ()
        while self._skip(_SPACE) < len(self._text):
            if self._text[self._position] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Place:
        start = self._position
        array = self._text.startswith("[[", start)
        self._position += 2 if array else 1
        place: Place = ()
        keys = self._keys()
        for number, key in enumerate(keys, 1):
            place = (*place, key)
            if array and number == len(keys):
                self._tables[place] = self._tables.get(place, -1) + 1
            if place in self._tables:
                place = (*place, self._tables[place])
        self._position += 2 if array else 1
        self._note(place, start)
        return place

    def _pair(self, table: Place) -> None:
        start = self._position
        place = (*table, *self._keys())
        self._position += 1  # the equals sign
        self._value(place, start)

    def _value(self, place: Place, start: int) -> None:
        self._note(place, start)
        self._skip(_BLANK)
        opening = self._text[self._position : self._position + 1]
        if opening == "[":
            self._items(place)
        elif opening == "{":
            self._inline(place)
        elif string := _STRING.match(self._text, self._position):
            self._position = string.end()
        else:
            self._skip(_BARE_VALUE)

    def _items(self, place: Place) -> None:
        self._position += 1
        index = 0
        while self._text[self._skip(_SPACE)] != "]":
            if self._text[self._position] == ",":
                self._position += 1
                continue
            self._value((*place, index), self._position)
            index += 1
        self._position += 1

    def _inline(self, place: Place) -> None:
        self._position += 1
        while self._text[self._skip(_SPACE)] != "}":
            if self._text[self._position] == ",":
                self._position += 1
            else:
                self._pair(place)
        self._position += 1

    def _keys(self) -> tuple[str, ...]:
        """A dotted key; leaves the position at the character behind it."""
        keys: list[str] = []
        while True:
            self._skip(_BLANK)
            if string := _STRING.match(self._text, self._position):
                keys.append(string.group()[1:-1])
                self._position = string.end()
            else:
                start = self._position
                keys.append(self._text[start : self._skip(_BARE_KEY)])
            if self._text[self._skip(_BLANK)] != ".":
                return tuple(keys)
            self._position += 1

    def _note(self, place: Place, position: int) -> None:
        line = self._text.count("\n", 0, position) + 1
        for length in range(1, len(place) + 1):
            # A dotted key also opens what stands around it, on the line where that is first seen.
            self._at.setdefault(place[:length], line)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._position)
        if found is not None:
            self._position = found.end()
        return self._position
