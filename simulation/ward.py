"""Wards as the replay sees them, and how many of the declarations each may expect."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

# Residents in thousands by the code of the district, roughly as the census of 2019 counted them.
_RESIDENTS = {
    "760": 143, "761": 620, "764": 677, "765": 499, "766": 475, "767": 485, "768": 164, "769": 1014, "770": 190,
    "771": 235, "772": 210, "773": 175, "774": 159, "775": 234, "776": 425, "777": 784, "778": 360, "783": 462,
    "784": 542, "785": 706, "786": 207, "787": 72,
}  # fmt: skip
_RESIDENTS_ELSEWHERE = 300


@dataclass(frozen=True, slots=True)
class Ward:
    """A ward, and the district that it belongs to; `code` is what a resident's address carries."""

    id: str
    code: str
    name: str
    district_id: str
    district_code: str


def ward_weights(wards: Sequence[Ward], draw: random.Random) -> list[float]:
    """How much of the whole each ward gets: a district by its residents, its wards unevenly, as wards are.

    Within a district the k-th largest ward weighs 1/sqrt(k); which ward is which is drawn.
    """
    places: dict[str, list[int]] = {}
    for index, ward in enumerate(wards):
        places.setdefault(ward.district_id, []).append(index)
    weights = [0.0] * len(wards)
    for members in places.values():
        residents = _RESIDENTS.get(wards[members[0]].district_code, _RESIDENTS_ELSEWHERE)
        draw.shuffle(members)
        shares = [(place + 1) ** -0.5 for place in range(len(members))]
        for index, share in zip(members, shares, strict=True):
            weights[index] = residents * share / sum(shares)
    return weights
