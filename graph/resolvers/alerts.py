"""Alerts: to read, to take, to settle, to watch."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.alert import Alert, AlertConnection, AlertEvent
from graph.schema.arguments import After, AreaId, Disease, First, area_key
from graph.schema.enums import AlertKind, AlertState
from graph.schema.inputs import AcknowledgeAlertInput, ResolveAlertInput
from graph.schema.page import parts
from graph.schema.payload import AcknowledgeAlertResult, AlertAcknowledged, AlertResolved, ResolveAlertResult
from graph.schema.resolved import mutating, querying, subscribed
from services.acknowledge import acknowledge
from services.list_alerts import AlertFilter, list_alerts
from services.resolve import resolve
from services.watch_alerts import watch_alerts

Kinds = Annotated[list[AlertKind] | None, strawberry.argument(description="Only these kinds; every kind without it.")]


@strawberry.type
class AlertQuery:
    """To read."""

    @querying("The alerts of an area, most dangerous first, then the longest waiting.", Action.SEE_ALERTS)
    async def alerts(
        self,
        info: Info,
        area_id: AreaId = None,
        kinds: Kinds = None,
        states: Annotated[
            list[AlertState] | None, strawberry.argument(description="Only those in these states.")
        ] = None,
        overdue: Annotated[
            bool | None, strawberry.argument(description="Only open ones past their due time, or only the others.")
        ] = None,
        disease: Disease = None,
        first: First = None,
        after: After = None,
    ) -> AlertConnection:
        """One page."""
        context, wanted = info.context, AlertFilter(area_key(area_id), kinds, states, overdue, disease)
        actor = context.account()
        async with context.operation.reading() as connection:
            page = await list_alerts(context.runtime, actor, connection, wanted, first, after)
        context.operation.seen.page("see_alerts", (row.id for row in page.items), wanted.area_id or actor.area_id)
        edges, nodes, page_info = parts(page, Alert.of, after)
        return AlertConnection(edges=edges, nodes=nodes, page_info=page_info, cursor=page.position or "")


@strawberry.type
class AlertMutation:
    """To take and to settle."""

    @mutating("Takes an alert, and with it every other open one of its case.", Action.ACKNOWLEDGE_ALERT)
    async def acknowledge_alert(self, info: Info, input: AcknowledgeAlertInput) -> AcknowledgeAlertResult:
        """The alert as taken."""
        actor = info.context.account()
        await info.context.next_mutation()
        rows = await acknowledge(info.context.runtime, actor, uuid_of("Alert", input.id))
        alerts = [Alert.of(row) for row in rows]
        return AlertAcknowledged(alert=alerts[0], alerts=alerts)

    @mutating("Says what came of an alert that was taken.", Action.RESOLVE_ALERT)
    async def resolve_alert(self, info: Info, input: ResolveAlertInput) -> ResolveAlertResult:
        """The alert as settled."""
        actor = info.context.account()
        await info.context.next_mutation()
        row = await resolve(info.context.runtime, actor, uuid_of("Alert", input.id), input.outcome, input.note)
        return AlertResolved(alert=Alert.of(row))


@strawberry.type
class AlertSubscription:
    """To watch."""

    @subscribed(
        "What happens to an area's alerts: everything after a cursor, then live, each once and in order.",
        Action.SEE_ALERTS,
    )
    async def alerts(
        self,
        info: Info,
        area_id: AreaId = None,
        kinds: Kinds = None,
        after: Annotated[
            str | None,
            strawberry.argument(
                description="The cursor of the last event you have, or of a page of alerts; from now on without it."
            ),
        ] = None,
    ) -> AsyncGenerator[AlertEvent, None]:
        """Event by event."""
        context, wanted = info.context, frozenset(kinds) if kinds is not None else None
        since = context.resume_after or after
        if context.events is not None:
            events = context.events()
        else:
            key = area_key(area_id)
            events = watch_alerts(context.runtime, context.account(), key, wanted, since, context.group)
        async with aclosing(events):
            async for event in events:
                context.next_event(event.seen_by, covered=True, written_at=event.live_since, cursor=event.cursor)
                yield AlertEvent.of(event)
