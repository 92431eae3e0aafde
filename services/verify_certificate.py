"""Verifying a certificate: whoever is shown one asks whether it is still valid, and learns nothing of a person."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.certificate import Certificate
from models.database import service_connection
from models.state import CertificateState
from models.station import Station
from services.certificate_code import read_certificate_code
from services.limit_rules import Rule
from services.runtime import Runtime


class Validity(StrEnum):
    """What a code stands for."""

    VALID = "VALID"
    REVOKED = "REVOKED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a certificate is valid, who has issued it and when: what stands on every one of them."""

    validity: Validity
    station: str | None = None
    signed_on: date | None = None
    revoked_on: date | None = None


async def verify_certificate(runtime: Runtime, origin: str | None, code: str) -> Verification:
    """What a certificate's code stands for. UNKNOWN is one that nobody has signed, and what cannot be a code at all.

    `origin` is the keyed hash of where the request came from. Raises TooManyRequests for whoever tries one code after
    another that nobody was given; whoever reads real ones at a door is never slowed down.
    """
    await runtime.limits.check(Rule.CERTIFICATE_BY_ADDRESS, origin)
    stored = read_certificate_code(code)
    # The service's login: it is asked by anybody, of one certificate, by a code that cannot be guessed.
    connection = service_connection()
    found = await Certificate.get_or_none(code=stored, using_db=connection) if stored else None
    if found is None or found.signed_at is None:
        await runtime.limits.miss(Rule.CERTIFICATE_BY_ADDRESS, origin)
        return Verification(Validity.UNKNOWN)
    station = await Station.get_or_none(id=found.station_id, using_db=connection) if found.station_id else None
    revoked = found.state == CertificateState.REVOKED
    return Verification(
        Validity.REVOKED if revoked else Validity.VALID,
        station.name if station else None,
        runtime.clock.day(found.signed_at),
        runtime.clock.day(found.revoked_at) if revoked and found.revoked_at else None,
    )
