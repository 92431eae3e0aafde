"""A city's tree from what the API lists."""

from typing import Any

import pytest

from simulation.tree import UnfitTree, build_tree


def area(id: str, parent: str | None) -> dict[str, Any]:
    """An area as the API gives it."""
    return {"id": id, "code": id, "name": id, "parent": {"id": parent, "code": parent} if parent else None}


def test_a_city_of_three_levels_is_read_with_its_districts_and_wards() -> None:
    tree = build_tree([area("c", None), area("d", "c"), area("e", "c"), area("w", "d"), area("x", "e"), area("y", "e")])
    assert tree.city.wards == {"w", "x", "y"}
    assert [(place.id, place.wards) for place in tree.districts] == [
        ("d", frozenset("w")),
        ("e", frozenset("xy")),
    ]
    assert {ward.id: ward.district_code for ward in tree.wards} == {"w": "d", "x": "e", "y": "e"}


@pytest.mark.parametrize(
    "areas",
    [
        [],
        [area("c", None)],
        [area("c", None), area("w", "c")],
        [area("c", None), area("d", "c"), area("w", "d"), area("other", None)],
    ],
)
def test_another_tree_is_refused_with_what_to_import(areas: list[dict[str, Any]]) -> None:
    with pytest.raises(UnfitTree, match="khaibao areas import"):
        build_tree(areas)
