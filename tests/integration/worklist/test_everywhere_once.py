"""Whatever has happened: every open case is in the worklist of its ward, once, and in no other ward's."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import ANONYMOUS, Actor
from models.alert import Alert
from models.area import Area
from models.case import Case
from models.case_grant import CaseGrant
from models.certificate import Certificate
from models.database import service_connection, staff_transaction
from models.declaration import Declaration
from models.person_merge import PersonMerge
from models.referral import Referral
from models.release_test import ReleaseTest
from models.state import (
    AlertState,
    CaseEventKind,
    CaseState,
    CertificateState,
    DeclarationState,
    GrantKind,
    Outcome,
    ReferralState,
    Role,
    TransferKind,
    TransferState,
)
from models.state import TestResult as Result
from models.transfer import Transfer
from services.acknowledge import acknowledge
from services.change_case import CLOSED, advance, counted, locked_case, note, save_case
from services.count_change import add_counts
from services.declare import declare
from services.resolve import resolve
from services.runtime import Runtime
from services.work_item import WorkFilter, WorkItem
from services.work_kind import IN_ORDER, PLACE, WorkKind
from tests.integration.made import BREATHLESS, EVERYTHING, HEALTHY, OLD_AND_ILL, TIRED, account, area, household, person
from tests.integration.made import wards as some_wards
from tests.integration.worklist.working import work
from triage.lifecycle import CASE

CITY = "vn-79-2022-79"


@dataclass
class Story:
    """What happens to the cases of some wards, by chance but the same for a seed."""

    runtime: Runtime
    chance: random.Random
    staff: Actor
    wards: list[Area]

    async def step(self) -> None:
        """One thing happens."""
        if self.chance.random() < 0.2:
            self.runtime.clock.follow(
                self.runtime.clock.now() + timedelta(hours=self.chance.randrange(30)), timedelta()
            )
        deeds = [self.declare, self.alert, self.act, self.act, self.act, self.declaration, self.beside, self.column]
        await self.chance.choice(deeds)()

    async def declare(self) -> None:
        """Somebody is reported."""
        report = self.chance.choice([HEALTHY, TIRED, BREATHLESS, OLD_AND_ILL])
        report = replace(report, test_on=self.runtime.clock.day())
        ward = self.chance.choice(self.wards)
        await declare(self.runtime, ANONYMOUS, household(person(report), ward=ward))

    async def alert(self) -> None:
        """An alert is taken or resolved."""
        open_ones = await Alert.exclude(state=AlertState.RESOLVED).order_by("id").using_db(service_connection())
        if not open_ones:
            return
        alert = self.chance.choice(open_ones)
        if alert.state == AlertState.ACKNOWLEDGED:
            await resolve(self.runtime, self.staff, alert.id, self.chance.choice(list(Outcome)))
        else:
            await acknowledge(self.runtime, self.staff, alert.id)

    async def act(self) -> None:
        """A case goes on by one act of its table; some of its alerts may outlive it."""
        cases = await Case.all().order_by("id").using_db(service_connection())
        if not cases:
            return
        async with staff_transaction(EVERYTHING) as connection:
            case = await locked_case(connection, self.staff, self.chance.choice(cases).id)
            acts = [act for act in CASE.allowed(case.state) if act != "CLAIM"]
            if not acts:
                return
            act, now = self.chance.choice(acts), self.runtime.clock.now()
            if act in ("LOSE", "MERGE"):
                case.state_before = case.state
            if act == "MERGE":
                others = [one for one in cases if one.id != case.id and one.state not in CLOSED]
                if not others:
                    return
                case.merged_into = self.chance.choice(others).id
            elif act == "UNMERGE":
                case.merged_into = None
            elif act == "CONFIRM":
                case.confirmed_at = now
            before = advance(case, act, now)
            await save_case(connection, case, "state_before", "merged_into", "confirmed_at")
            await self.merge(connection, act, case)
            await add_counts(connection, [counted(self.runtime.clock, case, before, now)])
            await note(connection, self.runtime.sealer, self.staff, case, CaseEventKind.CORRECTED, now)

    async def merge(self, connection: AsyncpgDBClient, act: str, case: Case) -> None:
        """The row that says which case rests in which."""
        now = self.runtime.clock.now()
        if act == "MERGE":
            about: dict[str, Any] = {"case_id": case.merged_into, "merged_case_id": case.id, "area_no": case.area_no}
            about |= {
                "person_id": case.person_id,
                "merged_person_id": case.person_id,
                "state_before": case.state_before,
            }
            await PersonMerge.create(using_db=connection, **about, detail=b"-", at=now, account_id=uuid4())
        elif act == "UNMERGE":
            undone = PersonMerge.filter(merged_case_id=case.id, undone_at=None).using_db(connection)
            await undone.update(undone_at=now)

    async def declaration(self) -> None:
        """A declaration stands otherwise, in whichever state there is."""
        found = await Declaration.all().order_by("id").using_db(service_connection())
        if found:
            now, one = self.runtime.clock.now(), self.chance.choice(found)
            state = self.chance.choice(list(DeclarationState))
            columns = {"state": state, "asked_at": now, "completed_at": self.chance.choice([None, now])}
            await Declaration.filter(id=one.id).using_db(service_connection()).update(**columns)

    async def beside(self) -> None:
        """Something is asked for a case: a hospital, another ward, a test, a certificate."""
        cases = await Case.filter(state__not_in=list(CLOSED)).order_by("id").using_db(service_connection())
        if not cases:
            return
        case, now, me = self.chance.choice(cases), self.runtime.clock.now(), self.staff.account_id
        of_case: dict[str, Any] = {"using_db": service_connection(), "case_id": case.id, "area_no": case.area_no}
        match self.chance.randrange(4):
            case 0 if not await Referral.filter(case_id=case.id).using_db(service_connection()).exists():
                state = self.chance.choice([ReferralState.REQUESTED, ReferralState.REFUSED])
                asked: dict[str, Any] = {"hospital_id": "h", "reason": b"-", "requested_at": now, "requested_by": me}
                await Referral.create(**of_case, state=state, **asked)
            case 1 if not await Transfer.filter(case_id=case.id).using_db(service_connection()).exists():
                to = self.chance.choice(self.wards)
                places: dict[str, Any] = {"from_area_id": case.area_id, "from_no": case.area_no, "to_area_id": to.id}
                asked = {"reason": b"-", "asked_at": now, "asked_by": me, "state": TransferState.REQUESTED}
                kind = TransferKind.HAND_OVER if to.lo != case.area_no else TransferKind.REROUTE
                await Transfer.create(**of_case | {"area_no": to.lo}, kind=kind, **places, **asked)
            case 2:
                test: dict[str, Any] = {
                    "kind": "pcr",
                    "taken_on": now.date(),
                    "result": Result.NEGATIVE,
                    "supervised": False,
                }
                await ReleaseTest.create(**of_case, **test, sent_at=now)
            case 3 if not await Certificate.filter(case_id=case.id).using_db(service_connection()).exists():
                made: dict[str, Any] = {"code": str(case.id)[:24], "content": b"-", "asked_at": now}
                await Certificate.create(**of_case, state=CertificateState.AWAITING_SIGNATURE, **made)

    async def column(self) -> None:
        """Somebody is not reached, or does not check in."""
        column = self.chance.choice(["unreached", "checks_missed"])
        cases = await Case.filter(state__not_in=list(CLOSED)).order_by("id").using_db(service_connection())
        if cases:
            chosen = Case.filter(id=self.chance.choice(cases).id).using_db(service_connection())
            await chosen.update(**{column: self.chance.randrange(3)})


async def whole(runtime: Runtime, actor: Actor, place: Area) -> list[WorkItem]:
    """All pages of an area's worklist, of a few items each."""
    found: list[WorkItem] = []
    after: str | None = None
    while True:
        page = await work(runtime, actor, WorkFilter(place.id), 7, after)
        found += page.items
        if not page.has_next:
            return found
        after = page.cursors[-1]


