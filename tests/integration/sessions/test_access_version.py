"""What is written after somebody has lost an area, a role or the session is never given to them."""

import asyncio
import random
from collections.abc import AsyncGenerator

import pytest

from access.actor import ANONYMOUS, Actor
from access.authenticate import Unauthenticated
from alerts import log
from alerts.listener import OutOfSight
from models.account import Account
from models.alert import Alert
from models.area import Area
from models.database import service_connection, service_transaction
from models.locks import ALERT_LOG_LOCK
from models.state import Restriction, Role
from services.cursor import alert_cursor
from services.declare import declare
from services.end_sessions import bump_access, end_sessions
from services.move_area import move_area
from services.number_areas import number_areas
from services.open_session import open_session
from services.problem import NotFound
from services.runtime import Runtime
from services.sign_out import sign_out
from services.watch_alerts import AlertEventView, watch_alerts
from services.watch_summary import watch_summary
from tests.integration.made import TIRED, account, area, household, person, wards

CITY = "vn-79-2022-79"


async def signed_in(runtime: Runtime, role: Role, place: Area) -> Actor:
    """An actor with a session that stands."""
    made = await account(runtime, role, place)
    return (await open_session(runtime, service_connection(), account_id=made.account_id)).actor


async def severe(runtime: Runtime, ward: Area) -> None:
    """One alert in a ward."""
    await declare(runtime, ANONYMOUS, household(person(TIRED), ward=ward))


async def move_account(runtime: Runtime, actor: Actor, ward: Area, role: Role | None = None) -> None:
    """Gives an account another area, as whoever changes accounts does."""
    async with service_transaction() as connection:
        changes = {"area_id": ward.id, "station_id": None} | ({"role": role} if role else {})
        await Account.filter(id=actor.account_id).using_db(connection).update(**changes)
        await bump_access(connection)


async def now(runtime: Runtime) -> str:
    return alert_cursor(await log.position(service_connection()))


