"""Confirming: the station says that this is a case, of one or of many at once."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from access import trail
from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import Line
from models.case import Case
from models.database import staff_transaction
from models.state import CaseEventKind, DeclarationState, MessageKind
from services.begin_isolation import begin_isolation
from services.change_case import advance, counted, line_of, unchanged
from services.change_cases import Chosen, at_most, locked_cases, note_all, save_cases
from services.count_change import add_counts
from services.problem import Conflict, NotFound
from services.runtime import Runtime
from services.settle_case import settle_all
from services.tell_resident import tell_outcomes


async def confirm(runtime: Runtime, actor: Actor, case_id: UUID, version: int | None = None) -> Case:
    """Confirms a suspected case and accepts its declarations.

    `version` is the one the caller has seen. Raises Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    (found,) = await confirm_all(runtime, actor, [Chosen(case_id, version)])
    if isinstance(found, Case):
        return found
    raise found


async def confirm_all(runtime: Runtime, actor: Actor, chosen: Sequence[Chosen]) -> list[Case | Conflict | NotFound]:
    """Confirms those of the cases that can be confirmed, in one transaction; what came of each, in the order asked.

    A case that is named twice is confirmed once. Raises InvalidInput for none and for more than 300, NotFound for a
    role that confirms nothing.
    """
    if not may(actor, Action.CONFIRM_CASE):
        raise NotFound
    at_most(len(chosen), "cases")
    found: dict[UUID, Case | Conflict | NotFound] = {}
    async with staff_transaction(bounds_of(actor)) as connection:
        cases = await locked_cases(connection, actor, [one.id for one in chosen])
        now = runtime.clock.now()
        confirmed, changes = [], []
        for one in chosen:
            if one.id in found:
                continue
            case = cases.get(one.id)
            if case is None:
                found[one.id] = NotFound()
                continue
            try:
                unchanged(case, one.version)
                before = advance(case, "CONFIRM", now)
            except Conflict as refused:
                found[one.id] = refused
                continue
            case.confirmed_at = now
            await begin_isolation(runtime, connection, case, now)
            changes.append(replace(counted(runtime.clock, case, before, now), confirmed=1))
            found[one.id] = case
            confirmed.append(case)
        told = False
        if confirmed:
            await save_cases(connection, confirmed, "confirmed_at", "test_on", "vaccine_doses", "release_on")
            accepted = DeclarationState.ACCEPTED
            changes += await settle_all(runtime, connection, confirmed, accepted, now, actor.account_id)
            await add_counts(connection, changes)
            kind = CaseEventKind.CONFIRMED
            await note_all(connection, [line_of(runtime.sealer, actor, case, kind, now) for case in confirmed])
            lines = [Line(actor, "confirm_case", now, [str(one.id)], area_no=one.area_no) for one in confirmed]
            await trail.append(connection, lines)
            told = await tell_outcomes(runtime, connection, confirmed, MessageKind.CONFIRMED, now)
    if told:
        runtime.wake_relay()
    return [found[one.id] for one in chosen]
