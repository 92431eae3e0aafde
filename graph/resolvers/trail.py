"""The trail of a case."""

from typing import Annotated

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.arguments import After, First
from graph.schema.page import Connection, connected
from graph.schema.resolved import querying
from graph.schema.trail import AuditEntry
from services.list_trail import list_trail


@strawberry.type
class TrailQuery:
    """To read."""

    @querying(
        "What was done to a case and who has looked at it, newest first. Reading it is on record, too.",
        Action.SEE_AUDIT,
    )
    async def audit_trail(
        self,
        info: Info,
        case_id: Annotated[strawberry.ID, strawberry.argument(description="The case's id.")],
        first: First = None,
        after: After = None,
    ) -> Connection[AuditEntry]:
        """One page; refused as NOT_FOUND where the case is unknown or outside."""
        context, key = info.context, uuid_of("Case", case_id)
        actor = context.account()
        async with context.operation.reading() as connection:
            page = await list_trail(context.runtime, actor, connection, key, first, after)
        context.operation.seen.page("see_audit", [key])
        return connected(page, AuditEntry.of, after)
