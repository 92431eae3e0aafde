"""The areas as they stood on a day, in the order of the tree. Areas are public."""

from dataclasses import dataclass
from datetime import date

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q

from models.area import Area
from models.area_name import search_name
from services.cursor import number_cursor
from services.number_order import read_number
from services.page import Page, page_size
from services.problem import InvalidInput, NotFound
from services.runtime import Runtime
from triage.fault import Fault

_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class AreaFilter:
    """Which areas: below `root` (everything without one) and at most `depth` levels below, in force on the day `at`.

    Without a root depth 1 are the tops. `search` is part of a name; accents, case and leading zeros do not matter.
    """

    root: str | None = None
    at: date | None = None
    depth: int | None = None
    search: str | None = None


async def list_areas(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    wanted: AreaFilter,
    first: int | None = None,
    after: str | None = None,
) -> Page[Area]:
    """A page of areas, each before what lies below it.

    Raises NotFound (unknown root), InvalidInput (`first` or `depth` out of bounds), InvalidCursor.
    """
    size = page_size(first)
    if wanted.depth is not None and not 1 <= wanted.depth <= _DEEPEST:
        raise InvalidInput((Fault(("depth",), "OUT_OF_BOUNDS", {"minimum": 1, "maximum": _DEEPEST}),))
    at = wanted.at or runtime.clock.day()
    areas = Area.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at).using_db(connection)
    level = 0
    if wanted.root is not None:
        root = await _root(connection, wanted.root)
        level = root.level
        areas = areas.filter(lo__gt=root.lo, lo__lte=root.hi)
    if wanted.depth is not None:
        areas = areas.filter(level__lte=level + wanted.depth)
    if wanted.search is not None:
        # A search without a single letter or digit would be part of every name.
        areas = areas.filter(search_name__contains=search_name(wanted.search) or "\n")
    if after is not None:
        areas = areas.filter(lo__gt=read_number("areas", after)[0])
    rows = await areas.order_by("lo").limit(size + 1)
    shown = rows[:size]
    return Page(shown, [number_cursor("areas", row.lo, row.id) for row in shown], len(rows) > size)


async def _root(connection: AsyncpgDBClient, id: str) -> Area:
    root = None if "\0" in id else await Area.get_or_none(id=id, using_db=connection)
    if root is None:
        raise NotFound
    return root
