"""The numbers of a tree: every subtree a range, whatever the tree."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.numbering import FOREST_SHARE, LAST, WHOLE, NoRoom, Span, number, place, weights

Tree = dict[str, list[str]]


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Any tree: each area hangs on an earlier one; `deep` makes it a chain."""
    size = draw(st.integers(1, 120))
    deep = draw(st.booleans())
    children: Tree = {"0": []}
    for area in range(1, size):
        parent = area - 1 if deep else draw(st.integers(0, area - 1))
        children[str(parent)].append(str(area))
        children[str(area)] = []
    return children


def _below(children: Tree, area: str) -> set[str]:
    return {area}.union(*(_below(children, child) for child in children[area]))


@given(trees())
def test_every_subtree_is_exactly_the_areas_numbered_within_its_span(children: Tree) -> None:
    spans = number(children, "0", Span(1, LAST // FOREST_SHARE))
    for area, span in spans.items():
        assert {other for other, its in spans.items() if span.lo <= its.lo <= span.hi} == _below(children, area)


@given(trees())
def test_children_lie_apart_inside_their_parent_and_behind_its_own_number(children: Tree) -> None:
    spans = number(children, "0", Span(1, LAST))
    for area, below in children.items():
        free = spans[area].lo + 1
        for child in below:
            assert spans[child].lo >= free
            free = spans[child].hi + 1
        assert free <= spans[area].hi + 1


@given(trees())
def test_a_tree_fits_in_as_many_numbers_as_it_has_areas(children: Tree) -> None:
    spans = number(children, "0", Span(7, 7 + len(children) - 1))
    assert sorted(span.lo for span in spans.values()) == list(range(7, 7 + len(children)))


@given(trees())
def test_one_number_too_few_is_refused_with_the_remedy(children: Tree) -> None:
    with pytest.raises(NoRoom, match="khaibao areas renumber"):
        number(children, "0", Span(1, len(children) - 1))


@given(trees(), st.data())
def test_new_children_take_no_number_that_is_taken(children: Tree, data: st.DataObject) -> None:
    spans = number(children, "0", Span(1, LAST // FOREST_SHARE))
    parent = data.draw(st.sampled_from(sorted(children)))
    wanted = data.draw(st.lists(st.integers(1, 50), min_size=1, max_size=20))
    try:
        added = place(spans[parent], [spans[child] for child in children[parent]], wanted)
    except NoRoom:
        return
    inside = [*added, *(spans[child] for child in children[parent])]
    inside.sort(key=lambda span: span.lo)
    assert all(span.size >= weight for span, weight in zip(added, wanted, strict=True))
    assert all(spans[parent].lo < span.lo and span.hi <= spans[parent].hi for span in inside)
    assert all(before.hi < after.lo for before, after in pairwise(inside))


def test_a_thousand_levels_fit() -> None:
    chain = {str(area): [str(area + 1)] for area in range(1000)}
    spans = number(chain, "0", Span(1, LAST // FOREST_SHARE))
    assert len({span.lo for span in spans.values()}) == 1001


def test_hundreds_of_trees_find_room_one_after_another() -> None:
    taken: list[Span] = []
    for _ in range(200):
        taken += place(WHOLE, taken, [335], FOREST_SHARE)
    assert max(span.hi for span in taken) <= LAST
    assert min(span.lo for span in taken) == 1


def test_a_ward_takes_a_hundred_new_children_one_after_another() -> None:
    ward = number({"city": [str(ward) for ward in range(312)]}, "city", Span(1, LAST // FOREST_SHARE))["7"]
    taken: list[Span] = []
    for _ in range(100):
        taken += place(ward, taken, [1])
    assert all(ward.covers(span) for span in taken)


def test_a_full_parent_says_how_much_is_missing() -> None:
    with pytest.raises(NoRoom) as refused:
        place(Span(1, 3), [Span(2, 2), Span(3, 3)], [1])
    assert (refused.value.needed, refused.value.largest) == (1, 0)


def test_the_hole_that_a_moved_subtree_left_is_used_again() -> None:
    assert place(Span(1, 10), [Span(2, 4), Span(9, 10)], [4]) == [Span(5, 8)]


def test_a_weight_counts_the_area_itself() -> None:
    assert weights({"a": ["b", "c"], "c": ["d"]}, "a") == {"a": 4, "b": 1, "c": 2, "d": 1}
