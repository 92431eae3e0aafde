"""Arguments that many root fields share."""

from datetime import date
from typing import Annotated, TypeAlias

import strawberry

from graph.global_id import key_of

First: TypeAlias = Annotated[
    int | None, strawberry.argument(description="How many rows, from 1 to 100; 50 without it.")
]
After: TypeAlias = Annotated[
    str | None, strawberry.argument(description="The cursor of this same list after which the page begins.")
]
AreaId: TypeAlias = Annotated[
    strawberry.ID | None, strawberry.argument(description="The area, with all below it; your own area without it.")
]
Disease: TypeAlias = Annotated[
    str | None, strawberry.argument(description="The code of a disease; every disease without it.")
]
At: TypeAlias = Annotated[date | None, strawberry.argument(description="The day; today by default.")]


def area_key(id: strawberry.ID | None) -> str | None:
    """The identity of an area asked about. Raises NotFound for what is no area's id."""
    return None if id is None else key_of("Area", id)
