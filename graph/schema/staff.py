"""Who did something, as their colleagues see them."""

from uuid import UUID

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.later import later


@strawberry.type(description="A member of staff who did something.")
class Staff:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The account's id.")
    name: str = strawberry.field(description="What the person is called.")


def staff_or_none(info: Info, id: UUID | None) -> Staff | None:
    """The person of an account, loaded with the others of the answer."""
    return later(load_staff(info, id)) if id else None


async def load_staff(info: Info, id: UUID) -> Staff | None:
    """The same for who can wait."""
    name = await info.context.loaders.account_names.load(id)
    return Staff(id=strawberry.ID(global_id("Account", id)), name=name) if name else None
