"""Checking in: somebody who is ill at home, or staff for them, reports how they are; triage judges at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.bounds import grantee
from access.policy import Action, may
from access.trail import record
from access.visible import visible
from models.case import Case
from models.case_grant import CaseGrant
from models.check_in import CheckIn
from models.database import service_transaction
from models.declaration import Declaration
from models.identifier import uuid7
from models.state import CaseEventKind, Danger
from services.change_case import advance, counted, locked_case, note, save_case
from services.check_household import KEY_LENGTH
from services.check_in_alerts import announce, judge_alerts
from services.check_in_due import expect_check_in
from services.check_in_report import CheckInReport, base_of, place_of, today
from services.count_change import add_counts
from services.limit_rules import Rule
from services.own_case import goes_on_for, own_case
from services.problem import Conflict, Current, InvalidInput, NotFound
from services.runtime import Runtime
from services.text_faults import text_faults
from triage.assess import assess
from triage.assessment import Assessment
from triage.fault import Fault
from triage.faults import check_in_faults
from triage.protocol import Protocol
from triage.words import Text
from triage.worsening import rank_of


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A check-in that was taken, and what whoever sent it is to do now."""

    row: CheckIn
    case: Case
    next_due: datetime | None
    advice: Text


async def check_in(
    runtime: Runtime,
    actor: Actor,
    report: CheckInReport,
    *,
    case_id: UUID | None = None,
    declaration_id: UUID | None = None,
) -> CheckedIn:
    """Takes a check-in: judged, written and its alerts in the log, all or nothing, once for each key of a case.

    The case is named, or a declaration that belongs to it. A repeat under the same key gets the first answer. Raises
    InvalidInput with every fault, NotFound, TooManyRequests, Conflict: WRONG_STATE where nothing is to be reported any
    more, IDEMPOTENCY_KEY_REUSED where the key was used for another report.
    """
    if not may(actor, Action.CHECK_IN):
        raise NotFound
    if faults := tuple(_faults(report, case_id, declaration_id)):
        raise InvalidInput(faults)
    if actor.phone_hash is not None:
        await runtime.limits.hit(Rule.CHECK_IN_BY_PHONE, actor.phone_hash)
    # The service's login: a resident has no rows to write, and those who are called above a station are not within its
    # bounds. Narrowed to the case that is the resident's own or within the account's areas.
    async with service_transaction() as connection:
        own = await _case(connection, actor, case_id, declaration_id)
        first = await CheckIn.get_or_none(case_id=own.id, idempotency_key=report.idempotency_key, using_db=connection)
        if first is not None:
            return _first_answer(runtime, report, first, own, await _acted_on(connection, actor, own))
        taken = await _take(runtime, connection, actor, report, own)
    if taken.called:
        runtime.hub.wake()
    if taken.written:
        runtime.wake_relay()
    return taken.answer


@dataclass(frozen=True, slots=True)
class _Taken:
    answer: CheckedIn
    called: bool
    written: bool


async def _take(
    runtime: Runtime, connection: AsyncpgDBClient, actor: Actor, report: CheckInReport, own: Case
) -> _Taken:
    now = runtime.clock.now()
    day = runtime.clock.day(now)
    protocol = _protocol(runtime, own, day)
    if faults := check_in_faults(report.clinical(), protocol, day):
        raise InvalidInput(faults)
    case = await _acted_on(connection, actor, own)
    before = advance(case, "CHECK_IN", now)
    base = await base_of(runtime, connection, actor, own)
    found = assess(today(base.report, report), day, protocol)
    last = await CheckIn.filter(case_id=own.id).order_by("-at", "-id").using_db(connection).first()
    row = await _write(runtime, connection, actor, report, own, found, now)
    last_rank = last.rank if last else base.rank
    calls = await judge_alerts(connection, case, row, found, protocol, base.declaration_id, last_rank)
    if row.rank < case.rank:
        case.rank, case.danger = row.rank, row.danger or case.danger
    case.severe, case.high_risk = case.severe or found.severe, case.high_risk or found.high_risk
    case.last_check_in_at, case.checks_missed = now, 0
    expect_check_in(runtime, case, now)
    await save_case(connection, case, "severe", "high_risk", "danger", "rank", "last_check_in_at", "checks_missed")
    # What a resident reports is no act of the station's.
    acted_at = now if actor.account_id else None
    change = replace(counted(runtime.clock, case, before, now), acted_at=acted_at)
    await add_counts(connection, [change, *calls.counted(day, acted_at)])
    await note(connection, runtime.sealer, actor, case, CaseEventKind.CHECKED_IN, now, subject=row.id)
    await record(connection, actor, "check_in", now, [str(case.id), str(row.id)], area_no=case.area_no)
    written = await announce(runtime, connection, calls, now, actor.account_id)
    answer = CheckedIn(row, own, case.check_in_due, protocol.advice_for(found.danger, found.high_risk))
    return _Taken(answer, bool(calls), written)


