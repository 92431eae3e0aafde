"""After any story of check-ins, misses, calls and answers the counters are what a recount says, and the rules hold."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable
from datetime import timedelta

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.exceptions import DBConnectionError

from access.actor import Actor
from models.alert import Alert, AlertEvent
from models.area_count import ALL_DAYS, AreaCount
from models.case import Case
from models.check_in import CheckIn
from models.database import DatabaseUrls, service_connection
from models.locks import ALERT_LOG_LOCK
from models.migrate import plain
from models.state import OPEN_ALERT_STATES, AlertChange, AlertKind, AlertState, Outcome
from services.acknowledge import acknowledge
from services.check_in import check_in
from services.escalate import escalate_due
from services.miss_check_ins import miss_check_ins
from services.problem import Conflict
from services.recount import recount
from services.resolve import resolve
from services.runtime import Runtime
from tests.integration.check_ins.checking import alerts_of, at_home, case_of, later, reports, signs
from tests.integration.conftest import MOMENT
from tests.integration.made import BREATHLESS, HEALTHY, OLD_AND_ILL, TIRED

REPORTS = {"well": HEALTHY, "tired": TIRED, "breathless": BREATHLESS, "old": OLD_AND_ILL}
SYMPTOMS = ("cough", "fatigue", "dyspnoea", "chest_pain")
STEPS = st.one_of(
    st.tuples(
        st.just("check in"),
        st.lists(st.sampled_from(SYMPTOMS), unique=True, max_size=3),
        st.none() | st.integers(84, 99),
        st.booleans(),
    ),
    st.tuples(st.just("later"), st.sampled_from([0.1, 0.6, 5, 13, 30])),
    st.tuples(st.just("acknowledge"), st.integers(0, 5)),
    st.tuples(st.just("resolve"), st.integers(0, 5), st.sampled_from(Outcome)),
)


TAKEN_AND_LEFT: list[tuple[object, ...]] = [
    ("later", 30),
    ("later", 30),
    ("acknowledge", 0),
    ("acknowledge", 1),
    ("check in", [], None, False),
    ("later", 0.6),
    ("later", 5),
]
"""Chance draws it seldom."""


class Story:
    """One person at home, with a nurse, and time that goes by."""

    def __init__(self, runtime: Runtime, case: Case, nurse: Actor, own: Actor) -> None:
        self.runtime, self.case, self.nurse, self.own = runtime, case, nurse, own

    async def step(self, name: str, *how: object) -> None:
        """One thing that happens; what is refused is refused."""
        match name, *how:
            case "check in", list(symptoms), oxygen, bool(by_staff):
                vitals: dict[str, float | bool] = {"spo2": oxygen} if isinstance(oxygen, int) else {}
                report = signs(*symptoms, key=None, **vitals)
                await check_in(self.runtime, self.nurse if by_staff else self.own, report, case_id=self.case.id)
            case "later", float() | int() as hours:
                later(self.runtime, hours)
                await miss_check_ins(self.runtime)
                await escalate_due(self.runtime)
            case "acknowledge", int(number):
                if alert := await self.alert(number):
                    await self.refusable(acknowledge(self.runtime, self.nurse, alert.id))
            case "resolve", int(number), Outcome() as outcome:
                if alert := await self.alert(number):
                    await self.refusable(resolve(self.runtime, self.nurse, alert.id, outcome))

    async def alert(self, number: int) -> Alert | None:
        """One of the case's alerts."""
        alerts = await alerts_of(self.case)
        return alerts[number % len(alerts)] if alerts else None

    async def refusable(self, act: Awaitable[object]) -> None:
        """Does it; a conflict is an answer."""
        with contextlib.suppress(Conflict):
            await act


