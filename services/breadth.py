"""How much of the tree a range of areas is, which decides in which order its rows are found fastest."""

import time
from enum import Enum

from access.jurisdiction import Jurisdiction
from models.database import application_connection

_FEW = 32
_SECONDS = 60.0
_KEPT = 2_000

_COUNT = "SELECT count(*) FILTER (WHERE lo BETWEEN $1 AND $2) AS inside, count(*) AS every FROM area -- breadth"

# Of this process, and only a hint: whoever reads with an old one finds the same rows, in another way.
_known: dict[Jurisdiction, tuple[float, "Breadth"]] = {}


class Breadth(Enum):
    """FEW areas are asked one by one. MOST of all areas are read in the whole table's order, of which they have the
    larger part. What is between is for the planner to judge."""

    FEW = "FEW"
    SOME = "SOME"
    MOST = "MOST"


async def breadth_of(where: Jurisdiction) -> Breadth:
    """How much of the tree lies within a range, as of the last minute. Areas are public."""
    now = time.monotonic()
    known = _known.get(where)
    if known is not None and known[0] > now:
        return known[1]
    _, rows = await application_connection().execute_query(_COUNT, [where.lo, where.hi])
    inside, every = rows[0]["inside"], rows[0]["every"]
    found = Breadth.FEW if inside <= _FEW else Breadth.MOST if inside * 2 > every else Breadth.SOME
    if len(_known) >= _KEPT:
        _known.clear()
    _known[where] = (now + _SECONDS, found)
    return found
