"""A station's day on a grove: cases are called, handed over, referred, released, and found to be of one person.

By the real services, as far as they are quick: what they refuse in the state that chance has led to is left as it is.
"""

import random
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from access.actor import Actor
from access.jurisdiction import NOWHERE
from models.area import Area
from models.case import Case
from models.certificate import Certificate
from models.database import service_connection
from models.evidence import Evidence
from models.referral import Referral
from models.state import (
    CaseState,
    ContactOutcome,
    EvidenceKind,
    Outcome,
    ReferralState,
    Role,
    StockChange,
    TestResult,
)
from services.acknowledge import acknowledge
from services.change_referral import ACCEPT, ADMIT, DISCHARGE, REFUSE, START_TRANSFER, change_referral
from services.check_in import check_in
from services.check_in_report import CheckInReport
from services.claim import claim
from services.confirm import confirm
from services.dismiss import DismissReason, dismiss
from services.dispense_pack import Answers, PackOrder, dispense_pack
from services.hand_over import accept_hand_over, hand_over_case, refuse_hand_over
from services.identity_field import IdentityField
from services.keep_stock import StockOrder, keep_stock
from services.merge_persons import merge_persons
from services.problem import Problem
from services.record_contact import record_contact
from services.record_release_test import record_release_test
from services.refer_case import refer_case
from services.release_case import release_case
from services.request_information import AskedField, request_information
from services.reroute_declaration import reroute_declaration, return_declaration
from services.resolve import resolve
from services.revoke_certificate import revoke_certificate
from services.send_release_test import send_release_test
from services.sign_certificates import sign_certificate
from services.unmerge_persons import unmerge_persons
from services.upload_ticket import owner_of
from tests.integration.made import account

if TYPE_CHECKING:
    from tests.integration.scope.grove import Grove

REASON = "a reason that is long enough"
PACKS = "abc"


async def live_a_day(grove: "Grove", chance: random.Random, residents: list[Actor]) -> None:
    """In each tree somebody who may everywhere there does a day's work."""
    for top in [area for area, above in grove.parents.items() if above is None]:
        place = await Area.get(id=top, using_db=service_connection())
        staff = replace(await account(grove.runtime, Role.DEPARTMENT, place), doctor=True)
        head = await account(grove.runtime, Role.STATION_HEAD, place)
        await _Day(grove, chance, top, staff, head, residents).live()


async def upload_photos(grove: "Grove", chance: random.Random) -> None:
    """Everybody has uploaded a photo or two that belong to no case yet."""
    now = grove.runtime.clock.now()
    await Evidence.bulk_create(
        [
            Evidence(
                id=uuid4(),
                kind=chance.choice(list(EvidenceKind)),
                owner=owner_of(actor),
                object_key=f"{chance.randrange(16**32):032x}",
                data_key=grove.runtime.sealer.seal("evidence:nowhere", {"key": ""}),
                created_at=now,
                uploaded_at=now,
            )
            for actor in grove.actors
            for _ in range(3)
        ],
        using_db=service_connection(),
    )