@pytest.mark.parametrize("seed", range(5))
async def test_every_open_case_is_in_one_worklist_once(runtime: Runtime, seed: int) -> None:
    (ward, far) = await some_wards(2)
    near = await Area.filter(parent_id=ward.parent_id, lo__not=ward.lo).order_by("lo").using_db(service_connection())
    places = [ward, near[0], far]
    city = await account(runtime, Role.DEPARTMENT, await area(CITY))
    story = Story(runtime, random.Random(seed), city, places)
    for _ in range(110):
        await story.step()
    cases = await Case.all().using_db(service_connection())
    open_cases = {case.id: case.area_no for case in cases if case.state not in CLOSED}
    listed: Counter[UUID] = Counter()
    for place in places:
        items = await whole(runtime, await account(runtime, Role.STATION_STAFF, place), place)
        own = [item.case.id for item in items if item.case.area_no == place.lo]
        # Of a ward that is not its own a case is seen where it was handed over, and there by a grant: none was given.
        assert len(own) == len(items)
        listed.update(own)
        assert {id for id, area_no in open_cases.items() if area_no == place.lo} <= set(own)
        order = [(PLACE[item.kind], item.case.rank, item.since, item.case.id) for item in items]
        assert order == sorted(order)
        assert all(item.kinds[0] is item.kind for item in items)
    assert set(listed.values()) <= {1}
    # What is over is there only where something was left to do.
    left = {WorkKind.TAKEN_ALERT, WorkKind.CERTIFICATE_TO_SIGN, WorkKind.AWAITING_REPLY, *IN_ORDER[:9]}
    everything = await whole(runtime, city, await area(CITY))
    assert len({item.case.id for item in everything}) == len(everything)
    assert set(open_cases) <= {item.case.id for item in everything}
    assert {item.kind for item in everything if item.case.state in CLOSED} <= left


async def test_a_case_that_is_handed_over_is_offered_to_the_ward_that_is_to_take_it(runtime: Runtime) -> None:
    (sender, receiver) = await some_wards(2)
    there = await account(runtime, Role.STATION_STAFF, receiver)
    here = await account(runtime, Role.STATION_STAFF, sender)
    receipt = await declare(runtime, ANONYMOUS, household(ward=sender))
    case = await Case.get(id=receipt.people[0].case_id, using_db=service_connection())
    now, service = runtime.clock.now(), service_connection()
    places: dict[str, Any] = {
        "from_area_id": sender.id,
        "from_no": sender.lo,
        "to_area_id": receiver.id,
        "area_no": receiver.lo,
    }
    asked: dict[str, Any] = {
        "reason": b"-",
        "asked_at": now,
        "asked_by": here.account_id,
        "state": TransferState.REQUESTED,
    }
    await Transfer.create(using_db=service, case_id=case.id, kind=TransferKind.HAND_OVER, **places, **asked)
    grant: dict[str, Any] = {"grantee": f"station:{there.station_id}", "kind": GrantKind.RECEIVER, "granted_at": now}
    await CaseGrant.create(using_db=service, case_id=case.id, **grant)
    (offered,) = await whole(runtime, there, receiver)
    (kept,) = await whole(runtime, here, sender)
    assert (offered.case.id, offered.kinds) == (case.id, (WorkKind.TRANSFER_TO_ACCEPT,))
    assert offered.case.granted
    assert (kept.case.id, kept.kinds) == (case.id, (WorkKind.DECLARATION_TO_CONFIRM,))
    assert case.state is CaseState.SUSPECTED
