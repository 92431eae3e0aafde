"""A small fixed tree with something of every kind at every place, and a caller of every kind at every post."""

import random
from dataclasses import dataclass, replace
from datetime import time, timedelta
from uuid import UUID, uuid4

import asyncpg

from access.actor import ANONYMOUS, Actor
from models.area import Area
from models.case_grant import CaseGrant
from models.certificate import Certificate
from models.database import DatabaseUrls, service_connection
from models.evidence import Evidence
from models.referral import Referral
from models.release_test import ReleaseTest
from models.state import (
    CertificateState,
    EvidenceKind,
    GrantKind,
    ReferralState,
    Role,
    TestResult,
    TransferKind,
    TransferState,
)
from models.transfer import Transfer
from services.add_duty import Post, add_duty
from services.declare import declare
from services.duty_faults import Shift
from services.import_areas import import_areas
from services.import_stations import import_stations
from services.receipt import DeclaredPerson
from services.runtime import Runtime
from tests.integration.made import OLD_AND_ILL, account
from tests.integration.scope.grove import Grove, empty, forget
from tests.integration.scope.oracle import Oracle
from tests.integration.scope.planted import Household
from tests.integration.scope.rows import watched_tables
from tests.integration.scope.table import POSTS
from tests.integration.scope.values import Values, global_id
from triage.duty import WEEKDAYS

PARENTS = {
    "root": None,
    "district": "root",
    "other": "root",
    "ward": "district",
    "sibling": "district",
    "elsewhere": "other",
}
_AREAS = "area_id,parent_id,level,type,name,name_en,national_code,pcode,valid_from,valid_to,source"
_STATIONS = "station_id,kind,area_id,name,phone"

# Rows of a district and of the root: people live in wards, but areas have become one before and kept their rows.
_RAISE = """
UPDATE {table} SET area_id = $1::text, area_no = (SELECT lo FROM area WHERE id = $1::text)
WHERE {column} = ANY($2::uuid[])
"""
_RAISE_ASSESSMENTS = "UPDATE assessment SET area_no = c.area_no FROM illness_case c WHERE c.id = case_id AND c.id = $1"


@dataclass
class Town:
    """Who is there, and by place what is there: identifiers as clients see them."""

    grove: Grove
    callers: dict[tuple[str, str], Actor]
    objects: dict[tuple[str, str], str]
    values: Values

    def object(self, kind: str, place: str) -> str:
        """The object of a kind at a place; of none for the place `nothing`."""
        if place != "nothing":
            return self.objects[kind, place]
        if kind == "code":
            return "9999"
        return "AAAAA-AAAAA" if kind == "receipt" else global_id(kind, uuid4())


async def found_town(runtime: Runtime, urls: DatabaseUrls, owner: asyncpg.Connection) -> Town:
    """The town, in an emptied database."""
    await empty(owner)
    forget(runtime)
    grove = Grove(runtime, owner, await watched_tables(owner), dict(PARENTS))
    await _areas(grove)
    objects: dict[tuple[str, str], str] = {}
    resident = ANONYMOUS
    for number, place in enumerate(place for place in PARENTS if place != "other"):
        household = Household(number, (number,), (number,))
        grove.households[number] = household
        actor = ANONYMOUS
        if place == "ward":
            phone = runtime.pseudonymiser.phone(f"+84{household.phone[1:]}")
            resident = actor = Actor("RESIDENT", phone_hash=phone)
            grove.phones[phone] = number
        objects |= await _household(grove, household, place, actor)
    callers = {("resident", post): resident for post in POSTS} | {("anonymous", post): ANONYMOUS for post in POSTS}
    for role in Role:
        for post in POSTS:
            area = await Area.get(id=post, using_db=service_connection())
            callers[role.value, post] = await account(runtime, role, area)
    for post in POSTS:
        clinic = replace(callers[Role.HOSPITAL.value, post], station_id=_hospital(post))
        callers[Role.HOSPITAL.value, post] = clinic
    shift = Shift("BS. Trực", "0901000001", tuple(WEEKDAYS), time(0), time(0))
    for place in PARENTS:
        duty = await add_duty(runtime, callers[Role.DEPARTMENT.value, "root"], Post(f"{place}-st"), shift)
        objects["Duty", place] = global_id("Duty", duty.row.id)
    oracle = Oracle(grove, await grove.rows())
    return Town(grove, callers, objects, Values(grove, oracle, random.Random(0)))


async def _areas(grove: Grove) -> None:
    lines, stations, levels = [_AREAS], [_STATIONS], {"root": 1, "district": 2, "other": 2}
    for number, (area, above) in enumerate(PARENTS.items(), start=500):
        grove.codes[area] = str(number)
        lines.append(
            f"{area},{above or ''},{levels.get(area, 3)},khu,Khu {area},{area},{number},,2021-01-01,,for tests"
        )
        kind = "MEDICAL_CENTRE" if area in levels else "WARD_STATION"
        stations.append(f"{area}-st,{kind},{area},Trạm {area},")
    await import_areas(grove.runtime, ANONYMOUS, "\n".join(lines).encode())
    await import_stations(grove.runtime, ANONYMOUS, "\n".join(stations).encode())


