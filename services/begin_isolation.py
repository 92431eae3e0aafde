"""From when an isolation counts: the day of the positive test, as the person or the station has reported it."""

from datetime import datetime

import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import UnsealError
from models.case import Case
from models.declaration import Declaration
from services.check_in_due import expect_check_in
from services.report_record import from_record
from services.runtime import Runtime

logger = structlog.get_logger(__name__)


async def begin_isolation(runtime: Runtime, connection: AsyncpgDBClient, case: Case, now: datetime) -> None:
    """Sets the case's `test_on`, `vaccine_doses` and `release_on` from its oldest report that has a day of a test.

    The oldest, because day 0 is the first positive test: a second one taken on day 5 must not begin it anew. Without a
    readable report the case counts from today, which keeps nobody out too early. `check_in_due` is set besides, counted
    from now. Nothing is saved.
    """
    protocol = runtime.protocols.judging(case.disease, runtime.clock.day(now))
    case.test_on, case.vaccine_doses = runtime.clock.day(now), None
    declarations = Declaration.filter(case_id=case.id).order_by("submitted_at", "id").using_db(connection)
    for declaration in await declarations:
        if not declaration.report:
            continue
        try:
            report = from_record(dict(runtime.sealer.open(f"declaration:{declaration.id}", declaration.report)))
        except UnsealError:
            # What a station decides must not hang on one report that cannot be read.
            logger.warning("report_not_read", declaration=str(declaration.id))
            continue
        if report.test_on is not None:
            case.test_on, case.vaccine_doses = report.test_on, report.vaccine_doses
            break
    if protocol is not None:
        case.release_on = protocol.isolation.release_on(case.test_on, False, case.vaccine_doses)
    expect_check_in(runtime, case, now)
