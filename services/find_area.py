"""Looking an area up as people name it: by national code or by name, at a date."""

from dataclasses import dataclass
from datetime import date

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.area import Area
from models.area_name import same_spelling, search_names

_MOST_NAMES = 50
_LONGEST_CODE = 16


@dataclass(frozen=True, slots=True)
class Within:
    """The part of the tree to look in, by its numbers."""

    lo: int
    hi: int


async def find_area(connection: AsyncpgDBClient, code: str, at: date) -> Area | None:
    """The area that had this national code on that day, None where none had.

    Where two trees have the code (a new one imported whose change is not applied yet) it is the one that came into
    force last.
    """
    code = code.strip()
    if len(code) > _LONGEST_CODE:
        # The column refuses to be compared with it, and it would be a fault of the value instead of a code of nothing.
        return None
    return await _at(Area.filter(national_code=code), at).using_db(connection).order_by("-valid_from").first()


async def find_area_named(connection: AsyncpgDBClient, name: str, at: date, within: Within | None = None) -> list[Area]:
    """The areas of this name on that day, the best match first; 50 at the most.

    Accents, case, leading zeros and the kind may be missing or otherwise written (`Phường 1`, `01`, `P.1`, `Hoà`,
    `Hòa`). Many wards are called `Phường 1`: `within` names the district's range.
    """
    query = _at(Area.filter(search_name__in=search_names(name)), at).using_db(connection)
    if within:
        query = query.filter(lo__gte=within.lo, lo__lte=within.hi)
    found = await query.order_by("level", "lo").limit(_MOST_NAMES)
    return sorted(found, key=lambda area: not same_spelling(area.name, name))


def _at(areas: QuerySet[Area], at: date) -> QuerySet[Area]:
    return areas.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at)
