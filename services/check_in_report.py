"""What somebody who is ill at home reports, and what is kept and found again of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.sealing import UnsealError
from access.visible import visible
from models.case import Case
from models.declaration import Declaration
from services.report_record import from_record
from services.runtime import Runtime
from triage.report import Report

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CheckInReport:
    """One check-in as it comes from a client: nothing is checked yet.

    `body` is the request in a canonical form, by which a repeat is told from another one.
    """

    idempotency_key: str
    symptoms: tuple[str, ...]
    vitals: Mapping[str, float | bool]
    body: bytes = field(default=b"", repr=False)

    def clinical(self) -> Report:
        """What is asked anew, and nothing else."""
        return Report(symptoms=self.symptoms, vitals=self.vitals)

    def record(self) -> dict[str, object]:
        """As it is kept, sealed."""
        return {"symptoms": self.symptoms, "vitals": dict(self.vitals)}


@dataclass(frozen=True, slots=True)
class Base:
    """What is known of the person from before: their newest report, which it is, and where it stood."""

    declaration_id: UUID
    rank: int
    report: Report


def place_of(id: UUID) -> str:
    """Where a check-in's report is sealed."""
    return f"check_in:{id}"


def signs_of(record: Mapping[str, Any]) -> Report:
    """What was reported, from what was kept."""
    return Report(symptoms=tuple(record["symptoms"]), vitals=record["vitals"])


async def base_of(runtime: Runtime, connection: AsyncpgDBClient, actor: Actor, case: Case) -> Base:
    """What a check-in of this case is judged with besides: birth, sex, conditions, pregnancy.

    For a resident from what their own phone has declared, since they are shown the judgement, and a condition that
    somebody else has reported is not theirs to know; for staff from the case's newest report. A report that cannot be
    read gives nothing: the signs of today count all the same.
    """
    declarations = visible(actor, Declaration, connection).filter(case_id=case.id)
    newest = await declarations.order_by("-submitted_at", "-id").first()
    if newest is None:
        raise LookupError(f"the case {case.id} has no report")
    record = _opened(runtime, f"declaration:{newest.id}", newest.report)
    report = from_record(record) if record else Report(sex=str(case.sex))
    identity = _opened(runtime, f"case:{case.id}", case.identity)
    if identity.get("birth_date") or identity.get("birth_year"):
        # What a station has put right counts, and not the slip of the report.
        born = identity.get("birth_date")
        report = replace(
            report,
            birth_date=date.fromisoformat(born) if born else None,
            birth_year=None if born else identity.get("birth_year"),
        )
    return Base(newest.id, newest.rank, report)


def today(report: Report, signs: CheckInReport) -> Report:
    """The person as they are now: who they are from before, how they are from the check-in."""
    return replace(report, symptoms=signs.symptoms, vitals=signs.vitals)


def _opened(runtime: Runtime, place: str, sealed: bytes) -> dict[str, Any]:
    if not sealed:
        return {}
    try:
        return dict(runtime.sealer.open(place, sealed))
    except UnsealError:
        # Somebody who gets worse must not be turned away because an older report cannot be read.
        logger.warning("report_not_read", place=place)
        return {}
