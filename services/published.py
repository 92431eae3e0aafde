"""The figures that were told to everybody lately, remembered by this process."""

import asyncio
import time
from collections import OrderedDict
from datetime import date, timedelta

from models.area import Area
from models.area_count import ALL_DAYS
from models.database import service_transaction
from services.public_figures import Counted, Figures, figures_of

DAYS = 30
"""How many days are shown."""

_KEPT_DAYS = 8
_KEPT_SECONDS = 600.0

# What was counted before the first day is that day's, in one row an area.
_COUNTED = """
SELECT area_no, greatest(day, $3) AS day, sum(declared) AS declared, sum(confirmed) AS confirmed, sum(severe) AS severe,
  sum(high_risk) AS high_risk
FROM area_count WHERE disease = $1 AND day > $2 AND day <= $4 GROUP BY 1, 2
"""


class PublicFigures:
    """The figures of the last few days that somebody asked for, reckoned once however many ask."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self._kept: OrderedDict[tuple[str, date], tuple[float, dict[str, Figures]]] = OrderedDict()
        self._turn = asyncio.Lock()

    def kept(self, disease: str, day: date) -> dict[str, Figures] | None:
        """Those of a day, where they need not be reckoned again."""
        until, figures = self._kept.get((disease, day), (0.0, None))
        return figures if until > time.monotonic() else None

    async def of(self, disease: str, day: date) -> dict[str, Figures]:
        """Those of a day, by the area's identity. Of many who ask at once one reckons, and the others wait."""
        async with self._turn:
            found = self.kept(disease, day)
            if found is None:
                found = await _reckoned(disease, day)
                # Not for ever: areas are moved, and an installation for trying things out turns its clock back.
                self._kept[disease, day] = (time.monotonic() + _KEPT_SECONDS, found)
                self._kept.move_to_end((disease, day))
                while len(self._kept) > _KEPT_DAYS:
                    self._kept.popitem(last=False)
        return found


async def _reckoned(disease: str, day: date) -> dict[str, Figures]:
    first = day - timedelta(days=DAYS)
    # The service's login, for it is told to nobody in particular and about all areas: whoever asks may see no counter.
    # In a transaction, so that areas keep their numbers between the two looks.
    async with service_transaction() as connection:
        areas = await Area.all().using_db(connection)
        _, rows = await connection.execute_query(_COUNTED, [disease, ALL_DAYS, first, day])
    counted = [Counted(**{name: row[name] for name in Counted._fields}) for row in rows]
    # Beside the loop, which others wait for: some tenths of a second for a city.
    return await asyncio.to_thread(figures_of, areas, counted, first, day)
