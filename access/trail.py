"""The audit's line: who did what to whom, in the transaction of the act itself."""

from datetime import datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from models.audit import Audit


async def record(
    connection: AsyncpgDBClient,
    actor: Actor,
    action: str,
    at: datetime,
    objects: list[str],
    *,
    area_no: int | None = None,
    detail: dict[str, object] | None = None,
) -> None:
    """Writes one line. `objects` are identifiers, `detail` holds nothing of a person."""
    await Audit.create(
        using_db=connection,
        at=at,
        account_id=actor.account_id,
        actor=actor.kind,
        action=action,
        area_no=area_no,
        objects=objects,
        detail=detail or {},
    )
