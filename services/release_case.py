"""Releasing: the station says that an isolation is over, and asks its head for the certificate."""

from datetime import date
from typing import Literal
from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from access.visible import visible
from models.alert import Alert
from models.case import Case
from models.database import staff_transaction
from models.state import AlertState, CaseEventKind, MessageKind
from services.ask_certificate import ask_certificate
from services.change_case import advance, counted, locked_case, note, save_case
from services.count_change import add_counts
from services.merged_cases import with_merged
from services.problem import NotFound, Problem
from services.runtime import Runtime
from services.tell_resident import tell_outcome
from services.weigh_tests import judged, tests_of
from triage.release import Missing


class NotReleasable(Problem):
    """The isolation may not end yet: `missing` says what there is not, `from_day` from which day it may end."""

    code = "NOT_RELEASABLE"

    def __init__(self, missing: Missing | Literal["ALERT_NOT_RESOLVED"], from_day: date | None) -> None:
        """`from_day` is as of what is known: a negative test may bring it nearer."""
        super().__init__(missing)
        self.missing, self.from_day = missing, from_day


async def release_case(runtime: Runtime, actor: Actor, case_id: UUID, version: int | None = None) -> Case:
    """Ends an isolation on or after the protocol's day, with the test that the protocol asks for.

    Nobody is released while an alert of theirs is not resolved: somebody would be sent out who called for help. A case
    that was made anonymous ends without a certificate.
    Raises NotReleasable, Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.RELEASE_CASE):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        case = await locked_case(connection, actor, case_id, version)
        now = runtime.clock.now()
        found = judged(runtime, case, await tests_of(connection, case), now)
        before = advance(case, "RELEASE", now)
        if found is None:
            raise NotReleasable("TOO_EARLY", None)
        if found.missing is not None:
            raise NotReleasable(found.missing, found.from_day)
        whole = await with_merged(connection, [case.id])
        calling = visible(actor, Alert, connection).filter(case_id__in=whole)
        if await calling.exclude(state=AlertState.RESOLVED).exists():
            raise NotReleasable("ALERT_NOT_RESOLVED", found.from_day)
        case.release_on = runtime.clock.day(now)
        await save_case(connection, case, "release_on")
        await add_counts(connection, [counted(runtime.clock, case, before, now)])
        # Who was erased is released like everybody, and nobody can say any more whose certificate it would be.
        released_on = case.release_on.isoformat()
        asked = await ask_certificate(runtime, connection, case, now, released_on) if case.identity else None
        subject = asked.id if asked else None
        await note(connection, runtime.sealer, actor, case, CaseEventKind.RELEASED, now, subject=subject)
        await record(connection, actor, "release_case", now, [str(case.id)], area_no=case.area_no)
        told = await tell_outcome(runtime, connection, case, MessageKind.RELEASED, now)
    if told:
        runtime.wake_relay()
    return case
