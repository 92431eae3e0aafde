"""Recording a contact: somebody tried to reach the person of a case, and this is how it ended."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.case import Case
from models.contact_attempt import ContactAttempt
from models.database import staff_transaction
from models.identifier import uuid7
from models.state import CaseEventKind, CaseState, ContactOutcome
from services.change_case import advance, counted, locked_case, note, save_case
from services.check_in_due import expect_check_in
from services.count_change import add_counts
from services.problem import InvalidInput, NotFound
from services.runtime import Runtime
from services.text_faults import text_faults
from triage.fault import Fault

NOTE_LENGTH = 2_000

REPEAT_WITHIN = timedelta(minutes=1)
"""An attempt that the same account records twice within this time in the same words is one attempt: a request that was
sent again. A second call to somebody takes longer than that."""


class AdviceGiven(StrEnum):
    """What somebody was told to do."""

    ISOLATE = "ISOLATE"
    REST_AND_DRINK = "REST_AND_DRINK"
    WATCH_FOR_SIGNS = "WATCH_FOR_SIGNS"
    CHECK_IN = "CHECK_IN"
    TAKE_MEDICINE = "TAKE_MEDICINE"
    COME_TO_STATION = "COME_TO_STATION"
    CALL_EMERGENCY = "CALL_EMERGENCY"
    GO_TO_HOSPITAL = "GO_TO_HOSPITAL"


async def record_contact(
    runtime: Runtime,
    actor: Actor,
    case_id: UUID,
    outcome: ContactOutcome,
    advice: Collection[AdviceGiven] = (),
    words: str | None = None,
    version: int | None = None,
) -> Case:
    """Writes the attempt down. Whoever was reached counts as contacted; a confirmed case is isolated at home from then.

    What failed is counted until somebody is reached: no answer, a wrong number, and somebody who would not listen,
    for nobody was advised then. Raises InvalidInput, NotFound, Conflict (WRONG_STATE, STALE_VERSION).
    """
    if not may(actor, Action.RECORD_CONTACT):
        raise NotFound
    if faults := tuple(_faults(outcome, advice, words)):
        raise InvalidInput(faults)
    given = sorted(set(advice))
    async with staff_transaction(bounds_of(actor)) as connection:
        case = await locked_case(connection, actor, case_id)
        now = runtime.clock.now()
        if await _recorded(runtime, connection, actor, case, outcome, given, words, now):
            return case
        case = await locked_case(connection, actor, case_id, version)
        before = advance(case, "CONTACT", now)
        attempt = ContactAttempt(
            id=uuid7(),
            case_id=case.id,
            area_no=case.area_no,
            at=now,
            account_id=actor.account_id,
            outcome=outcome,
            advice=list(given),
        )
        attempt.note = runtime.sealer.seal(place_of(attempt.id), {"note": words}) if words else None
        reached = outcome is ContactOutcome.REACHED
        first = reached and case.contacted_at is None
        case.unreached = 0 if reached else case.unreached + 1
        if first:
            case.contacted_at = now
        isolated = reached and case.state == CaseState.CONFIRMED
        kind = CaseEventKind.CONTACTED if reached else CaseEventKind.NOT_REACHED
        detail = {"outcome": outcome.value, "advice": list(given)}
        await attempt.save(using_db=connection, force_create=True)
        await note(connection, runtime.sealer, actor, case, kind, now, subject=attempt.id, detail=detail)
        if isolated:
            advance(case, "ISOLATE", now)
            await note(connection, runtime.sealer, actor, case, CaseEventKind.ISOLATED, now, subject=attempt.id)
        if reached and case.state == CaseState.LOST_TO_FOLLOW_UP:
            # Whoever was spoken with is lost no more, whoever remembers to say so.
            advance(case, "FIND", now)
            case.state_before = None
            expect_check_in(runtime, case, now)
            await note(connection, runtime.sealer, actor, case, CaseEventKind.FOUND, now, subject=attempt.id)
        await save_case(connection, case, "unreached", "contacted_at", "state_before")
        await add_counts(connection, [replace(counted(runtime.clock, case, before, now), contacted=int(first))])
        told: dict[str, object] = {"outcome": outcome.value}
        await record(connection, actor, "record_contact", now, [str(case.id)], area_no=case.area_no, detail=told)
    return case


def place_of(id: UUID) -> str:
    """Where an attempt's note is sealed."""
    return f"contact:{id}"


def _faults(outcome: ContactOutcome, advice: Collection[AdviceGiven], words: str | None) -> list[Fault]:
    faults = [] if words is None else list(text_faults(("note",), words, NOTE_LENGTH))
    if advice and outcome is not ContactOutcome.REACHED:
        # Advice that nobody heard would stand in the file as if it had been given.
        faults.append(Fault(("advice",), "NOBODY_REACHED"))
    return faults


async def _recorded(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    actor: Actor,
    case: Case,
    outcome: ContactOutcome,
    advice: list[AdviceGiven],
    words: str | None,
    now: datetime,
) -> bool:
    last = await (
        ContactAttempt.filter(case_id=case.id, account_id=actor.account_id, at__gt=now - REPEAT_WITHIN)
        .order_by("-id")
        .using_db(connection)
        .first()
    )
    if last is None or last.outcome != outcome or last.advice != list(advice):
        return False
    said = runtime.sealer.open(place_of(last.id), last.note).get("note") if last.note else None
    return said == (words or None)
