"""What is older than its protocol's retention becomes anonymous, whoever runs it and however often; counts stay."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from access.actor import ANONYMOUS
from models.alert import AlertEvent
from models.area_count import ALL_DAYS
from models.audit import Audit
from models.case import Case
from models.database import DatabaseUrls, service_connection, service_transaction
from models.declaration import Submission
from models.locks import RETENTION_LOCK
from models.state import Role
from services import retention
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.household import PersonReport
from services.retention import NEVER_CLOSED_DAYS, Due, count_due, run_retention
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, account, area, household, person, wards
from tests.integration.residents.looking import left, traces
from tests.integration.residents.resident import OTHER, mine, resident
from tests.integration.residents.test_erase import declared
from tests.integration.test_counts import counted, recounted

KEPT_DAYS = 365


def later(runtime: Runtime, *, days: int) -> None:
    """So many days and an hour after now."""
    runtime.clock.follow(runtime.clock.now() + timedelta(days=days, hours=1), timedelta())


def ill_today(runtime: Runtime) -> PersonReport:
    """The same person, who may be declared on this day."""
    return person(replace(BREATHLESS, test_on=runtime.clock.day()), name="Nguyễn Văn An")


async def closed(runtime: Runtime) -> UUID:
    """A case that is closed now, with its severe alert in the log."""
    (ward, *_) = await wards()
    receipt = await declare(runtime, resident(runtime), household(ill_today(runtime), ward=ward))
    staff = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    await dismiss(runtime, staff, receipt.people[0].case_id, DismissReason.NEGATIVE_TEST)
    return receipt.people[0].case_id


async def anonymous() -> set[UUID]:
    """The cases that name nobody any more."""
    rows = await Case.all().using_db(service_connection())
    assert all(bool(row.identity) is (row.anonymised_at is None) for row in rows)
    return {row.id for row in rows if row.anonymised_at}


async def test_a_closed_case_is_kept_for_its_protocol_s_days_and_no_longer(
    runtime: Runtime, urls: DatabaseUrls
) -> None:
    old = await closed(runtime)
    later(runtime, days=KEPT_DAYS - 1)
    young = await closed(runtime)
    assert (await run_retention(runtime, ANONYMOUS)).cases == 0
    later(runtime, days=1)
    gone, kept = await traces(urls, [old]), await traces(urls, [young])
    assert await count_due(runtime) == Due(closed=1, never_closed=0)
    done = await run_retention(runtime, ANONYMOUS)
    assert (done.cases, done.submissions, done.busy) == (1, 1, False)
    assert await anonymous() == {old}
    # The phone is the same in both, and named by the younger one.
    assert await left(urls, gone.every - kept.every) == {}
    stay = await left(urls, kept.every)
    assert set().union(*stay.values()) == kept.every
    assert len(await mine(runtime, resident(runtime))) == 1


async def test_a_case_that_nobody_has_closed_is_forgotten_a_quarter_later(runtime: Runtime) -> None:
    case_id = await declared(runtime, resident(runtime))
    later(runtime, days=KEPT_DAYS + NEVER_CLOSED_DAYS - 1)
    assert await count_due(runtime) == Due(0, 0)
    later(runtime, days=1)
    assert await count_due(runtime) == Due(0, 1)
    await run_retention(runtime, ANONYMOUS)
    assert await anonymous() == {case_id}


async def test_a_newer_report_keeps_a_case_that_was_never_closed(runtime: Runtime) -> None:
    case_id = await declared(runtime, resident(runtime), who=ill_today(runtime))
    later(runtime, days=KEPT_DAYS)
    (ward, *_) = await wards()
    again = await declare(runtime, resident(runtime), household(ill_today(runtime), ward=ward))
    assert again.people[0].case_id == case_id
    later(runtime, days=NEVER_CLOSED_DAYS + 30)
    assert (await run_retention(runtime, ANONYMOUS)).cases == 0


async def test_every_count_is_as_before_and_equals_a_recount_and_the_log_stays(runtime: Runtime) -> None:
    await closed(runtime)
    await declared(runtime, resident(runtime, OTHER), OTHER)
    before, days = await counted(ALL_DAYS), await counted(None)
    events = await AlertEvent.all().using_db(service_connection()).count()
    later(runtime, days=KEPT_DAYS + NEVER_CLOSED_DAYS)
    assert (await run_retention(runtime, ANONYMOUS)).cases == 2
    assert await counted(ALL_DAYS) == before == await recounted(runtime)
    assert await counted(None) == days
    assert await AlertEvent.all().using_db(service_connection()).count() == events
    assert not await Submission.filter(anonymised_at=None).using_db(service_connection()).exists()


async def test_it_goes_on_batch_by_batch_and_says_how_far_it_is(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        await closed(runtime)
    later(runtime, days=KEPT_DAYS)
    heard: list[tuple[int, int]] = []
    done = await run_retention(runtime, ANONYMOUS, lambda done, total: heard.append((done, total)))
    assert done.cases == 5
    assert heard == [(0, 5), (2, 5), (4, 5), (5, 5)]
    lines = await Audit.filter(action="retention").order_by("at", "id").using_db(service_connection())
    assert [len(line.objects) for line in lines] == [2, 2, 1]


async def test_of_two_that_run_at_once_one_does_it(runtime: Runtime) -> None:
    await closed(runtime)
    later(runtime, days=KEPT_DAYS)
    async with service_transaction() as connection:
        await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [RETENTION_LOCK])
        assert (await run_retention(runtime, ANONYMOUS)).busy
    done = await asyncio.gather(*(run_retention(runtime, ANONYMOUS) for _ in range(3)))
    assert sum(one.cases for one in done) == 1


async def test_a_contact_whose_key_is_lost_is_forgotten_as_well(runtime: Runtime) -> None:
    case_id = await closed(runtime)
    await Submission.all().using_db(service_connection()).update(contact=b"\x04lost" + bytes(40))
    later(runtime, days=KEPT_DAYS)
    await run_retention(runtime, ANONYMOUS)
    assert await anonymous() == {case_id}
    assert (await Submission.get(using_db=service_connection())).contact == b""
