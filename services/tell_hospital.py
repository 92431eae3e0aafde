"""Telling a hospital that it is asked to take somebody: a text to whoever is on duty there, without a name."""

from datetime import datetime, timedelta

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import UnsealError
from alerts import outbox
from alerts.outbox import Letter, Priority
from models.area import Area
from models.case import Case
from models.referral import Referral
from models.state import AlertKind, Danger, MessageKind
from models.station import Station
from services.on_duty import OnDuty, on_duty_at
from services.runtime import Runtime

_USEFUL = timedelta(hours=24)

logger = structlog.get_logger(__name__)


async def tell_hospital(
    runtime: Runtime, connection: AsyncpgDBClient, case: Case, referral: Referral, hospital: Station, now: datetime
) -> bool:
    """Writes the text in the caller's transaction; whether there was anybody: then the caller wakes the relay after it.

    It goes by the rules of alerts: no more of the person than the ward and how dangerous it is, where texts may say
    that; quiet hours hold back all but a red case; what was answered meanwhile is not sent any more.
    """
    people = await on_duty_at(connection, hospital.id, now.astimezone(runtime.clock.zone()))
    phones = {phone: person.quiet for person in people if (phone := _phone(runtime, person))}
    if not phones:
        return False
    area = await Area.get_or_none(id=case.area_id, using_db=connection)
    station = await Station.get_or_none(id=case.station_id, using_db=connection) if case.station_id else None
    words = {
        "danger": runtime.wording.danger(AlertKind.SEVERE, case.danger) if case.danger else None,
        "ward": area.name if area else None,
        "station": station.phone if station else None,
    }
    body, priority = runtime.wording.body(MessageKind.REFERRAL, words), _priority(case)
    letters = [
        Letter(
            MessageKind.REFERRAL,
            priority,
            phone,
            body,
            now + _USEFUL,
            referral.id,
            hold=timedelta() if priority == Priority.RED else quiet,
        )
        for phone, quiet in phones.items()
    ]
    await outbox.put_all(connection, runtime.sealer, letters, now)
    return True


def _priority(case: Case) -> Priority:
    return {Danger.RED: Priority.RED, Danger.AMBER: Priority.AMBER}.get(case.danger or Danger.AMBER, Priority.AMBER)


def _phone(runtime: Runtime, person: OnDuty) -> str | None:
    try:
        return str(runtime.sealer.open(f"duty:{person.id}", person.sealed)["phone"])
    except UnsealError:
        # One row that does not open must not keep somebody from being referred.
        logger.warning("duty_not_opened", duty=str(person.id))
        return None