class Watching:
    """A subscription that somebody reads all the time."""

    def __init__(self, events: AsyncGenerator[AlertEventView, None]) -> None:
        self.seen: list[AlertEventView] = []
        self._events = events
        self._came = asyncio.Event()
        self._task = asyncio.create_task(self._take())

    async def _take(self) -> None:
        try:
            async for event in self._events:
                self.seen.append(event)
                self._came.set()
        finally:
            self._came.set()

    async def until(self, how_many: int) -> None:
        """Returns when so many events have come."""
        async with asyncio.timeout(10):
            while len(self.seen) < how_many and not self._task.done():
                self._came.clear()
                await self._came.wait()

    async def end(self) -> BaseException | None:
        """What it ended with."""
        await asyncio.wait({self._task}, timeout=10)
        return self._task.exception() if self._task.done() else None

    async def close(self) -> None:
        """Stops reading."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._events.aclose()


async def caught_up(runtime: Runtime) -> None:
    async with asyncio.timeout(10):
        await runtime.hub.caught_up(await log.position(service_connection()))


async def test_an_account_that_was_moved_hears_nothing_more_of_its_old_area(runtime: Runtime) -> None:
    here, there = await wards(2)
    nurse = await signed_in(runtime, Role.STATION_STAFF, here)
    watching = Watching(watch_alerts(runtime, nurse, after=await now(runtime)))
    await severe(runtime, here)
    await watching.until(1)
    await move_account(runtime, nurse, there)
    # At once, and without waking anybody: the event itself brings the news.
    await severe(runtime, here)
    await severe(runtime, there)
    await watching.until(2)
    await watching.close()
    assert [event.alert.area_id for event in watching.seen] == [here.id, there.id]
    assert watching.seen[1].seen_by.area_id == there.id


async def test_whatever_the_order_nothing_that_was_written_after_a_move_is_heard(runtime: Runtime) -> None:
    places = await wards(12)
    chance = random.Random(7)
    nurse = await signed_in(runtime, Role.STATION_STAFF, places[0])
    all_watching = [Watching(watch_alerts(runtime, nurse, after=await now(runtime))) for _ in range(3)]
    # The number after which the account was at each place; it never goes back to one.
    since = [0]

    async def declaring() -> None:
        while len(since) < len(places):
            # Where the account is, or was just now.
            await severe(runtime, places[chance.randrange(max(0, len(since) - 2), len(since))])

    async def moving() -> None:
        for place in places[1:]:
            await asyncio.sleep(chance.random() / 10)  # A random order is what this is about.
            async with service_transaction() as connection:
                await Account.filter(id=nurse.account_id).using_db(connection).update(area_id=place.id)
                await bump_access(connection)
                # Under the log's lock: what gets its number after this one is written after the move.
                await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [ALERT_LOG_LOCK])
                since.append(await log.position(connection))

    await asyncio.gather(declaring(), declaring(), declaring(), moving())
    await caught_up(runtime)
    for watching in all_watching:
        await watching.close()
    order = [place.id for place in places]
    heard = [event for watching in all_watching for event in watching.seen]
    assert len({event.alert.area_id for event in heard}) > 3
    for event in heard:
        place = order.index(event.alert.area_id)
        assert place == len(order) - 1 or event.logged.seq <= since[place + 1]


async def test_who_has_signed_out_hears_nothing_that_was_written_later(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    nurse = await signed_in(runtime, Role.STATION_STAFF, ward)
    watching = Watching(watch_alerts(runtime, nurse, after=await now(runtime)))
    await severe(runtime, ward)
    await watching.until(1)
    await sign_out(runtime, nurse)
    await severe(runtime, ward)
    assert isinstance(await watching.end(), Unauthenticated)
    assert len(watching.seen) == 1


async def test_signing_out_ends_a_subscription_at_once_also_without_an_event(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    nurse = await signed_in(runtime, Role.STATION_STAFF, ward)
    watching = Watching(watch_alerts(runtime, nurse, after=await now(runtime)))
    await severe(runtime, ward)
    await watching.until(1)
    started = asyncio.get_running_loop().time()
    await sign_out(runtime, nurse)
    assert isinstance(await watching.end(), Unauthenticated)
    assert asyncio.get_running_loop().time() - started < 1


async def test_signing_out_ends_the_figures_too(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    nurse = await signed_in(runtime, Role.STATION_STAFF, ward)
    ticks = watch_summary(runtime, nurse)
    assert (await anext(ticks)).account_id == nurse.account_id
    await sign_out(runtime, nurse)
    async with asyncio.timeout(3):
        with pytest.raises(Unauthenticated):
            await anext(ticks)


async def test_a_role_that_sees_no_alerts_ends_the_subscription(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    nurse = await signed_in(runtime, Role.STATION_STAFF, ward)
    watching = Watching(watch_alerts(runtime, nurse, after=await now(runtime)))
    await severe(runtime, ward)
    await watching.until(1)
    await move_account(runtime, nurse, ward, Role.ADMINISTRATOR)
    await severe(runtime, ward)
    assert isinstance(await watching.end(), OutOfSight)
    assert len(watching.seen) == 1


@pytest.mark.parametrize("restriction", Restriction)
async def test_a_session_that_has_something_to_do_first_watches_nothing(
    runtime: Runtime, restriction: Restriction
) -> None:
    (ward, *_) = await wards(1)
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    opened = await open_session(runtime, service_connection(), account_id=nurse.account_id, restriction=restriction)
    for events in (watch_alerts(runtime, opened.actor), watch_summary(runtime, opened.actor)):
        with pytest.raises(NotFound):
            await anext(events)


async def test_who_joins_with_an_actor_of_before_gets_what_they_may_see_now(runtime: Runtime) -> None:
    here, there = await wards(2)
    nurse = await signed_in(runtime, Role.STATION_STAFF, here)
    start = await now(runtime)
    await move_account(runtime, nurse, there)
    await severe(runtime, here)
    await severe(runtime, there)
    await caught_up(runtime)
    watching = Watching(watch_alerts(runtime, nurse, after=start))
    await watching.until(1)
    await watching.close()
    assert [event.alert.area_id for event in watching.seen] == [there.id]


async def test_nothing_is_lost_and_nothing_is_strange_where_areas_are_numbered_anew(runtime: Runtime) -> None:
    here, there = await wards(2)
    centre = await signed_in(runtime, Role.DEPARTMENT, await area(CITY))
    one_ward = Watching(watch_alerts(runtime, centre, here.id, after=await now(runtime)))
    nurse = await signed_in(runtime, Role.STATION_STAFF, here)
    own = Watching(watch_alerts(runtime, nurse, after=await now(runtime)))
    await severe(runtime, here)
    # Both stand before anything moves: one that begins meanwhile may find that its area is elsewhere, and end.
    await one_ward.until(1)
    await own.until(1)
    for _ in range(3):
        await severe(runtime, here)
        await severe(runtime, there)
        await move_area(runtime, ANONYMOUS, here.id, (await area(there.id)).parent_id)
        await severe(runtime, here)
        await severe(runtime, there)
        await number_areas(runtime, ANONYMOUS)
        await move_area(runtime, ANONYMOUS, here.id, here.parent_id)
    stored = await Alert.filter(area_id=here.id).using_db(service_connection()).count()
    await one_ward.until(stored)
    await own.until(stored)
    await number_areas(runtime, ANONYMOUS)
    for watching in (one_ward, own):
        await watching.close()
        assert [event.alert.area_id for event in watching.seen] == [here.id] * stored == [here.id] * 7


async def test_a_sub_area_that_has_left_the_jurisdiction_ends_the_subscription(runtime: Runtime) -> None:
    here, there = await wards(2)
    centre = await signed_in(runtime, Role.MEDICAL_CENTRE, await area(here.parent_id))
    watching = Watching(watch_alerts(runtime, centre, here.id, after=await now(runtime)))
    await severe(runtime, here)
    await watching.until(1)
    await move_area(runtime, ANONYMOUS, here.id, there.parent_id)
    try:
        await severe(runtime, here)
        assert isinstance(await watching.end(), OutOfSight)
        assert len(watching.seen) == 1
    finally:
        await move_area(runtime, ANONYMOUS, here.id, here.parent_id)


async def test_ending_sessions_is_told_to_every_process_and_ending_none_is_not(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    nurse = await signed_in(runtime, Role.STATION_STAFF, ward)

    async def ended() -> tuple[int, int]:
        async with service_transaction() as connection:
            count = await end_sessions(connection, account_id=nurse.account_id, reason="disabled")
            _, rows = await connection.execute_query("SELECT access_version FROM installation")
            return count, rows[0]["access_version"]

    _, rows = await service_connection().execute_query("SELECT access_version FROM installation")
    before = rows[0]["access_version"]
    assert await ended() == (1, before + 1)
    assert await ended() == (0, before + 1)
