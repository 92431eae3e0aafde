"""Expiring: what a station has asked and nobody answered within the protocol's time is over."""

from datetime import datetime
from uuid import UUID

from access.actor import SYSTEM
from alerts import log
from models.alert import Alert
from models.case import Case
from models.database import service_connection, service_transaction
from models.declaration import Declaration
from models.state import AlertChange, CaseEventKind, DeclarationState, MessageKind
from services.change_case import note
from services.change_declaration import pending_change, save_declaration, step
from services.close_without_report import close_without_report
from services.count_change import add_counts
from services.runtime import Runtime
from services.tell_resident import tell_outcome

_BATCH = 200

_DISEASES = "SELECT DISTINCT disease FROM declaration WHERE state = 'NEEDS_INFO'"
# Not while an alert of the case is unresolved: whoever may be in danger must not be forgotten because a form is not
# complete. It expires once somebody has dealt with the alert.
_DUE = """
SELECT d.id FROM declaration d WHERE d.state = 'NEEDS_INFO' AND d.disease = $1 AND d.asked_at <= $2
  AND NOT EXISTS (SELECT FROM alert a WHERE a.case_id = d.case_id AND a.state <> 'RESOLVED')
ORDER BY d.asked_at, d.id LIMIT $3
"""


async def expire_declarations(runtime: Runtime) -> int:
    """Ends each declaration that was asked about and not completed in time. Returns how many.

    It runs as the service, because nobody in particular does it.
    """
    now = runtime.clock.now()
    expired = 0
    _, diseases = await service_connection().execute_query(_DISEASES)
    for disease in (row["disease"] for row in diseases):
        protocol = runtime.protocols.judging(disease, runtime.clock.day(now))
        if protocol is None:
            continue
        while True:
            asked_before = now - protocol.answer_within
            _, rows = await service_connection().execute_query(_DUE, [disease, asked_before, _BATCH])
            done = [await _expire(runtime, row["id"], asked_before, now) for row in rows]
            expired += sum(done)
            # A batch of which nothing could be ended is asked for again at the next look, not at once for ever.
            if len(rows) < _BATCH or not any(done):
                break
    return expired


async def _expire(runtime: Runtime, declaration_id: UUID, asked_before: datetime, now: datetime) -> bool:
    """Each in a transaction of its own: the case first, then its declaration, as everybody locks them."""
    async with service_transaction() as connection:
        found = await Declaration.get(id=declaration_id, using_db=connection)
        # Whoever has the case in hand just now decides; this looks again a minute later.
        locked = Case.filter(id=found.case_id).using_db(connection).select_for_update(skip_locked=True)
        case = await locked.first()
        declaration = await Declaration.filter(id=declaration_id).using_db(connection).select_for_update().first()
        if case is None or declaration is None or declaration.state != DeclarationState.NEEDS_INFO:
            return False
        if declaration.asked_at is None or declaration.asked_at > asked_before:
            return False
        unresolved = Alert.filter(case_id=case.id, resolved_at__isnull=True).using_db(connection)
        if await unresolved.exists():
            return False
        before = step(declaration, "EXPIRE", now)
        await save_declaration(connection, declaration)
        closed = await close_without_report(runtime, connection, SYSTEM, case, "EXPIRE", now)
        await add_counts(connection, [pending_change(runtime, declaration, before, None), *closed.changes])
        kind = CaseEventKind.DECLARATION_EXPIRED
        await note(connection, runtime.sealer, SYSTEM, case, kind, now, subject=declaration.id)
        told = closed.closed and await tell_outcome(runtime, connection, case, MessageKind.REFUSED, now)
        if closed.alerts:
            await log.append(connection, [alert.id for alert in closed.alerts], AlertChange.RESOLVED, now)
    if closed.alerts:
        runtime.hub.wake()
    if told:
        runtime.wake_relay()
    return True
