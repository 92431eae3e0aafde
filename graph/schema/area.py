"""The administrative tree."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.plain_shown import Shown, of_type
from graph.schema.later import later
from graph.schema.node import Node
from graph.schema.resolved import resolved
from services import rows

COLUMNS: Mapping[str, Shown] = {
    **of_type("Area"),
    # A key of its own length, and no UUID.
    "id": Shown("id", partial(map, partial(global_id, "Area"))),
    **{name: Shown(name) for name in ("type", "level", "name")},
    "code": Shown("national_code"),
    "nameEn": Shown("name_en"),
    "validFrom": Shown("valid_from"),
    "validTo": Shown("valid_to"),
}
"""The fields that are shown as the table has them."""


@strawberry.type(description="An area of the administrative tree: a city, a district, a ward.")
class Area(Node):
    """See the description."""

    code: str = strawberry.field(
        description="Its national code. Another area may have had the same code before: the id tells them apart."
    )
    type: str = strawberry.field(description="What kind of area: thanh-pho, quan, huyen, phuong, xa, thi-tran, ...")
    level: int = strawberry.field(description="How deep it lies in the tree; the top is 0 or 1, by the data.")
    name: str = strawberry.field(description="Its Vietnamese name, with the type.")
    name_en: str = strawberry.field(description="Its name without Vietnamese letters.")
    valid_from: date = strawberry.field(description="The first day of its being.")
    valid_to: date | None = strawberry.field(description="The day it ceased to be, not included; null where it stands.")
    row: strawberry.Private[rows.Area]

    @classmethod
    def of(cls, row: rows.Area) -> "Area":
        """The area of a row."""
        return cls(
            id=strawberry.ID(global_id("Area", row.id)),
            code=row.national_code,
            type=row.type,
            level=row.level,
            name=row.name,
            name_en=row.name_en,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            row=row,
        )

    @resolved("The area that this one is a part of; null at the top.")
    def parent(self, info: Info) -> "Area | None":
        """Loaded for all areas of the answer at once."""
        return area_or_none(info, self.row.parent_id)

    @resolved("Its parts, as of a day; today without one.")
    async def children(
        self,
        info: Info,
        at: Annotated[date | None, strawberry.argument(description="The day; today by default.")] = None,
    ) -> list["Area"]:
        """Loaded for all areas of the answer at once."""
        day = at or info.context.runtime.clock.day()
        return [Area.of(row) for row in await info.context.loaders.area_children(day).load(self.row.id) or ()]


def area_or_none(info: Info, id: str | None) -> Area | None:
    """The area of an id: remembered, or loaded with the others of the answer."""
    if id is None:
        return None
    row = info.context.remembered.areas.fresh(id)
    return Area.of(row) if row else later(_load(info, id))


async def _load(info: Info, id: str) -> Area | None:
    row = await info.context.loaders.areas.load(id)
    return Area.of(row) if row else None