@dataclass
class _Day:
    grove: "Grove"
    chance: random.Random
    top: str
    staff: Actor
    head: Actor
    residents: list[Actor]

    async def live(self) -> None:
        rows = await self.grove.rows()
        here = [id for id, row in rows.cases.items() if self.grove.below(row["area_id"], self.top)]
        self.chance.shuffle(here)
        self.leaves = [area for area in self.grove.leaves() if self.grove.below(area, self.top)]
        await self._stock()
        stories = [self._at_home, self._at_home, self._released, self._released, self._referred, self._handed_over]
        third = len(here) // 3
        for number, case in enumerate(here[:third]):
            await self._tried(confirm(self.grove.runtime, self.staff, case))
            await stories[number % len(stories)](case)
        waiting = [id for id, row in rows.declarations.items() if row["case_id"] in here[third : 2 * third]]
        for number, declaration in enumerate(waiting):
            await (self._rerouted if number % 2 else self._asked)(declaration)
        await self._merged(here[2 * third :], here[:third])
        # Some were ill for weeks by now: the clock itself stays where it is.
        await self._ill_since(self.chance.sample(here, len(here) // 2), 20)

    async def _tried(self, doing: Awaitable[object]) -> bool:
        """Whether it was done; what is refused in the state that chance has led to is left as it is."""
        with suppress(Problem):
            await doing
            return True
        return False

    async def _stock(self) -> None:
        stations = [id for id in (await self.grove.rows()).watched["station"] if self._mine(id)]
        for station in self.chance.sample(stations, min(6, len(stations))):
            for pack in PACKS:
                order = StockOrder(station, pack, 5)
                await keep_stock(self.grove.runtime, self.staff, StockChange.RECEIVED, order)

    def _mine(self, station: str) -> bool:
        return station.endswith("-st") and self.grove.below(station.removesuffix("-st"), self.top)

    async def _at_home(self, case: UUID) -> None:
        runtime, chance = self.grove.runtime, self.chance
        outcome = chance.choice([ContactOutcome.REACHED, ContactOutcome.REACHED, ContactOutcome.NO_ANSWER])
        await self._tried(record_contact(runtime, self.staff, case, outcome))
        symptoms = chance.choice([(), ("cough",), ("dyspnoea",)])
        report = CheckInReport(f"once-{case}", symptoms, {"spo2": 96})
        resident = await self._resident_of(case)
        whose = resident if resident and chance.random() < 0.6 else self.staff
        await self._tried(
            check_in(runtime, whose, report, declaration_id=await self._declaration(case))
            if whose is resident
            else check_in(runtime, whose, report, case_id=case)
        )
        stations = [id for id in (await self.grove.rows()).watched["station"] if self._mine(id)]
        today = runtime.clock.day()
        answers = Answers(today - timedelta(days=1), False, False, {"spo2": 97, "respiratory_rate": 18})
        for pack in PACKS:
            order = PackOrder(pack, True, answers, station_id=chance.choice(stations) if stations else None)
            if await self._tried(dispense_pack(runtime, self.staff, case, order)):
                break
        if chance.random() < 0.6:
            await self._tried(claim(runtime, self.staff, case))

    async def _released(self, case: UUID) -> None:
        runtime, today = self.grove.runtime, self.grove.runtime.clock.day()
        await self._ill_since([case], 8)
        if self.chance.random() < 0.5 and (resident := await self._resident_of(case)):
            declaration = await self._declaration(case)
            sent = send_release_test(runtime, resident, declaration, "rapid_antigen", today, TestResult.NEGATIVE)
            await self._tried(sent)
        if self.chance.random() < 0.25:
            return
        tested = record_release_test(runtime, self.staff, case, "rapid_antigen", today, TestResult.NEGATIVE)
        await self._tried(tested)
        for alert in [id for id, row in (await self.grove.rows()).alerts.items() if row["case_id"] == case]:
            await self._tried(acknowledge(runtime, self.staff, alert))
            await self._tried(resolve(runtime, self.staff, alert, Outcome.ADVISED))
        if self.chance.random() < 0.25 or not await self._tried(release_case(runtime, self.staff, case)):
            return
        certificate = await Certificate.get_or_none(case_id=case, using_db=service_connection())
        if certificate is None or self.chance.random() < 0.3:
            return
        await self._tried(sign_certificate(runtime, self.head, certificate.id))
        if self.chance.random() < 0.5:
            await self._tried(revoke_certificate(runtime, self.head, certificate.id, REASON))

    async def _ill_since(self, cases: list[UUID], days: int) -> None:
        today = self.grove.runtime.clock.day()
        ill = Case.filter(id__in=cases, test_on__isnull=False, closed_at__isnull=True)
        since = {"test_on": today - timedelta(days=days), "release_on": today - timedelta(days=1)}
        await ill.using_db(service_connection()).update(**since)

    async def _referred(self, case: UUID) -> None:
        runtime, hospital = self.grove.runtime, self.chance.choice(self.grove.hospitals)
        if not await self._tried(refer_case(runtime, self.staff, case, hospital, REASON)):
            return
        referral = await Referral.get(case_id=case, state=ReferralState.REQUESTED, using_db=service_connection())
        doctor = Actor("ACCOUNT", uuid4(), role=Role.HOSPITAL, station_id=hospital, jurisdiction=NOWHERE)
        stories = [(), (ACCEPT,), (ACCEPT, START_TRANSFER), (ADMIT,), (ACCEPT, ADMIT, DISCHARGE), (REFUSE,)]
        for step in self.chance.choice(stories):
            await self._tried(change_referral(runtime, doctor, referral.id, step, REASON))

    async def _handed_over(self, case: UUID) -> None:
        runtime, ward = self.grove.runtime, self.chance.choice(self.leaves)
        transfer = None
        with suppress(Problem):
            transfer = await hand_over_case(runtime, self.staff, case, ward, REASON)
        answer = self.chance.choice(["accept", "refuse", "wait", "wait"])
        if transfer is not None and answer == "accept":
            await self._tried(accept_hand_over(runtime, self.staff, transfer.id))
        elif transfer is not None and answer == "refuse":
            await self._tried(refuse_hand_over(runtime, self.staff, transfer.id, REASON))

    async def _rerouted(self, declaration: UUID) -> None:
        runtime, ward = self.grove.runtime, self.chance.choice(self.leaves)
        done = await self._tried(reroute_declaration(runtime, self.staff, declaration, ward, REASON))
        if done and self.chance.random() < 0.3:
            await self._tried(return_declaration(runtime, self.staff, declaration, REASON))

    async def _asked(self, declaration: UUID) -> None:
        fields = [AskedField.TEST_PHOTO, AskedField.STREET]
        await self._tried(request_information(self.grove.runtime, self.staff, declaration, fields))

    async def _merged(self, cases: list[UUID], known: list[UUID]) -> None:
        """Some are one person's: two open cases, or two episodes."""
        runtime, chance = self.grove.runtime, self.chance
        over = (CaseState.COMPLETED, CaseState.CERTIFIED)
        ended = await Case.filter(id__in=known, state__in=over).using_db(service_connection())
        pairs = list(zip(cases[::2], cases[1::2], strict=False))[: len(cases) // 4 + 1]
        none = cases[-2:]
        for case in none:
            await self._tried(dismiss(runtime, self.staff, case, DismissReason.NEGATIVE_TEST))
        earlier = [*(one.id for one in ended), *none]
        pairs += [(case, one) for case, one in zip(cases[-2 - len(earlier) : -2], earlier, strict=False)]
        for keep, merge in pairs:
            take = chance.sample(list(IdentityField), chance.randint(0, 3))
            merging = merge_persons(runtime, self.staff, (keep, None), (merge, None), take)
            if await self._tried(merging) and chance.random() < 0.4:
                await self._tried(unmerge_persons(runtime, self.staff, merge))

    async def _declaration(self, case: UUID) -> UUID:
        rows = await self.grove.rows()
        return next(id for id, row in rows.declarations.items() if row["case_id"] == case)

    async def _resident_of(self, case: UUID) -> Actor | None:
        """Who has declared it from a proven phone."""
        rows = await self.grove.rows()
        phone = rows.cases[case]["phone_hash"]
        own = [row for row in rows.declarations.values() if row["case_id"] == case]
        proven = any(rows.submissions[row["submission_id"]]["verified"] for row in own)
        return next((one for one in self.residents if one.phone_hash == phone and proven), None)
