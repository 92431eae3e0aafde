"""Wards for the tests: three districts, and the whole city of March 2022."""

import csv
from pathlib import Path

from simulation.ward import Ward

FEW = [
    Ward(f"ward-{district}-{number}", f"{district}{number:02d}", f"Phường {number}", f"district-{district}", district)
    for district, count in (("760", 3), ("769", 6), ("999", 2))
    for number in range(1, count + 1)
]


def city() -> list[Ward]:
    """The 312 wards of the shipped tree."""
    path = Path(__file__).parents[3] / "data" / "areas-hcmc-2022-03.csv"
    with path.open(encoding="utf-8") as file:
        areas = {row["area_id"]: row for row in csv.DictReader(file)}
    return [
        Ward(
            row["area_id"],
            row["national_code"],
            row["name"],
            row["parent_id"],
            areas[row["parent_id"]]["national_code"],
        )
        for row in areas.values()
        if row["level"] == "3"
    ]
