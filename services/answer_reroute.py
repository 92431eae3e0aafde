"""Answering a reroute: whoever decides on a report that was sent on to them has taken it."""

from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import F

from models.state import TransferKind, TransferState
from models.transfer import Transfer


async def answer_reroute(
    connection: AsyncpgDBClient, case_id: UUID, state: TransferState, account_id: UUID | None, now: datetime
) -> None:
    """Marks the case's reroute that waits for an answer, where there is one; `account_id` None where nobody answered.

    The caller has locked the case, and has it in the ward that it was sent to.
    """
    waiting = Transfer.filter(case_id=case_id, kind=TransferKind.REROUTE, state=TransferState.REQUESTED)
    await waiting.using_db(connection).update(
        state=state, answered_at=now, answered_by=account_id, version=F("version") + 1
    )
