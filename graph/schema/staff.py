"""Who did something, as their colleagues see them."""

from uuid import UUID

import strawberry

from graph.context import Info
from graph.global_id import global_id


@strawberry.type(description="A member of staff who did something.")
class Staff:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The account's id.")
    name: str = strawberry.field(description="What the person is called.")


async def staff_or_none(info: Info, id: UUID | None) -> Staff | None:
    """The person of an account, loaded with the others of the answer."""
    name = await info.context.loaders.account_names.load(id) if id else None
    return Staff(id=strawberry.ID(global_id("Account", id)), name=name) if id and name else None
