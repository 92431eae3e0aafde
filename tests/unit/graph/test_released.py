"""What a release has promised stays, until it was deprecated in a release."""

import pytest

from graph.printed import printed
from graph.released import RELEASED, broken

RELEASE = """
type Query {
  old: Int @deprecated(reason: "Use new.")
  new: Int
  list(first: Int, size: Int @deprecated(reason: "Use first.")): [Int!]!
}
enum Danger { RED AMBER @deprecated(reason: "Use RED.") }
"""


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (RELEASE, []),
        ("type Query { new: Int list(first: Int): [Int!]! more: Int } enum Danger { RED GREEN }", []),
        ("type Query { old: Int list(first: Int): [Int!]! } enum Danger { RED }", ["Query.new was removed."]),
        ("type Query { new: Int list: [Int!]! } enum Danger { RED }", ["Query.list(first:) was removed."]),
        ("type Query { new: String list(first: Int): [Int!]! } enum Danger { RED }", ["Int", "String"]),
        ("type Query { new: Int list(first: Int): [Int]! } enum Danger { RED }", ["[Int!]!", "[Int]!"]),
        ("type Query { new: Int list(first: Int!): [Int!]! } enum Danger { RED }", ["first"]),
        ("type Query { new: Int list(first: Int): [Int!]! } enum Danger { GREEN }", ["Danger.RED"]),
    ],
)
def test_what_was_promised_stays_and_what_was_deprecated_may_go(now: str, said: list[str]) -> None:
    found = broken(RELEASE, now)
    assert len(found) == bool(said)
    for part in said:
        assert part in found[0]


def test_the_code_keeps_what_the_last_release_has_promised() -> None:
    assert broken(RELEASED.read_text(encoding="utf-8")) == []


def test_a_field_less_is_noticed_in_the_whole_schema() -> None:
    text = printed()
    without = text.replace("\n  raisedAt: DateTime!\n", "\n  raised: DateTime!\n", 1)
    assert without != text
    assert broken(text, without) == ["Field Alert.raisedAt was removed."]
