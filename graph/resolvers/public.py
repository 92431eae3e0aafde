"""What everybody may ask."""

from datetime import date
from typing import Annotated

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import key_of
from graph.schema.public_summary import PublicSummary
from graph.schema.resolved import querying
from services.public_summary import public_summary


@strawberry.type
class PublicQuery:
    """To read without signing in."""

    @querying(
        "The counts of an area for everybody, until the end of a day. Small ones are not told, nor what could be found "
        "by taking one from another.",
        Action.SEE_PUBLIC_SUMMARY,
    )
    async def public_summary(
        self,
        info: Info,
        area_id: Annotated[strawberry.ID, strawberry.argument(description="The area, with all below it.")],
        day: Annotated[
            date | None, strawberry.argument(description="The last day to count; by default the last that is over.")
        ] = None,
    ) -> PublicSummary | None:
        """Mostly from memory."""
        context, key = info.context, key_of("Area", area_id)
        return PublicSummary.of(await public_summary(context.runtime, context.actor, key, day))
