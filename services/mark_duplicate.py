"""Marking a duplicate: a report is of somebody whose illness is known here already."""

from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.expressions import F

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from access.visible import visible
from alerts import log
from models.alert import Alert
from models.case import Case
from models.database import staff_transaction
from models.declaration import Declaration
from models.state import OPEN_ALERT_STATES, AlertChange, CaseEventKind, DeclarationState, TransferState
from services.answer_reroute import answer_reroute
from services.change_case import CLOSED, note, save_case
from services.change_declaration import done_already, hold_version, pending_change, save_declaration, step
from services.close_without_report import STANDING, close_without_report, left_without_report
from services.count_change import CountChange, add_counts
from services.problem import Conflict, Current, InvalidInput, NotFound
from services.runtime import Runtime
from triage.fault import Fault
from triage.lifecycle import DECLARATION


async def mark_duplicate(
    runtime: Runtime, actor: Actor, declaration_id: UUID, of: UUID, version: int | None = None
) -> Declaration:
    """Says that a waiting declaration is of the same person and illness as another one.

    Where its case has no other report left, that case is none. What was worse in it is not lost: while the other's case
    is open, the alerts that nobody has settled and the greater danger go over to that one.

    Raises InvalidInput (`of` is itself, or of another disease), Conflict (STALE_VERSION, WRONG_STATE
    also where the other one is over itself) and NotFound.
    """
    if not may(actor, Action.HANDLE_DECLARATION):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        declaration, kept, case, kept_case = await _locked(connection, actor, declaration_id, of)
        if of == declaration_id:
            raise InvalidInput((Fault(("duplicate_of",), "SAME_DECLARATION"),))
        kind = CaseEventKind.DECLARATION_DUPLICATE
        if declaration.duplicate_of == kept.id and await done_already(
            connection, actor, declaration, DeclarationState.DUPLICATE, kind
        ):
            return declaration
        hold_version(declaration, version)
        if kept.disease != declaration.disease:
            raise InvalidInput((Fault(("duplicate_of",), "OTHER_DISEASE"),))
        if kept.state not in STANDING:
            # Two reports that were each said to be the other's duplicate would leave nobody who is ill.
            values: dict[str, object] = {"state": kept.state, "allowed": DECLARATION.allowed(kept.state)}
            raise Conflict("WRONG_STATE", Current("DECLARATION", kept.id), values)
        now = runtime.clock.now()
        before = step(declaration, "MARK_DUPLICATE", now)
        declaration.duplicate_of = kept.id
        await save_declaration(connection, declaration, "duplicate_of")
        if before is DeclarationState.REROUTED:
            await answer_reroute(connection, case.id, TransferState.ACCEPTED, actor.account_id, now)
        changes = [pending_change(runtime, declaration, before, now)]
        carried: list[UUID] = []
        if kept_case.id != case.id and kept_case.state not in CLOSED and await left_without_report(connection, case):
            carried = await _carry(runtime, connection, case, kept_case, changes, now)
        closed = await close_without_report(runtime, connection, actor, case, "DISMISS", now)
        await add_counts(connection, [*changes, *closed.changes])
        detail = {"duplicate_of": str(kept.id)}
        await note(connection, runtime.sealer, actor, case, kind, now, subject=declaration.id, detail=detail)
        if kept_case.id != case.id:
            await note(connection, runtime.sealer, actor, kept_case, kind, now, subject=declaration.id, detail=detail)
        ids = [str(declaration.id), str(kept.id)]
        await record(connection, actor, "mark_duplicate", now, ids, area_no=declaration.area_no)
        if closed.alerts:
            resolved = [alert.id for alert in closed.alerts]
            await log.append(connection, resolved, AlertChange.RESOLVED, now, actor.account_id)
        if carried:
            await log.append(connection, carried, AlertChange.CARRIED, now, actor.account_id)
    if carried or closed.alerts:
        runtime.hub.wake()
    return declaration


async def _locked(
    connection: AsyncpgDBClient, actor: Actor, declaration_id: UUID, of: UUID
) -> tuple[Declaration, Declaration, Case, Case]:
    """Both declarations and both cases, the cases locked first and in the order of their ids."""
    both = visible(actor, Declaration, connection).filter(id__in=[declaration_id, of])
    cases = {row.case_id for row in await both}
    locked = visible(actor, Case, connection).filter(id__in=list(cases)).order_by("id").select_for_update()
    found_cases = {row.id: row for row in await locked}
    found = {row.id: row for row in await both.order_by("id").select_for_update()}
    if len(found) < len({declaration_id, of}) or any(row.case_id not in found_cases for row in found.values()):
        raise NotFound
    declaration, kept = found[declaration_id], found[of]
    return declaration, kept, found_cases[declaration.case_id], found_cases[kept.case_id]


async def _carry(
    runtime: Runtime, connection: AsyncpgDBClient, case: Case, kept: Case, changes: list[CountChange], now: datetime
) -> list[UUID]:
    """Takes the alerts that are not resolved over to the case that goes on, and what makes that one worse."""
    found = (
        Alert.filter(case_id=case.id, resolved_at__isnull=True).order_by("id").select_for_update().using_db(connection)
    )
    alerts = await found
    ids = [alert.id for alert in alerts]
    place = {"area_id": kept.area_id, "area_no": kept.area_no, "station_id": kept.station_id}
    await Alert.filter(id__in=ids).using_db(connection).update(case_id=kept.id, version=F("version") + 1, **place)
    day = runtime.clock.day(now)
    for alert in alerts:
        was_open = alert.state in OPEN_ALERT_STATES
        if was_open and alert.area_no != kept.area_no:
            changes += [
                CountChange(alert.area_id, alert.area_no, alert.disease, day, open_alerts=-1),
                CountChange(kept.area_id, kept.area_no, alert.disease, day, open_alerts=1),
            ]
    kept.severe, kept.high_risk = kept.severe or case.severe, kept.high_risk or case.high_risk
    if case.rank < kept.rank:
        kept.rank, kept.danger = case.rank, case.danger or kept.danger
    kept.version += 1
    await save_case(connection, kept, "severe", "high_risk", "rank", "danger")
    return ids
