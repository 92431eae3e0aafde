"""Erasing a person leaves no name, hash or sealed value of them in any table, and every count as it was."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from access.actor import ANONYMOUS, Actor
from access.authenticate import Unauthenticated
from graph.context import actor_of
from graph.global_id import global_id
from models.alert import Alert
from models.area_count import ALL_DAYS
from models.audit import Audit
from models.case import Case
from models.case_grant import CaseGrant
from models.database import DatabaseUrls, service_connection
from models.declaration import Declaration, Submission
from models.outbox_message import OutboxMessage
from models.person import Person, PersonKey
from models.state import AlertState, GrantKind, MessageState, Outcome, Role
from services.acknowledge import acknowledge
from services.confirm import confirm
from services.declare import declare
from services.erase_person import erase_person
from services.problem import Conflict, InvalidInput, NotFound
from services.read_receipt import read_receipt
from services.request_verification import request_verification
from services.resolve import resolve
from services.runtime import Runtime
from services.trial_protocol import trial_protocol
from services.verify_phone import verify_phone
from tests.integration.graph.asking import Asking
from tests.integration.made import BREATHLESS, HEALTHY, account, area, household, person, wards
from tests.integration.residents.looking import left, traces
from tests.integration.residents.resident import ID_CARD, OTHER, PHONE, mine, resident
from tests.integration.test_counts import counted, recounted
from tests.integration.test_verification import ask
from triage.lifecycle import ALERT

AN = person(BREATHLESS, name="Nguyễn Văn An", national_id=ID_CARD)
WHY = "Người dân yêu cầu xóa"


async def department(runtime: Runtime) -> Actor:
    """Who erases."""
    return await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))


async def settled(runtime: Runtime, case_id: UUID, note: str | None = None) -> None:
    """Every alert of the case answered and resolved."""
    staff = await department(runtime)
    for alert in await Alert.filter(case_id=case_id).using_db(service_connection()):
        if alert.state is AlertState.RAISED:
            await acknowledge(runtime, staff, alert.id)
        await resolve(runtime, staff, alert.id, Outcome.ADVISED, note)


async def declared(runtime: Runtime, actor: Actor, phone: str = PHONE, **given: Any) -> UUID:
    """The case of An, declared by this phone, with its alerts settled."""
    (ward, *_) = await wards()
    receipt = await declare(runtime, actor, household(given.get("who", AN), ward=ward, phone=phone))
    case_id = receipt.people[0].case_id
    await settled(runtime, case_id, "đã gọi ông An")
    return case_id


async def test_nothing_is_left_of_the_erased_and_everything_of_the_others(runtime: Runtime, urls: DatabaseUrls) -> None:
    proven = (await verify_phone(runtime, ANONYMOUS, PHONE, await ask(runtime))).actor
    erased = await declared(runtime, proven)
    other = await declared(runtime, resident(runtime, OTHER), OTHER, who=person(BREATHLESS, name="Lê Thị Ba"))
    gone, kept = await traces(urls, [erased]), await traces(urls, [other])
    assert await left(urls, gone.every)
    await erase_person(runtime, await department(runtime), erased, WHY)
    assert await left(urls, gone.every) == {}
    stay = await left(urls, kept.every)
    assert set().union(*stay.values()) == kept.every
    assert await Person.all().using_db(service_connection()).count() == 2


async def test_every_count_is_as_before_and_equals_a_recount(runtime: Runtime) -> None:
    case_id = await declared(runtime, resident(runtime))
    await confirm(runtime, await department(runtime), case_id)
    await declared(runtime, ANONYMOUS, OTHER, who=person(HEALTHY))
    before, days = await counted(ALL_DAYS), await counted(None)
    await erase_person(runtime, await department(runtime), case_id, WHY)
    assert await counted(ALL_DAYS) == before == await recounted(runtime)
    assert await counted(None) == days
    case = await Case.get(id=case_id, using_db=service_connection())
    assert case.anonymised_at
    assert (case.sex, case.age_band, case.severe) == ("female", "18-49", True)


async def test_every_case_of_the_person_goes_and_a_later_report_makes_a_new_person(runtime: Runtime) -> None:
    here, there = await wards()
    cases = []
    for ward in (here, there):
        receipt = await declare(runtime, resident(runtime), household(AN, ward=ward))
        await settled(runtime, receipt.people[0].case_id)
        cases.append(receipt.people[0].case_id)
    before = {row.person_id for row in await Case.all().using_db(service_connection())}
    assert len(before) == 1
    assert await erase_person(runtime, await department(runtime), cases[1], WHY) == cases
    assert await mine(runtime, resident(runtime)) == []
    again = await declare(runtime, resident(runtime), household(AN, ward=here))
    case = await Case.get(id=again.people[0].case_id, using_db=service_connection())
    assert case.id not in cases
    assert case.person_id not in before
    assert case.identity
    assert [one["reported"]["fullName"] for one in await mine(runtime, resident(runtime))] == ["Nguyễn Văn An"]


async def test_a_household_s_contact_stays_while_one_of_its_people_does(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    two = household(AN, person(HEALTHY, name="Lê Thị Ba"), ward=ward)
    receipt = await declare(runtime, resident(runtime), two)
    first, second = (one.case_id for one in receipt.people)
    await settled(runtime, first)
    staff = await department(runtime)
    await erase_person(runtime, staff, first, WHY)
    submission = await Submission.get(using_db=service_connection())
    assert submission.contact
    assert submission.anonymised_at is None
    assert [one["reported"]["fullName"] for one in await mine(runtime, resident(runtime))] == ["Lê Thị Ba"]
    await erase_person(runtime, staff, second, WHY)
    submission = await Submission.get(using_db=service_connection())
    assert (submission.contact, submission.phone_hash, submission.body_hash) == (b"", "", "")
    assert submission.receipt_code != receipt.code
    with pytest.raises(NotFound):
        await read_receipt(runtime, None, receipt.code)
    # The key stays taken: a phone that sends the household once more after years declares nothing anew.
    with pytest.raises(Conflict, match="IDEMPOTENCY_KEY_REUSED"):
        await declare(runtime, resident(runtime), two)


async def test_the_phone_of_which_nothing_is_left_is_signed_out_and_hears_no_more(runtime: Runtime) -> None:
    signed_in = await verify_phone(runtime, ANONYMOUS, PHONE, await ask(runtime))
    case_id = await declared(runtime, signed_in.actor)
    runtime.clock.follow(runtime.clock.now() + timedelta(minutes=2), timedelta())
    await request_verification(runtime, ANONYMOUS, PHONE)
    await request_verification(runtime, ANONYMOUS, OTHER)
    await erase_person(runtime, await department(runtime), case_id, WHY)
    with pytest.raises(Unauthenticated):
        await actor_of(runtime, f"Bearer {signed_in.token}")
    messages = await OutboxMessage.all().order_by("created_at", "id").using_db(service_connection())
    assert [(one.state, one.reason, bool(one.sealed)) for one in messages] == [
        (MessageState.DROPPED, "ERASED", False),
        (MessageState.DROPPED, "ERASED", False),
        (MessageState.QUEUED, None, True),
    ]


async def test_a_phone_that_has_reported_somebody_else_too_stays_signed_in(runtime: Runtime) -> None:
    signed_in = await verify_phone(runtime, ANONYMOUS, PHONE, await ask(runtime))
    case_id = await declared(runtime, signed_in.actor)
    await declared(runtime, signed_in.actor, who=person(HEALTHY, name="Lê Thị Ba"))
    await erase_person(runtime, await department(runtime), case_id, WHY)
    assert (await actor_of(runtime, f"Bearer {signed_in.token}")).phone_hash == signed_in.actor.phone_hash


async def test_a_station_s_grant_ends_with_the_case(runtime: Runtime) -> None:
    case_id = await declared(runtime, resident(runtime))
    for kind in (GrantKind.HOSPITAL, GrantKind.SENDER):
        await CaseGrant.create(
            using_db=service_connection(),
            case_id=case_id,
            grantee=f"station:{kind.value}",
            kind=kind,
            granted_at=runtime.clock.now(),
        )
    await erase_person(runtime, await department(runtime), case_id, WHY)
    grants = await CaseGrant.all().using_db(service_connection())
    assert len(grants) == 3
    assert all(grant.ended_at for grant in grants)
    assert {grant.grantee.partition(":")[0] for grant in grants} == {"station", "ended"}


async def test_an_open_alert_has_to_be_answered_first(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    receipt = await declare(runtime, ANONYMOUS, household(AN, ward=ward))
    staff = await department(runtime)
    with pytest.raises(Conflict, match="WRONG_STATE") as refused:
        await erase_person(runtime, staff, receipt.people[0].case_id, WHY)
    values = refused.value.values
    assert (values["state"], values["allowed"]) == ("RAISED", ALERT.allowed("RAISED"))
    case = await Case.get(id=receipt.people[0].case_id, using_db=service_connection())
    assert case.identity


async def test_erasing_again_is_the_same_answer(runtime: Runtime) -> None:
    case_id = await declared(runtime, resident(runtime))
    staff = await department(runtime)
    assert await erase_person(runtime, staff, case_id, WHY) == await erase_person(runtime, staff, case_id, WHY)


async def test_the_reason_is_sealed_in_the_audit(runtime: Runtime) -> None:
    case_id = await declared(runtime, resident(runtime))
    staff = await department(runtime)
    await erase_person(runtime, staff, case_id, WHY)
    line = await Audit.get(action="erase_person", using_db=service_connection())
    assert (line.account_id, line.objects) == (staff.account_id, [str(case_id)])
    assert line.why
    assert runtime.sealer.open(f"audit:{line.id}", line.why) == {"why": WHY}


@pytest.mark.parametrize(("reason", "code"), [(" ", "REQUIRED"), ("xóa đi", "TOO_FEW_WORDS"), ("x " * 400, "TOO_LONG")])
async def test_a_reason_that_says_nothing_is_refused(runtime: Runtime, reason: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await erase_person(runtime, await department(runtime), await declared(runtime, ANONYMOUS), reason)
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [(("reason",), code)]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEPARTMENT])
async def test_nobody_but_the_department_erases(runtime: Runtime, role: Role) -> None:
    case_id = await declared(runtime, ANONYMOUS)
    with pytest.raises(NotFound):
        await erase_person(runtime, await account(runtime, role, await area("vn-79-2022-79")), case_id, WHY)


async def test_a_department_erases_within_its_own_area_only(runtime: Runtime) -> None:
    case_id = await declared(runtime, ANONYMOUS)
    (_, elsewhere) = await wards()
    with pytest.raises(NotFound):
        await erase_person(runtime, await account(runtime, Role.DEPARTMENT, elsewhere), case_id, WHY)


ERASE = """
mutation ($input: ErasePersonInput!) {
  erasePerson(input: $input) {
    __typename
    ... on PersonErased { cases { id anonymisedAt person { name } declarations { reported { fullName } } } }
    ... on InvalidInput { fields { path code } }
    ... on Conflict { reason current { id } }
  }
}
"""


async def test_the_api_shows_the_cases_without_anybody(runtime: Runtime) -> None:
    case_id = await declared(runtime, resident(runtime))
    staff = await department(runtime)
    asking, id = Asking(runtime), global_id("Case", case_id)
    refused = (await asking.data(staff, ERASE, {"input": {"caseId": id, "reason": "vì"}}))["erasePerson"]
    assert refused["fields"] == [{"path": "reason", "code": "TOO_FEW_WORDS"}]
    (case,) = (await asking.data(staff, ERASE, {"input": {"caseId": id, "reason": WHY}}))["erasePerson"]["cases"]
    assert case["anonymisedAt"]
    assert case["person"] is None
    assert case["declarations"] == [{"reported": None}]


async def test_a_protocol_is_tried_on_what_is_left(runtime: Runtime) -> None:
    case_id = await declared(runtime, resident(runtime))
    await declared(runtime, ANONYMOUS, OTHER, who=person(HEALTHY))
    await erase_person(runtime, await department(runtime), case_id, WHY)
    protocol = runtime.protocols.version("covid19-hcmc-2022-03-12")
    tried = await trial_protocol(runtime, ANONYMOUS, protocol, 7, lambda done, total: None)
    assert tried.total == 1


async def test_a_key_stays_while_a_newer_case_names_the_person(runtime: Runtime) -> None:
    here, there = await wards()
    staff = await account(runtime, Role.DEPARTMENT, here)
    cases = []
    for ward in (here, there):
        receipt = await declare(runtime, resident(runtime), household(AN, ward=ward))
        await settled(runtime, receipt.people[0].case_id)
        cases.append(receipt.people[0].case_id)
    assert await erase_person(runtime, staff, cases[0], WHY) == cases[:1]
    assert await PersonKey.all().using_db(service_connection()).count() == 2
    other = await Case.get(id=cases[1], using_db=service_connection())
    assert other.identity
    report = await Declaration.get(case_id=cases[1], using_db=service_connection())
    assert report.report


@pytest.mark.parametrize("round", range(5))
async def test_a_report_that_comes_at_the_same_moment_is_whole_or_gone(runtime: Runtime, round: int) -> None:
    (ward, *_) = await wards()
    an = person(HEALTHY, name="Nguyễn Văn An", national_id=ID_CARD)
    first = await declare(runtime, resident(runtime), household(an, ward=ward))
    staff = await department(runtime)
    again = (declare(runtime, resident(runtime), household(an, ward=ward)) for _ in range(4))
    await asyncio.gather(*again, erase_person(runtime, staff, first.people[0].case_id, WHY))
    cases = {row.id: row for row in await Case.all().using_db(service_connection())}
    assert cases[first.people[0].case_id].anonymised_at
    assert len({row.person_id for row in cases.values()}) == len(cases)
    for report in await Declaration.all().using_db(service_connection()):
        case = cases[report.case_id]
        assert bool(report.report) is bool(case.identity) is (case.anonymised_at is None)
    shown = {one["case"]["id"] for one in await mine(runtime, resident(runtime))}
    assert shown == {global_id("Case", row.id) for row in cases.values() if row.anonymised_at is None}
