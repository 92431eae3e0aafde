"""What settling a case does to the declarations that it was made of."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import F

from models.case import Case
from models.declaration import Declaration
from models.state import WAITING_DECLARATION_STATES, DeclarationState, TransferState
from services.answer_reroute import answer_reroute
from services.batch import padded
from services.count_change import CountChange
from services.merged_cases import with_merged
from services.runtime import Runtime


async def settle_declarations(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    case: Case,
    state: DeclarationState,
    now: datetime,
    account_id: UUID | None = None,
) -> list[CountChange]:
    """Moves the case's pending declarations on; the answer is what their wards' counters lose.

    A report that was sent on from another ward is taken with it, by that account.
    """
    return await settle_all(runtime, connection, [case], state, now, account_id)


async def settle_all(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    cases: Sequence[Case],
    state: DeclarationState,
    now: datetime,
    account_id: UUID | None = None,
) -> list[CountChange]:
    """The same for many cases at once."""
    whole = await with_merged(connection, [case.id for case in cases])
    pending = (
        await Declaration.filter(case_id__in=padded(whole), state__in=WAITING_DECLARATION_STATES)
        .order_by("id")
        .select_for_update()
        .using_db(connection)
    )
    await (
        Declaration.filter(id__in=padded(declaration.id for declaration in pending))
        .using_db(connection)
        .update(state=state, handled_at=now, version=F("version") + 1)
    )
    rerouted = {declaration.case_id for declaration in pending if declaration.state == DeclarationState.REROUTED}
    for case_id in rerouted:
        await answer_reroute(connection, case_id, TransferState.ACCEPTED, account_id, now)
    day = runtime.clock.day(now)
    return [CountChange(one.area_id, one.area_no, one.disease, day, pending=-1, acted_at=now) for one in pending]
