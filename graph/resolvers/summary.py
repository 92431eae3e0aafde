"""Seeing an area."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date
from typing import Annotated

import strawberry

from access.policy import Action
from graph.context import Info
from graph.plain_summary import plain_summary
from graph.schema.arguments import AreaId, area_key
from graph.schema.resolved import querying, subscribed
from graph.schema.summary import AreaSummary
from services.summarise import summarise
from services.watch_summary import follow_summary, watch_summary

OneDisease = Annotated[
    str | None, strawberry.argument(description="The code of a disease; the installation's by default.")
]


@strawberry.type
class SummaryQuery:
    """To read."""

    @querying("The figures of an area; of all days without `from` and `to`.", Action.SEE_SUMMARY)
    async def area_summary(
        self,
        info: Info,
        area_id: AreaId = None,
        from_: Annotated[
            date | None, strawberry.argument(name="from", description="The first day; at most 366 days are counted.")
        ] = None,
        to: Annotated[date | None, strawberry.argument(description="The last day; today by default.")] = None,
        disease: OneDisease = None,
    ) -> AreaSummary | None:
        """What is not asked for is not counted."""
        context, actor, key = info.context, info.context.account(), area_key(area_id)
        if from_ is None and to is None and (plain := await plain_summary(context, key, disease)):
            return plain
        async with context.operation.reading() as connection:
            return AreaSummary.of(await summarise(context.runtime, actor, connection, key, from_, to, disease))


@strawberry.type
class SummarySubscription:
    """To watch."""

    @subscribed(
        "The figures of an area: at once, then whenever one has changed, at most once a second.", Action.SEE_SUMMARY
    )
    async def area_summary(
        self, info: Info, area_id: AreaId = None, disease: OneDisease = None
    ) -> AsyncGenerator[AreaSummary, None]:
        """Each time anew, with the actor as of then."""
        context, key = info.context, area_key(area_id)
        if context.watcher is not None:
            ticks = follow_summary(context.watcher)
        else:
            ticks = watch_summary(context.runtime, context.account(), key, context.group)
        async with aclosing(ticks):
            async for actor in ticks:
                context.next_event(actor)
                async with context.operation.reading() as connection:
                    found = await summarise(context.runtime, actor, connection, key, disease=disease)
                # Asked once more now that the snapshot is taken: what was lost before it is not shown of it. The same
                # loss wakes the watcher, which then asks for itself.
                if not await context.stands(actor):
                    await context.settle()
                    continue
                yield AreaSummary.of(found)