async def _write(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    actor: Actor,
    report: CheckInReport,
    case: Case,
    found: Assessment,
    now: datetime,
) -> CheckIn:
    id = uuid7()
    return await CheckIn.create(
        using_db=connection,
        id=id,
        case_id=case.id,
        area_no=case.area_no,
        idempotency_key=report.idempotency_key,
        body_hash=runtime.pseudonymiser.body(report.body),
        at=now,
        account_id=actor.account_id,
        report=runtime.sealer.seal(place_of(id), report.record()),
        severe=found.severe,
        high_risk=found.high_risk,
        danger=Danger(found.danger) if found.danger else None,
        rank=rank_of(found),
        reasons=[[reason.code, reason.value] for reason in found.reasons],
        missing=[[one.criterion, one.value_code] for one in found.missing],
        protocol=found.protocol,
    )


async def _case(connection: AsyncpgDBClient, actor: Actor, case_id: UUID | None, declaration_id: UUID | None) -> Case:
    """The case, locked: two under one key then take turns, and the second finds the first's answer."""
    if actor.kind == "RESIDENT":
        named = declaration_id or await _own_declaration(connection, actor, case_id)
        case = await own_case(connection, actor, named, locked=True)
        if case_id is not None and case.id != case_id:
            raise NotFound
        return case
    if declaration_id is not None:
        declaration = await visible(actor, Declaration, connection).get_or_none(id=declaration_id)
        if declaration is None or case_id not in (None, declaration.case_id):
            raise NotFound
        case_id = declaration.case_id
    if case_id is None:
        raise NotFound
    return await locked_case(connection, actor, case_id)


async def _own_declaration(connection: AsyncpgDBClient, actor: Actor, case_id: UUID | None) -> UUID:
    grants = CaseGrant.filter(case_id=case_id, grantee=grantee(actor), ended_at__isnull=True)
    found = await grants.exclude(declaration_id=None).using_db(connection).first()
    if found is None or found.declaration_id is None:
        raise NotFound
    return found.declaration_id


async def _acted_on(connection: AsyncpgDBClient, actor: Actor, own: Case) -> Case:
    """The case whose station is called. An account is told that the case is merged, and where to."""
    return await goes_on_for(connection, own) if actor.kind == "RESIDENT" else own


def _first_answer(runtime: Runtime, report: CheckInReport, first: CheckIn, own: Case, case: Case) -> CheckedIn:
    if not runtime.pseudonymiser.is_body(first.body_hash, report.body):
        raise Conflict("IDEMPOTENCY_KEY_REUSED", Current("CASE", first.case_id))
    protocol = runtime.protocols.version(first.protocol)
    return CheckedIn(first, own, case.check_in_due, protocol.advice_for(first.danger, first.high_risk))


def _protocol(runtime: Runtime, case: Case, day: date) -> Protocol:
    protocol = runtime.protocols.judging(case.disease, day)
    if protocol is None:
        raise InvalidInput((Fault(("disease",), "UNKNOWN_DISEASE"),))
    return protocol


def _faults(report: CheckInReport, case_id: UUID | None, declaration_id: UUID | None) -> Iterator[Fault]:
    yield from text_faults(("idempotency_key",), report.idempotency_key, KEY_LENGTH)
    if case_id is None and declaration_id is None:
        yield Fault(("declaration_id",), "ONE_OF", {"fields": ["declaration_id", "case_id"]})