async def holds(case: Case) -> None:
    """What has to be so after whatever has happened."""
    service = service_connection()
    assert (await recount()).differences == {}
    alerts = await alerts_of(case)
    counted = await AreaCount.filter(area_no=case.area_no, day=ALL_DAYS).using_db(service).first()
    assert counted is not None
    events = await AlertEvent.all().order_by("seq").using_db(service)
    assert counted.acknowledged == sum(event.change == AlertChange.ACKNOWLEDGED for event in events)
    for alert in alerts:
        mine = [event for event in events if event.alert_id == alert.id]
        assert mine[0].change == AlertChange.RAISED
        # The log and the row say the same: nothing has happened to an alert that nobody was told of.
        assert mine[-1].state == alert.state
    unresolved = [one for one in alerts if one.state != AlertState.RESOLVED]
    for kind in AlertKind:
        assert sum(one.kind == kind for one in unresolved) <= 1
    now = await case_of(case.id)
    worst = await CheckIn.filter(case_id=case.id).using_db(service)
    assert now.rank <= min((one.rank for one in worst), default=now.rank)
    assert now.check_in_due is not None
    again = {event.alert_id for event in events if event.change == AlertChange.RAISED_AGAIN}
    for alert in alerts:
        if alert.kind == AlertKind.MISSED_CHECK_IN and alert.state in OPEN_ALERT_STATES:
            # What somebody had taken is theirs to end, also where the person has been heard of; else it comes again.
            assert now.checks_missed > 0 or alert.id in again
    newest = max(worst, key=lambda one: (one.at, one.id), default=None)
    if newest and newest.rank == 0:
        # Whoever reports a red sign is known to the station: it is being called, or it has been.
        assert any(one.kind == AlertKind.SEVERE and one.rank == 0 for one in alerts)


@pytest.mark.parametrize("who", REPORTS)
async def test_after_any_story_the_counters_are_what_a_recount_says(runtime: Runtime, who: str) -> None:
    number = iter(range(10**6))
    stories: list[list[tuple[object, ...]]] = []

    @settings(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(STEPS, min_size=4, max_size=12))
    def draw(steps: list[tuple[object, ...]]) -> None:
        stories.append(steps)

    draw()
    for steps in [*stories, TAKEN_AND_LEFT]:
        runtime.clock.follow(MOMENT, timedelta())
        case, nurse, own = await at_home(runtime, REPORTS[who], phone=f"0912{next(number):06d}")
        story = Story(runtime, case, nurse, own)
        for name, *how in steps:
            await story.step(str(name), *how)
        await holds(case)


async def test_while_staff_answer_and_residents_report_at_once_nobody_waits_in_a_ring(runtime: Runtime) -> None:
    case, nurse, own = await at_home(runtime, BREATHLESS)
    chance = random.Random(5)

    async def report() -> None:
        for _ in range(15):
            await reports(runtime, own, case, "dyspnoea", spo2=chance.randint(70, 99))

    async def answer() -> None:
        for _ in range(15):
            for alert in await alerts_of(case):
                for act in (
                    acknowledge(runtime, nurse, alert.id),
                    resolve(runtime, nurse, alert.id, Outcome.ADVISED),
                ):
                    with contextlib.suppress(Conflict):
                        await act

    await asyncio.gather(report(), report(), answer(), answer())
    assert await CheckIn.filter(case_id=case.id).using_db(service_connection()).count() == 30
    assert (await recount()).differences == {}


WAITING = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid::bigint = $1::bigint & 4294967295
"""


async def test_one_whose_process_dies_in_the_midst_is_not_taken_and_then_taken_once(
    runtime: Runtime, urls: DatabaseUrls
) -> None:
    case, _, own = await at_home(runtime, TIRED)
    report = signs("dyspnoea", key="once")
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        # All but the log is written then, and nothing is committed.
        await owner.execute("SELECT pg_advisory_lock($1)", ALERT_LOG_LOCK)
        taking = asyncio.create_task(check_in(runtime, own, report, case_id=case.id))
        while not (pids := await owner.fetch(WAITING, ALERT_LOG_LOCK)):
            assert not taking.done()
        for row in pids:
            # A login may end its own connections; the others are none of its business.
            await service_connection().execute_query("SELECT pg_terminate_backend($1)", [row["pid"]])
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError, DBConnectionError)):
            await taking
    finally:
        await owner.close()
    assert await CheckIn.all().using_db(service_connection()).count() == 0
    assert (await case_of(case.id)).version == case.version
    assert (await recount()).differences == {}
    first = await check_in(runtime, own, report, case_id=case.id)
    again = await check_in(runtime, own, report, case_id=case.id)
    assert first.row.id == again.row.id
    (alert,) = await alerts_of(case)
    assert alert.check_in_id == first.row.id
    assert (await recount()).differences == {}
