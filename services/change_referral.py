"""What becomes of a referral: accepted, refused, on the way, admitted, discharged, taken back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from access.visible import by_grant, reachable, visible
from models.case import Case
from models.database import service_transaction
from models.referral import Referral
from models.state import CaseEventKind, ReferralState, Role
from services.change_case import advance, counted, locked_case, note, save_case
from services.check_in_due import expect_check_in
from services.count_change import add_counts
from services.end_sessions import bump_access
from services.hospital_grant import close_to_hospital
from services.problem import Conflict, Current, NotFound
from services.referral_words import answer_place, check_words
from services.runtime import Runtime
from triage.lifecycle import REFERRAL, NotAllowed

OVER = frozenset({ReferralState.REFUSED, ReferralState.CANCELLED, ReferralState.DISCHARGED, ReferralState.DIED})
"""The hospital has nothing to do with the case any more, and sees nothing of it."""


@dataclass(frozen=True, slots=True)
class ReferralStep:
    """An act of a referral, the act of its case that goes with it, the line of the timeline, and who may."""

    act: str
    of_case: str
    event: CaseEventKind
    action: Action


ACCEPT = ReferralStep("ACCEPT", "ANSWER", CaseEventKind.REFERRAL_ACCEPTED, Action.ANSWER_REFERRAL)
REFUSE = ReferralStep("REFUSE", "ANSWER", CaseEventKind.REFERRAL_REFUSED, Action.ANSWER_REFERRAL)
START_TRANSFER = ReferralStep("START_TRANSFER", "ANSWER", CaseEventKind.IN_TRANSFER, Action.START_TRANSFER)
ADMIT = ReferralStep("ADMIT", "ADMIT", CaseEventKind.ADMITTED, Action.ANSWER_REFERRAL)
DISCHARGE = ReferralStep("DISCHARGE", "DISCHARGE", CaseEventKind.DISCHARGED, Action.ANSWER_REFERRAL)
DISCHARGE_RECOVERED = ReferralStep(
    "DISCHARGE_RECOVERED", "DISCHARGE_RECOVERED", CaseEventKind.DISCHARGED, Action.ANSWER_REFERRAL
)


async def change_referral(
    runtime: Runtime,
    actor: Actor,
    referral_id: UUID,
    step: ReferralStep,
    words: str | None = None,
    version: int | None = None,
) -> tuple[Case, Referral]:
    """Moves the referral on, and its case with it; where it is over, the hospital's view of the case is, too.

    `version` is the referral's. What the same account has done already is answered as it stands. Raises InvalidInput,
    NotFound, Conflict (WRONG_STATE with what is allowed, STALE_VERSION).
    """
    if not may(actor, step.action):
        raise NotFound
    check_words("reason", words)
    # As the service: a step changes counters and grants, of which neither a hospital nor a station holds all. Whose
    # referral it is, `locked_referral` asks.
    async with service_transaction() as connection:
        case, referral = await locked_referral(connection, actor, referral_id)
        if _done(actor, referral, step):
            return case, referral
        if version is not None and version != referral.version:
            raise Conflict("STALE_VERSION", Current("CASE", case.id), {"version": referral.version, "seen": version})
        now = runtime.clock.now()
        advance_referral(actor, case, referral, step.act, now)
        before = advance(case, step.of_case, now)
        expect_check_in(runtime, case, now)
        if words is not None:
            referral.answer = runtime.sealer.seal(answer_place(referral.id), {"answer": words})
        await save_case(connection, case)
        await save_referral(connection, case, referral, now)
        await add_counts(connection, [counted(runtime.clock, case, before, now)])
        detail: dict[str, object] = {"hospital": referral.hospital_id}
        if words is not None:
            detail["reason"] = words
        if step is DISCHARGE_RECOVERED:
            detail["recovered"] = True
        await note(connection, runtime.sealer, actor, case, step.event, now, subject=referral.id, detail=detail)
        told: dict[str, object] = {"hospital": referral.hospital_id, "act": step.act}
        await record(connection, actor, "change_referral", now, [str(case.id)], area_no=case.area_no, detail=told)
        if referral.state in OVER:
            await bump_access(connection)
    if referral.state in OVER:
        runtime.hub.wake()
    return case, referral


async def locked_referral(connection: AsyncpgDBClient, actor: Actor, referral_id: UUID) -> tuple[Case, Referral]:
    """The referral and its case, locked in the order of locks: of the actor's areas, or to the actor's hospital.

    Raises NotFound: also for a hospital whose referral is over.
    """
    hospital = actor.role is Role.HOSPITAL
    seen = reachable(actor, Referral, connection) if hospital else visible(actor, Referral, connection)
    if hospital:
        seen = seen.filter(hospital_id=actor.station_id or "")
    found = await seen.filter(id=referral_id).first()
    if found is None:
        raise NotFound
    case = await locked_case(connection, actor, found.case_id, granted=hospital)
    by_grant(actor, [case])
    return case, await Referral.filter(id=referral_id).using_db(connection).select_for_update().get()


def advance_referral(actor: Actor, case: Case, referral: Referral, act: str, now: datetime) -> None:
    """Moves the referral on by one act of its table. Nothing is written yet. Raises Conflict (WRONG_STATE)."""
    try:
        state = ReferralState(REFERRAL.target(act, referral.state))
    except NotAllowed as refused:
        values: dict[str, object] = {"state": refused.state, "act": act, "allowed": refused.allowed}
        raise Conflict("WRONG_STATE", Current("CASE", case.id), values) from None
    referral.state, referral.version = state, referral.version + 1
    if actor.role is Role.HOSPITAL:
        referral.answered_at, referral.answered_by = now, actor.account_id
    if state is ReferralState.ADMITTED:
        referral.admitted_at = now
    if state in OVER:
        referral.ended_at = now


async def save_referral(connection: AsyncpgDBClient, case: Case, referral: Referral, now: datetime) -> None:
    """Writes what `advance_referral` has changed, and takes the case from the hospital where the referral is over."""
    columns = ("state", "version", "answer", "answered_at", "answered_by", "admitted_at", "ended_at")
    await referral.save(using_db=connection, update_fields=columns)
    if referral.state in OVER:
        await close_to_hospital(connection, case, referral.hospital_id, now)


def _done(actor: Actor, referral: Referral, step: ReferralStep) -> bool:
    """Whether the same account has done just this. Not what ends it: then a hospital finds it no more."""
    if referral.state in OVER or step.act not in ("ACCEPT", "ADMIT", "START_TRANSFER"):
        return False
    done = {"ACCEPT": "ACCEPTED", "ADMIT": "ADMITTED", "START_TRANSFER": "IN_TRANSFER"}[step.act]
    return referral.state == done and referral.answered_by == actor.account_id
