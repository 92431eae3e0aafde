"""Check-ins that did not come: each is counted, and somebody at risk who is not heard of is an alert of its own.

The timers are rows (`check_in_due`), as those of alerts are: any process takes what is due, and one that dies with a
batch in its hands lets go of it whole. It runs as the service, because those who are silent are in nobody's hands.
"""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import SYSTEM
from models.alert import Alert
from models.case import Case
from models.database import service_transaction
from models.state import AlertKind, AlertState, CaseEventKind
from services.change_case import advance, note, save_case
from services.check_in_alerts import Calls, announce, raise_missed
from services.check_in_due import AWAITED, expect_check_in
from services.count_change import add_counts
from services.runtime import Runtime

_BATCH = 100
_MOST = 30_000
"""As many as the column holds; nobody is silent for forty years."""

# Whoever is in another process's hands is not waited for.
_DUE = """
SELECT id FROM illness_case WHERE check_in_due <= $1 ORDER BY check_in_due, id LIMIT $2 FOR UPDATE SKIP LOCKED
"""
# Who has come home from a hospital, was found again, or was confirmed before check-ins were awaited.
_UNTIMED = """
SELECT id FROM illness_case WHERE check_in_due IS NULL AND state IN ('CONFIRMED', 'HOME_ISOLATION', 'RELEASE_DUE')
  AND id > $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_NEWEST_REPORTS = """
SELECT DISTINCT ON (case_id) case_id, id FROM declaration WHERE case_id = ANY($1::uuid[])
ORDER BY case_id, submitted_at DESC, id DESC
"""


async def miss_check_ins(runtime: Runtime) -> int:
    """Marks every check-in that is missed by now and begins to wait for those that nobody waited for.

    Returns how many cases it has changed.
    """
    changed = 0
    while found := await _miss(runtime):
        changed += found
        if found < _BATCH:
            break
    # By their ids, for one whose disease has no protocol today stays as it is, and is not to be looked at for ever.
    after = UUID(int=0)
    while begun := await _begin(runtime, after):
        changed += len(begun)
        after = begun[-1].id
    return changed


async def _begin(runtime: Runtime, after: UUID) -> list[Case]:
    now = runtime.clock.now()
    async with service_transaction() as connection:
        _, rows = await connection.execute_query(_UNTIMED, [after, _BATCH])
        cases = await _cases(connection, [row["id"] for row in rows])
        for case in cases:
            expect_check_in(runtime, case, now)
            # No new version: what somebody has on their screen is not overwritten by it.
            await case.save(using_db=connection, update_fields=["check_in_due"])
    return cases


async def _miss(runtime: Runtime) -> int:
    now = runtime.clock.now()
    calls, written = Calls(), False
    async with service_transaction() as connection:
        _, rows = await connection.execute_query(_DUE, [now, _BATCH])
        cases = await _cases(connection, [row["id"] for row in rows])
        silent: list[Case] = []
        for case in cases:
            protocol = runtime.protocols.judging(case.disease, runtime.clock.day(now))
            if protocol is None or case.state not in AWAITED or case.check_in_due is None:
                case.check_in_due = None
                await case.save(using_db=connection, update_fields=["check_in_due"])
                continue
            missed, case.check_in_due = protocol.isolation.missed(case.check_in_due, now)
            case.checks_missed = min(_MOST, case.checks_missed + missed)
            advance(case, "MISS_CHECK_IN", now)
            await save_case(connection, case, "checks_missed")
            await note(
                connection, runtime.sealer, SYSTEM, case, CaseEventKind.CHECK_IN_MISSED, now, detail={"missed": missed}
            )
            at_risk = case.high_risk or case.severe
            if at_risk and case.checks_missed >= protocol.isolation.missed_check_ins:
                silent.append(case)
        called = await _called_already(connection, silent)
        silent = [case for case in silent if case.id not in called]
        reports = await _newest_reports(connection, silent)
        for case in silent:
            protocol = runtime.protocols.judging(case.disease, runtime.clock.day(now))
            if protocol is not None:
                calls.raised.append(await raise_missed(connection, case, protocol, reports[case.id], now))
        if calls:
            # Of what the program does by itself nobody has acted.
            await add_counts(connection, calls.counted(runtime.clock.day(now), None))
            written = await announce(runtime, connection, calls, now)
    if calls:
        runtime.hub.wake()
    if written:
        runtime.wake_relay()
    return len(cases)


async def _cases(connection: AsyncpgDBClient, ids: Collection[UUID]) -> list[Case]:
    return await Case.filter(id__in=list(ids)).order_by("id").using_db(connection) if ids else []


async def _called_already(connection: AsyncpgDBClient, cases: Collection[Case]) -> set[UUID]:
    """Whose station has an alert of the same kind that it has not brought to its end: one is enough."""
    if not cases:
        return set()
    unresolved = Alert.filter(case_id__in=[one.id for one in cases], kind=AlertKind.MISSED_CHECK_IN)
    found = await unresolved.exclude(state=AlertState.RESOLVED).using_db(connection)
    return {alert.case_id for alert in found}


async def _newest_reports(connection: AsyncpgDBClient, cases: Collection[Case]) -> dict[UUID, UUID]:
    if not cases:
        return {}
    _, rows = await connection.execute_query(_NEWEST_REPORTS, [[one.id for one in cases]])
    return {row["case_id"]: row["id"] for row in rows}
