import tomllib
from collections.abc import Iterator

import pytest

from triage.lines import Lines, Place
from triage.protocol import bundled_texts

TEXT = '''# a comment = with [brackets]
title = "a # b"

words = [
  { code = "one", vi = "[một]" },  # ], }
  { code = "two", bounds = { low = 1, "high.est" = 2 } },
]
long = """
fake = 1
[fake]
\\""" still
"""
raw = \'\'\'
[fake.too]\'\'\'

[sources]
first = 'C:\\'
a.b = 2022-03-17

[[criteria]]
code = "x"
when.age.from = 1
when.any = [
  { vital.spo2.below = 96 },

  { min = 1 } ]

  [[criteria]]  # the second
  code = "y"

  [criteria.when]
  min = 1

[advice."RED"]
vi = ""
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ((), 1),
        (("title",), 2),
        (("words",), 4),
        (("words", 0), 5),
        (("words", 0, "vi"), 5),
        (("words", 1, "bounds", "high.est"), 6),
        (("long",), 8),
        (("raw",), 13),
        (("sources",), 16),
        (("sources", "first"), 17),
        (("sources", "a", "b"), 18),
        (("criteria",), 20),
        (("criteria", 0), 20),
        (("criteria", 0, "when"), 22),
        (("criteria", 0, "when", "age", "from"), 22),
        (("criteria", 0, "when", "any"), 23),
        (("criteria", 0, "when", "any", 0, "vital", "spo2", "below"), 24),
        (("criteria", 0, "when", "any", 1, "min"), 26),
        (("criteria", 1), 28),
        (("criteria", 1, "code"), 29),
        (("criteria", 1, "when", "min"), 32),
        (("advice", "RED", "vi"), 35),
    ],
)
def test_every_key_is_found_on_its_line(place: Place, line: int) -> None:
    assert Lines(TEXT).of(place) == line


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("fake",), 1),
        (("criteria", 0, "source"), 20),
        (("criteria", 0, "when", "vital"), 22),
        (("advice", "AMBER", "vi"), 34),
    ],
)
def test_what_the_file_lacks_is_looked_for_where_it_should_stand(place: Place, line: int) -> None:
    assert Lines(TEXT).of(place) == line


def test_an_empty_text_has_one_line() -> None:
    assert Lines("").of(("version",)) == 1


def test_windows_line_ends_count_once() -> None:
    assert Lines("a = 1\r\nb = 2\r\n[c]\r\nd = 3").of(("c", "d")) == 4


def keys_within(value: object, place: Place = ()) -> Iterator[Place]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*place, key)
            yield from keys_within(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from keys_within(inner, (*place, index))


@pytest.mark.parametrize("text", bundled_texts())
def test_every_key_of_the_bundled_files_stands_on_the_line_that_is_told(text: str) -> None:
    lines, rows = Lines(text), text.split("\n")
    places = list(keys_within(tomllib.loads(text)))
    assert len(places) > 300
    for place in places:
        assert str(place[-1]) in rows[lines.of(place) - 1], place