async def _household(grove: Grove, household: Household, place: str, actor: Actor) -> dict[tuple[str, str], str]:
    """Declares a household with a severe case, and gives what there is of it at that place."""
    runtime = grove.runtime
    ward = place if place not in ("root", "district") else "ward"
    report = replace(OLD_AND_ILL, test_on=runtime.clock.day() - timedelta(days=1))
    receipt = await declare(runtime, actor, household.report(grove.codes[ward], [report]))
    (person,) = receipt.people
    if ward != place:
        for table, column in (
            *(("illness_case", "id"), ("declaration", "case_id"), ("alert", "case_id")),
            ("submission", "id"),
        ):
            ids: list[UUID] = [person.case_id]
            if table == "submission":
                ids = [row["id"] for row in (await grove.rows()).submissions.values() if _is(row, household)]
            await grove.owner.execute(_RAISE.format(table=table, column=column), place, ids)
        await grove.owner.execute(_RAISE_ASSESSMENTS, person.case_id)
    alert = await grove.owner.fetchval("SELECT id FROM alert WHERE case_id = $1 LIMIT 1", person.case_id)
    staff = await account(runtime, Role.STATION_STAFF, await Area.get(id=place, using_db=service_connection()))
    return {
        ("Area", place): global_id("Area", place),
        ("Station", place): global_id("Station", f"{place}-st"),
        ("code", place): grove.codes[place],
        ("receipt", place): receipt.code,
        ("Case", place): global_id("Case", person.case_id),
        ("Declaration", place): global_id("Declaration", person.id),
        ("Alert", place): global_id("Alert", alert),
        ("Referral", place): global_id("Referral", await _referred(runtime, place, person.case_id)),
        ("Transfer", place): global_id("Transfer", await _passed_on(runtime, place, person.case_id)),
        ("Certificate", place): global_id("Certificate", await _certified(runtime, place, person.case_id)),
        ("ReleaseTest", place): global_id("ReleaseTest", await _tested(runtime, place, person.case_id)),
        ("Evidence", place): global_id("Evidence", await _pictured(runtime, place, person)),
        ("Account", place): global_id("Account", staff.account_id or uuid4()),
    }


def _hospital(place: str) -> str:
    """The hospital of a place, which was asked to take the person whose case is there."""
    return f"{place}-hospital"


async def _referred(runtime: Runtime, place: str, case_id: UUID) -> UUID:
    """A referral to the hospital of that place, in which the person is."""
    area = await Area.get(id=place, using_db=service_connection())
    made = await Referral.create(
        using_db=service_connection(),
        case_id=case_id,
        area_no=area.lo,
        hospital_id=_hospital(place),
        state=ReferralState.ADMITTED,
        reason=b"",
        requested_at=runtime.clock.now(),
        requested_by=uuid4(),
    )
    await CaseGrant.create(
        using_db=service_connection(),
        case_id=case_id,
        grantee=f"station:{_hospital(place)}",
        kind=GrantKind.HOSPITAL,
        granted_at=runtime.clock.now(),
    )
    return made.id


async def _passed_on(runtime: Runtime, place: str, case_id: UUID) -> UUID:
    """A hand-over from there to there that was refused long ago: who may answer it is told so, and nothing moves."""
    area = await Area.get(id=place, using_db=service_connection())
    made = await Transfer.create(
        using_db=service_connection(),
        case_id=case_id,
        area_no=area.lo,
        kind=TransferKind.HAND_OVER,
        state=TransferState.REFUSED,
        from_area_id=place,
        from_no=area.lo,
        to_area_id=place,
        reason=b"",
        asked_at=runtime.clock.now(),
        asked_by=uuid4(),
    )
    return made.id


async def _certified(runtime: Runtime, place: str, case_id: UUID) -> UUID:
    """A certificate that was taken back long ago: who may sign is told so, and nothing is signed."""
    area = await Area.get(id=place, using_db=service_connection())
    made = await Certificate.create(
        using_db=service_connection(),
        case_id=case_id,
        area_no=area.lo,
        code=f"code of {place}",
        state=CertificateState.REVOKED,
        content=b"",
        asked_at=runtime.clock.now(),
    )
    return made.id


async def _pictured(runtime: Runtime, place: str, person: DeclaredPerson) -> UUID:
    """A photo of the declaration that was taken away long ago: who may take it away is told so, and nothing changes."""
    area, now = await Area.get(id=place, using_db=service_connection()), runtime.clock.now()
    made = await Evidence.create(
        using_db=service_connection(),
        kind=EvidenceKind.TEST,
        case_id=person.case_id,
        declaration_id=person.id,
        area_no=area.lo,
        created_at=now,
        uploaded_at=now,
        removed_at=now,
    )
    return made.id


async def _tested(runtime: Runtime, place: str, case_id: UUID) -> UUID:
    """A test that was refused long ago: who may verify it is told so."""
    area, now = await Area.get(id=place, using_db=service_connection()), runtime.clock.now()
    made = await ReleaseTest.create(
        using_db=service_connection(),
        case_id=case_id,
        area_no=area.lo,
        kind="rapid_antigen",
        taken_on=runtime.clock.day(),
        result=TestResult.NEGATIVE,
        supervised=False,
        sent_at=now,
        refused_at=now,
    )
    return made.id


def _is(row: asyncpg.Record, household: Household) -> bool:
    return bool(row["idempotency_key"] == household.key)
