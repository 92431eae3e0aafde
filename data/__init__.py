"""Areas, their changes and stations as CSV, and the script that made them; NOTICE.md says where they come from."""

from pathlib import Path

FOLDER = Path(__file__).parent
AREAS_2022 = FOLDER / "areas-hcmc-2022-03.csv"
AREAS_2025 = FOLDER / "areas-hcmc-2025-07.csv"
CHANGES_2025 = FOLDER / "area-changes-2025-07-01.csv"
STATIONS_2022 = FOLDER / "stations-hcmc-2022.csv"
DEMO_STATIONS_2022 = FOLDER / "demo-stations-hcmc-2022.csv"
