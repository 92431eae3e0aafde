"""The areas of an installation, asked of its API: the root, what is below it, and the wards where people live."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from simulation.client import Client
from simulation.operations import AREAS
from simulation.ward import Ward


class UnfitTree(Exception):
    """The areas are not of the kind that a replay needs; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Place:
    """A root or district: its identity, the code by which its account is named, and the wards below it."""

    id: str
    code: str
    name: str
    wards: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tree:
    """A city with its districts, and all wards."""

    city: Place
    districts: tuple[Place, ...]
    wards: tuple[Ward, ...]


async def read_tree(client: Client, token: str) -> Tree:
    """Reads the areas that are valid at the installation's present moment. Raises UnfitTree."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await client.call(AREAS, {"after": after}, token))["areas"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return build_tree(found)


def build_tree(areas: Iterable[dict[str, Any]]) -> Tree:
    """The tree of areas given as the API gives them. Raises UnfitTree where they are not a city of three levels."""
    known = {area["id"]: area for area in areas}
    parents = {area["id"]: area["parent"]["id"] if area["parent"] else None for area in known.values()}
    inner = set(parents.values())
    roots = [id for id, parent in parents.items() if parent is None]
    leaves = [id for id in known if id not in inner and parents[id] is not None]
    wards = tuple(_ward(known[id], known[str(parents[id])]) for id in leaves)
    districts = {ward.district_id for ward in wards}
    if len(roots) != 1 or not wards or any(parents[district] != roots[0] for district in districts):
        raise UnfitTree(
            "the replay needs one city with districts and wards: khaibao areas import data/areas-hcmc-2022-03.csv"
        )
    return Tree(
        city=_place(known[roots[0]], (ward.id for ward in wards)),
        districts=tuple(
            _place(known[id], (ward.id for ward in wards if ward.district_id == id)) for id in sorted(districts)
        ),
        wards=wards,
    )


def _ward(area: dict[str, Any], district: dict[str, Any]) -> Ward:
    return Ward(area["id"], area["code"], area["name"], district["id"], district["code"])


def _place(area: dict[str, Any], wards: Iterable[str]) -> Place:
    return Place(area["id"], area["code"], area["name"], frozenset(wards))
