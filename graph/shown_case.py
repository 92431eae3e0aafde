"""A case after somebody has changed it, as they may see it now."""

from uuid import UUID

from graph.context import Context
from graph.schema.case import Case


async def shown_case(context: Context, id: UUID) -> Case | None:
    """Read anew within the viewer's scope; None where what they did has taken it from them."""
    row = await context.loaders.cases.load(id)
    return Case.of(row) if row else None
