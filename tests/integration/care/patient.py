"""Somebody to care for, and those who do."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from access.actor import ANONYMOUS, Actor
from models.case import Case
from models.case_event import CaseEvent
from models.database import service_connection
from models.state import CaseEventKind, Role, StockChange
from services.confirm import confirm
from services.declare import declare
from services.keep_stock import StockOrder, keep_stock
from services.runtime import Runtime
from tests.integration.made import HEALTHY, account, household, person, wards

WELL = replace(
    HEALTHY,
    onset_on=date(2022, 3, 16),
    pregnant=False,
    breastfeeding=False,
    vitals={"spo2": 97, "respiratory_rate": 18},
)
"""A woman of 31 who may have pack C on 18 March 2022."""


@dataclass
class Patient:
    """A case with a nurse and a doctor of its station, and a nurse of another district."""

    case: Case
    nurse: Actor
    doctor: Actor
    stranger: Actor

    async def now(self) -> Case:
        """The case as it stands."""
        return await Case.get(id=self.case.id, using_db=service_connection())

    async def timeline(self) -> list[CaseEventKind]:
        """What its lines say."""
        rows = await CaseEvent.filter(case_id=self.case.id).order_by("id").using_db(service_connection())
        return [row.kind for row in rows]


async def confirmed(runtime: Runtime, **report: Any) -> Patient:
    """Somebody whom the station has confirmed."""
    found = await suspected(runtime, **report)
    await confirm(runtime, found.nurse, found.case.id)
    found.case = await found.now()
    return found


async def suspected(runtime: Runtime, **report: Any) -> Patient:
    """Somebody who was declared."""
    ward, elsewhere = await wards()
    receipt = await declare(runtime, ANONYMOUS, household(person(replace(WELL, **report)), ward=ward))
    case = await Case.get(id=receipt.people[0].case_id, using_db=service_connection())
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    doctor = replace(await account(runtime, Role.STATION_STAFF, ward), doctor=True)
    return Patient(case, nurse, doctor, await account(runtime, Role.STATION_STAFF, elsewhere))


async def stocked(runtime: Runtime, actor: Actor, *packs: str, quantity: int = 5) -> None:
    """Puts so many of each pack into the actor's station."""
    assert actor.station_id is not None
    for pack in packs:
        await keep_stock(runtime, actor, StockChange.RECEIVED, StockOrder(actor.station_id, pack, quantity))


def later(runtime: Runtime, **by: float) -> None:
    """Moves the clock on."""
    runtime.clock.follow(runtime.clock.now() + timedelta(**by), timedelta())
