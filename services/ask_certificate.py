"""Asking for a certificate: it waits for the head of the station to sign it."""

from datetime import datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.case import Case
from models.certificate import Certificate
from models.identifier import uuid7
from models.state import CertificateState
from services.certificate_code import new_certificate_code
from services.certificate_content import content_of, places_of
from services.runtime import Runtime


async def ask_certificate(
    runtime: Runtime, connection: AsyncpgDBClient, case: Case, now: datetime, released_on: str
) -> Certificate:
    """Puts a certificate of the case into the queue, in the transaction of the release. Its code is its own for good.

    `released_on` is the day of the release.

    Raises UnsealError where the person cannot be read.
    """
    id = uuid7()
    places = await places_of(connection, [case])
    content = content_of(runtime, case, places, released_on)
    return await Certificate.create(
        using_db=connection,
        id=id,
        case_id=case.id,
        area_no=case.area_no,
        station_id=case.station_id,
        code=new_certificate_code(),
        state=CertificateState.AWAITING_SIGNATURE,
        content=content.sealed(runtime.sealer, id),
        asked_at=now,
    )
