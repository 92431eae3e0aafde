"""Referring: the station asks a hospital to take the person of a case."""

from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from models.case import Case
from models.database import service_transaction
from models.identifier import uuid7
from models.referral import Referral
from models.state import CaseEventKind, ReferralState, StationKind
from models.station import Station
from services.change_case import advance, counted, locked_case, note, save_case
from services.count_change import add_counts
from services.hospital_grant import open_to_hospital
from services.problem import Conflict, Current, InvalidInput, NotFound
from services.referral_words import check_words, reason_place
from services.runtime import Runtime
from services.tell_hospital import tell_hospital
from triage.fault import Fault

OPEN = (ReferralState.REQUESTED, ReferralState.ACCEPTED, ReferralState.IN_TRANSFER, ReferralState.ADMITTED)
"""A hospital has the person, or is asked to take them; a case has at most one such referral."""


async def refer_case(
    runtime: Runtime, actor: Actor, case_id: UUID, hospital_id: str, reason: str, version: int | None = None
) -> tuple[Case, Referral]:
    """Asks the hospital, which sees the case from now on; its people on duty are told.

    Where one has refused, another is asked in the same way.

    The same hospital asked again by the same account is the same referral while nobody has answered it. Raises
    InvalidInput (NO_HOSPITAL, a reason), NotFound, Conflict (WRONG_STATE, STALE_VERSION, ALREADY_REFERRED).
    """
    if not may(actor, Action.REFER_CASE):
        raise NotFound
    check_words("reason", reason)
    # As the service: what is opened to a hospital is none of the station's own rows. The case is the actor's by scope.
    async with service_transaction() as connection:
        case = await locked_case(connection, actor, case_id)
        if asked := await open_referral(connection, case):
            mine = asked.requested_by == actor.account_id and asked.state is ReferralState.REQUESTED
            if mine and asked.hospital_id == hospital_id:
                return case, asked
            raise Conflict("ALREADY_REFERRED", Current("CASE", case.id), {"hospital": asked.hospital_id})
        case = await locked_case(connection, actor, case_id, version)
        hospital = await _hospital(connection, hospital_id)
        now = runtime.clock.now()
        before = advance(case, "REFER", now)
        # Who is on the way to a hospital is in somebody's hands: no check-in is awaited.
        case.check_in_due = None
        referral = Referral(
            id=uuid7(),
            case_id=case.id,
            area_no=case.area_no,
            station_id=case.station_id,
            hospital_id=hospital.id,
            state=ReferralState.REQUESTED,
            requested_at=now,
            requested_by=actor.account_id,
        )
        referral.reason = runtime.sealer.seal(reason_place(referral.id), {"reason": reason})
        await save_case(connection, case)
        await referral.save(using_db=connection, force_create=True)
        await open_to_hospital(connection, case, hospital.id, now)
        await add_counts(connection, [counted(runtime.clock, case, before, now)])
        detail: dict[str, object] = {"hospital": hospital.id}
        kind = CaseEventKind.REFERRED
        await note(connection, runtime.sealer, actor, case, kind, now, subject=referral.id, detail=detail)
        await record(connection, actor, "refer_case", now, [str(case.id)], area_no=case.area_no, detail=detail)
        told = await tell_hospital(runtime, connection, case, referral, hospital, now)
    if told:
        runtime.wake_relay()
    return case, referral


async def open_referral(connection: AsyncpgDBClient, case: Case) -> Referral | None:
    """The case's referral that is not over, locked; the caller has locked the case."""
    found = Referral.filter(case_id=case.id, state__in=OPEN).using_db(connection)
    return await found.select_for_update().first()


async def _hospital(connection: AsyncpgDBClient, id: str) -> Station:
    found = None
    if "\0" not in id:
        found = await Station.get_or_none(id=id, kind=StationKind.HOSPITAL, active=True, using_db=connection)
    if found is None:
        raise InvalidInput((Fault(("hospital_id",), "NO_HOSPITAL"),))
    return found
