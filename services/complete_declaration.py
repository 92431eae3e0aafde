"""Completing: the same report, put right as the station has asked, and judged anew."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.sealing import UnsealError
from access.trail import record
from access.visible import visible
from models.case import Assessment, Case
from models.database import service_transaction
from models.declaration import Declaration, Submission
from models.evidence import Evidence
from models.identifier import uuid7
from models.state import CaseEventKind, Danger
from services.change_case import note, save_case
from services.change_declaration import (
    hold_version,
    locked_declaration,
    pending_change,
    save_declaration,
    step,
)
from services.check_household import STREET_LENGTH, person_faults
from services.check_in_alerts import announce
from services.completed_alerts import alerts_of_completed
from services.count_change import CountChange, add_counts
from services.household import PersonReport
from services.own_declaration import locked_own_declaration
from services.person_key import person_keys
from services.problem import InvalidInput, NotFound
from services.recognise import one_after_another
from services.report_record import to_record
from services.runtime import Runtime
from services.take_evidence import Taken, take_evidence
from services.text_faults import text_faults
from triage import assessment
from triage.age import age_band
from triage.assess import assess
from triage.fault import Fault
from triage.protocol import Protocol
from triage.worsening import rank_of

_KEYS = """
INSERT INTO person_key (hash, person_id) SELECT h, $2 FROM unnest($1::text[]) AS h ORDER BY h ON CONFLICT DO NOTHING
"""
# Somebody else whom these hashes lead to, with an open case of the disease.
_KNOWN = """
SELECT EXISTS (SELECT FROM person_key k JOIN illness_case c ON c.person_id = k.person_id
  WHERE k.hash = ANY($1::text[]) AND c.disease = $2 AND c.closed_at IS NULL AND c.id <> $3 AND c.person_id <> $4
) AS known
"""
_FIRST = "SELECT id FROM declaration WHERE case_id = $1 ORDER BY submitted_at, position, id LIMIT 1"


async def complete_declaration(
    runtime: Runtime,
    actor: Actor,
    declaration_id: UUID,
    person: PersonReport,
    street: str | None = None,
    version: int | None = None,
) -> Declaration:
    """Takes the whole report as it is now, from the resident who has sent it or from staff for them.

    What is worse than before calls the station. Raises InvalidInput with every fault, Conflict (WRONG_STATE where
    nothing was asked, STALE_VERSION) and NotFound.
    """
    resident = actor.kind == "RESIDENT"
    if not may(actor, Action.AMEND_DECLARATION):
        raise NotFound
    # The service's login: a resident has no rows to write, and the keys of persons are in nobody's range. Narrowed to
    # what was granted to the phone, or to the account's areas.
    async with service_transaction() as connection:
        found = await visible(actor, Declaration, connection).get_or_none(id=declaration_id)
        if found is None:
            raise NotFound
        contact = await _contact(runtime, connection, found)
        keys = _keys(runtime, contact, person)
        # Persons before cases, as everybody locks them.
        await one_after_another(connection, sorted({one for key in keys for one in key}))
        locked = locked_own_declaration if resident else locked_declaration
        declaration, case = await locked(connection, actor, declaration_id)
        hold_version(declaration, version)
        now = runtime.clock.now()
        day = runtime.clock.day(now)
        before = step(declaration, "COMPLETE", now)
        protocol = runtime.protocols.judging(declaration.disease, day)
        if protocol is None:
            raise InvalidInput((Fault(("disease",), "UNKNOWN_DISEASE"),))
        if faults := tuple(_faults(person, street, protocol, day, declaration.day)):
            raise InvalidInput(faults)
        await _take_photos(connection, actor, declaration, person)
        judged = assess(person.report, day, protocol)
        calls = await alerts_of_completed(connection, case, declaration, judged, protocol, now)
        change = replace(
            pending_change(runtime, declaration, before, None if resident else now),
            alerts=len(calls.raised),
            open_alerts=calls.opened,
        )
        # Of the day of the report, whose figures these are.
        corrected = CountChange(
            declaration.area_id,
            declaration.area_no,
            declaration.disease,
            declaration.day,
            severe=judged.severe - declaration.severe,
            high_risk=judged.high_risk - declaration.high_risk,
        )
        await _write(runtime, connection, declaration, person, judged, now)
        hashes = [one for key in keys for one in key]
        _, rows = await connection.execute_query(_KNOWN, [hashes, case.disease, case.id, case.person_id])
        declaration.possible_duplicate = declaration.possible_duplicate or rows[0]["known"]
        await save_declaration(
            connection,
            declaration,
            *("report", "severe", "high_risk", "danger", "rank", "completed_at", "possible_duplicate"),
        )
        await _correct_case(runtime, connection, case, declaration, contact, person, street, judged, day)
        if declaration.verified or case.phone_hash in runtime.pseudonymiser.phones(contact["phone"]):
            await connection.execute_query(_KEYS, [[key[0] for key in keys], case.person_id])
        await add_counts(connection, [change, corrected])
        kind = CaseEventKind.INFORMATION_GIVEN
        await note(connection, runtime.sealer, actor, case, kind, now, subject=declaration.id)
        await record(connection, actor, "complete_declaration", now, [str(declaration.id)], area_no=declaration.area_no)
        written = await announce(runtime, connection, calls, now) if calls else False
    if calls:
        runtime.hub.wake()
    if written:
        runtime.wake_relay()
    return declaration


def _faults(
    person: PersonReport, street: str | None, protocol: Protocol, today: date, declared: date
) -> Iterator[Fault]:
    """Every fault. The window in which one may declare ended for nobody while the station was asking."""
    in_time = not any(fault.code == "TEST_OUTSIDE_WINDOW" for fault in person_faults(person, protocol, declared))
    for fault in person_faults(person, protocol, today):
        if fault.code != "TEST_OUTSIDE_WINDOW" or not in_time:
            yield Fault(("person", *fault.path), fault.code, fault.values)
    if street is not None:
        yield from text_faults(("street",), street, STREET_LENGTH)


async def _take_photos(
    connection: AsyncpgDBClient, actor: Actor, declaration: Declaration, person: PersonReport
) -> None:
    there = Evidence.filter(declaration_id=declaration.id, id__in=list(person.evidence)).using_db(connection)
    known = {row.id for row in await there}
    taken = [
        Taken(id, declaration.case_id, declaration.id, declaration.area_no, ("person", "evidence", index))
        for index, id in enumerate(person.evidence)
        if id not in known
    ]
    if faults := await take_evidence(connection, actor, taken):
        raise InvalidInput(faults)


async def _contact(runtime: Runtime, connection: AsyncpgDBClient, declaration: Declaration) -> dict[str, Any]:
    submission = await Submission.get(id=declaration.submission_id, using_db=connection)
    try:
        return dict(runtime.sealer.open(f"submission:{submission.id}", submission.contact))
    except (UnsealError, ValueError):
        # Made anonymous meanwhile: there is nobody left whose report this is.
        raise NotFound from None


def _keys(runtime: Runtime, contact: dict[str, Any], person: PersonReport) -> list[list[str]]:
    birth = str(person.report.birth_date or person.report.birth_year)
    national_id = "".join((person.national_id or "").split()) or None
    return person_keys(runtime.pseudonymiser, str(contact["phone"]), person.full_name, birth, national_id)


async def _write(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    declaration: Declaration,
    person: PersonReport,
    judged: assessment.Assessment,
    now: datetime,
) -> None:
    """The report sealed anew, and what triage concludes of it beside what it had concluded before."""
    declaration.report = runtime.sealer.seal(f"declaration:{declaration.id}", to_record(person))
    declaration.severe, declaration.high_risk = judged.severe, judged.high_risk
    declaration.update_from_dict({"danger": judged.danger})
    declaration.rank, declaration.completed_at = rank_of(judged), now
    await Assessment.create(
        using_db=connection,
        id=uuid7(),
        declaration_id=declaration.id,
        case_id=declaration.case_id,
        area_no=declaration.area_no,
        severe=judged.severe,
        high_risk=judged.high_risk,
        danger=judged.danger,
        reasons=[[reason.code, reason.value] for reason in judged.reasons],
        missing=[[one.criterion, one.value_code] for one in judged.missing],
        age_from_year=judged.age_from_year,
        protocol=judged.protocol,
        assessed_at=now,
    )


async def _correct_case(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    case: Case,
    declaration: Declaration,
    contact: dict[str, Any],
    person: PersonReport,
    street: str | None,
    judged: assessment.Assessment,
    day: date,
) -> None:
    """What is worse makes the case worse; who it is follows only where it is known from just this report."""
    changed = ["severe", "high_risk", "danger", "rank"]
    if (rank := rank_of(judged)) < case.rank:
        case.rank, case.danger = rank, Danger(judged.danger) if judged.danger else case.danger
    case.severe, case.high_risk = case.severe or judged.severe, case.high_risk or judged.high_risk
    _, rows = await connection.execute_query(_FIRST, [case.id])
    opened_it = rows[0]["id"] == declaration.id and case.phone_hash in runtime.pseudonymiser.phones(contact["phone"])
    if opened_it and case.identity:
        identity = dict(runtime.sealer.open(f"case:{case.id}", case.identity))
        identity |= {
            "name": " ".join(person.full_name.split()),
            "birth_date": person.report.birth_date,
            "birth_year": person.report.birth_year,
            "national_id": person.national_id,
        }
        if street is not None:
            identity["street"] = street
        case.identity = runtime.sealer.seal(f"case:{case.id}", identity)
        case.sex = person.sex
        case.age_band = age_band(person.report.birth_date, person.report.birth_year, day)
        changed += ["identity", "sex", "age_band"]
    case.version += 1
    await save_case(connection, case, *changed)
