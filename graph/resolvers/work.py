"""The worklist: to read and to watch."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, cast

import strawberry

from access.policy import Action
from graph.context import Info
from graph.plain_worklist import plain_worklist
from graph.schema.arguments import After, AreaId, First, area_key
from graph.schema.enums import Danger
from graph.schema.page import parts
from graph.schema.resolved import querying, subscribed
from graph.schema.work import PLAIN, WorkItem, WorkItemConnection, WorklistChange
from graph.schema.work_enums import WorkKind
from graph.worklist_at_hand import at_hand
from services.list_work import list_work
from services.watch_work import follow_work, watch_work
from services.work_item import WorkFilter


@strawberry.type
class WorkQuery:
    """To read."""

    @querying(
        "What to do next in an area: each open case once, and what else is left to do, most urgent first.",
        Action.SEE_CASES,
    )
    async def worklist(
        self,
        info: Info,
        area_id: AreaId = None,
        kinds: Annotated[
            list[WorkKind] | None,
            strawberry.argument(description="Only items that have one of these kinds, whichever is their first."),
        ] = None,
        mine: Annotated[
            bool, strawberry.argument(description="Only cases that you have claimed or whose alert you have taken.")
        ] = False,
        dangers: Annotated[list[Danger] | None, strawberry.argument(description="Only cases of these dangers.")] = None,
        first: First = None,
        after: After = None,
    ) -> WorkItemConnection:
        """One page."""
        context, wanted = info.context, WorkFilter(area_key(area_id), kinds, mine, dangers)
        actor = context.account()
        if plain := await plain_worklist(context, PLAIN, wanted, first, after):
            return cast(WorkItemConnection, plain)
        page = await list_work(
            *(context.runtime, actor, context.operation, wanted, first, after),
            at_hand=at_hand(context),
            # What a plain page has walked and did not fill it.
            gathered=context.operation.read_alone,
        )
        shown = (item.case.id for item in page.items)
        context.operation.seen.page("see_worklist", shown, wanted.area_id or actor.area_id)
        edges, nodes, page_info = parts(page, WorkItem.of, after)
        return WorkItemConnection(edges=edges, nodes=nodes, page_info=page_info)


@strawberry.type
class WorkSubscription:
    """To watch."""

    @subscribed(
        "How much there is to do in an area: at once, then whenever an item has come, gone or changed, at most once a "
        "second.",
        Action.SEE_CASES,
    )
    async def worklist_changed(self, info: Info, area_id: AreaId = None) -> AsyncGenerator[WorklistChange, None]:
        """Each time with the actor as of then."""
        context = info.context
        if context.watcher is not None:
            changes = follow_work(context.runtime, context.watcher)
        else:
            changes = watch_work(context.runtime, context.account(), area_key(area_id), context.group)
        async with aclosing(changes):
            async for actor, counts in changes:
                context.next_event(actor)
                # Asked once more after the snapshot was taken: what was lost before it is not shown of it. The same
                # loss wakes the watcher, which then asks for itself.
                if not await context.stands(actor):
                    continue
                yield WorklistChange.of(counts)
