"""Check-ins as tests need them: somebody at home who reports, and what became of it."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from uuid import UUID

import orjson

from access.actor import Actor
from models.alert import Alert, AlertEvent
from models.case import Case
from models.database import service_connection
from models.state import AlertChange, AlertKind, Role
from services.check_in import CheckedIn, check_in
from services.check_in_report import CheckInReport
from services.confirm import confirm
from services.declare import declare
from services.runtime import Runtime
from tests.integration.made import HEALTHY, account, household, person, wards
from tests.integration.residents.resident import PHONE, resident
from triage.report import Report

_numbers = count(1)


def signs(*symptoms: str, key: str | None = None, **vitals: float | bool) -> CheckInReport:
    """A check-in with these symptoms and vitals."""
    body = orjson.dumps([symptoms, vitals])
    return CheckInReport(key or f"check-in-{next(_numbers)}", symptoms, vitals, body)


async def at_home(
    runtime: Runtime, report: Report = HEALTHY, *, phone: str = PHONE, confirmed: bool = True
) -> tuple[Case, Actor, Actor]:
    """A case that a proven phone has declared, with its nurse and its resident."""
    (ward, *_) = await wards(1)
    own = resident(runtime, phone)
    receipt = await declare(runtime, own, household(person(report), ward=ward, phone=phone))
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    id = receipt.people[0].case_id
    if confirmed:
        await confirm(runtime, nurse, id)
    return await case_of(id), nurse, own


async def reports(runtime: Runtime, actor: Actor, case: Case, *symptoms: str, **vitals: float | bool) -> CheckedIn:
    """A check-in of a case."""
    return await check_in(runtime, actor, signs(*symptoms, key=None, **vitals), case_id=case.id)


async def case_of(id: UUID) -> Case:
    """The case as it is."""
    return await Case.get(id=id, using_db=service_connection())


async def alerts_of(case: Case, kind: AlertKind | None = None) -> Sequence[Alert]:
    """The case's alerts, oldest first."""
    found = Alert.filter(case_id=case.id).order_by("id").using_db(service_connection())
    return await (found.filter(kind=kind) if kind else found)


async def changes_of(alert: Alert) -> list[AlertChange]:
    """What has happened to an alert."""
    events = await AlertEvent.filter(alert_id=alert.id).order_by("seq").using_db(service_connection())
    return [event.change for event in events]


def later(runtime: Runtime, hours: float) -> None:
    """Moves the clock on."""
    runtime.clock.follow(runtime.clock.now() + timedelta(hours=hours), timedelta())
