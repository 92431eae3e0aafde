"""What is known of the person of a case: their reports and check-ins taken together, to be judged anew."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import UnsealError
from models.case import Case
from models.check_in import CheckIn
from models.declaration import Declaration
from services.batch import MOST_A_CASE, padded
from services.report_record import from_record
from services.runtime import Runtime
from triage.report import Report

logger = structlog.get_logger(__name__)


async def patient_report(runtime: Runtime, connection: AsyncpgDBClient, case: Case) -> Report:
    """One report of a case that the caller has seen by its scope, as `patient_reports` makes it."""
    return (await patient_reports(runtime, connection, [case]))[case.id]


async def patient_reports(runtime: Runtime, connection: AsyncpgDBClient, cases: Collection[Case]) -> dict[UUID, Report]:
    """One report of each case, all of which the caller has seen by their scope.

    The newest words count: of symptoms those of the newest report or check-in, of each measured value and answer the
    newest that was given. Of several first days of symptoms the earliest counts, for medicine is given or not by it.
    What cannot be read says nothing.
    """
    ids = padded(case.id for case in cases)
    declarations: dict[UUID, list[Declaration]] = {case.id: [] for case in cases}
    newest_first = Declaration.filter(case_id__in=ids).order_by("-submitted_at", "-id").using_db(connection)
    for declaration in await newest_first:
        declarations[declaration.case_id].append(declaration)
    checks: dict[UUID, list[CheckIn]] = {case.id: [] for case in cases}
    for check in await CheckIn.filter(case_id__in=ids).order_by("-at", "-id").using_db(connection):
        checks[check.case_id].append(check)
    return {
        case.id: _report(runtime, case, declarations[case.id][:MOST_A_CASE], checks[case.id][:MOST_A_CASE])
        for case in cases
    }


def _report(runtime: Runtime, case: Case, declarations: Sequence[Declaration], checks: Sequence[CheckIn]) -> Report:
    reports = []
    for declaration in declarations:
        record = _opened(runtime, f"declaration:{declaration.id}", declaration.report)
        if record:
            reports.append(from_record(record))
    found = reports[0] if reports else Report(sex=str(case.sex))
    onsets = [one.onset_on for one in reports if one.onset_on]
    found = replace(
        found,
        onset_on=min(onsets, default=None),
        pregnant=_first(one.pregnant for one in reports),
        breastfeeding=_first(one.breastfeeding for one in reports),
        vitals=_together([one.vitals for one in reports]),
    )
    found = _born(found, _opened(runtime, f"case:{case.id}", case.identity))
    signs = [record for row in checks if (record := _opened(runtime, f"check_in:{row.id}", row.report))]
    if not signs:
        return found
    vitals = _together([*(one["vitals"] for one in signs), found.vitals])
    return replace(found, symptoms=tuple(signs[0]["symptoms"]), vitals=vitals)


def _together(newest_first: list[Mapping[str, float | bool]]) -> dict[str, float | bool]:
    together: dict[str, float | bool] = {}
    for vitals in reversed(newest_first):
        together.update(vitals)
    return together


def _first(answers: Any) -> bool | None:
    return next((answer for answer in answers if answer is not None), None)


def _born(report: Report, identity: Mapping[str, Any]) -> Report:
    """What a station has put right counts, and not the slip of the report."""
    born, year = identity.get("birth_date"), identity.get("birth_year")
    if not born and not year:
        return report
    return replace(report, birth_date=date.fromisoformat(born) if born else None, birth_year=None if born else year)


def _opened(runtime: Runtime, place: str, sealed: bytes) -> dict[str, Any]:
    if not sealed:
        return {}
    try:
        return dict(runtime.sealer.open(place, sealed))
    except UnsealError:
        logger.warning("report_not_read", place=place)
        return {}
