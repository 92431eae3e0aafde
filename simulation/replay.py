"""The replay: signs everybody in, lets them listen, declares the eleven days, and adds up what came out."""

import asyncio
import gc
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulation.adding_up import add_up
from simulation.answering import Answering
from simulation.audience import Audience, Seat, figure_watchers, seats
from simulation.calendar_of_march import DAYS, FIRST_MOMENT
from simulation.client import Client, Unreachable
from simulation.course import Course
from simulation.feed import CLIENTS, Feed
from simulation.findings import Findings, read_findings, read_log
from simulation.journal import Entry
from simulation.keep_alive import Endpoint
from simulation.live import LiveOperation
from simulation.moved_clock import MovedClock
from simulation.operations import POSITION
from simulation.outcome import Outcome
from simulation.population import draw_households
from simulation.quota import DECLARED, quota
from simulation.recount import Tally, recount
from simulation.sessions import Sessions
from simulation.staff import ADMINISTRATOR, sign_in, username
from simulation.taking import Taking
from simulation.tree import read_tree
from simulation.waiting import until

CUTS = 10
FIRST_DAY = FIRST_MOMENT.date()
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)
_LAST_MOMENT = FIRST_MOMENT + timedelta(days=DAYS) - timedelta(minutes=5)
_PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to replay and where. `rate` is people a second at most; `subscribers` how many sockets listen to alerts."""

    url: str
    password: str
    declarations: int = DECLARED
    seed: int = 2022
    rate: float | None = None
    subscribers: int | None = None
    clients: int = CLIENTS


async def replay(plan: Plan, course: Course) -> Outcome:
    """Runs a plan against a server in demo mode, writing down in `course` how it stands.

    Raises Refused or Unreachable (bare or in a group) where the server will not or cannot, and UnfitTree.
    """
    client = Client(Endpoint.of(plan.url))
    try:
        return await _Replay(plan, course, client).run()
    finally:
        client.close()


class _Replay:
    """One run; the parts of it that several phases need."""

    def __init__(self, plan: Plan, course: Course, client: Client) -> None:
        self.plan = plan
        self.course = course
        self.client = client
        self.endpoint = Endpoint.of(plan.url)
        self.answering = Answering(plan.seed, _LAST_MOMENT)

    async def run(self) -> Outcome:
        administrator = await self._sign_in([ADMINISTRATOR])
        self.clock = MovedClock(self.client, lambda: administrator[ADMINISTRATOR])
        # First of all: the tree that is valid is one of a moment of the installation's clock.
        await self._move(FIRST_MOMENT)
        self.tree = await read_tree(self.client, administrator[ADMINISTRATOR])
        self.course.phase = "drawing the people"
        self.households = draw_households(self.plan.seed, quota(self.plan.declarations), self.tree.wards)
        self.expected = recount(self.households)
        listeners = seats(self.tree, self.plan.subscribers, lambda ward: self._expected_of(ward.id).alerts)
        watchers = figure_watchers(self.tree)
        self.course.phase = "signing in"
        self.tokens = await self._sign_in([*(seat.account for seat in listeners), *watchers])
        self.city = username("committee", self.tree.city.code)
        before = await self._look()
        begin = await self._position()
        keeping = [asyncio.create_task(sessions.keep()) for sessions in (administrator, self.tokens)]
        try:
            return await self._live(listeners, watchers, before, begin)
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)

    async def _live(self, listeners: list[Seat], watchers: list[str], before: Findings, begin: str) -> Outcome:
        audience = Audience(self.endpoint, self.tokens, self.course, self.answering, self.clock)
        self.course.open_sockets = audience.still_open
        self.tokens.tell = audience.renew
        codes = {ward.id: ward.code for ward in self.tree.wards}
        taking = Taking(self.endpoint, self.course, lambda ward: self.tokens[username("station", codes[ward])])
        self.course.phase = "opening the sockets"
        await audience.prepare(listeners, watchers, self.client)
        listening = asyncio.create_task(audience.run())
        answering = asyncio.create_task(taking.run())
        playing = asyncio.create_task(self._play(audience, taking, before, begin))
        try:
            # Listening and answering end only by failing; that ends the run with its reason.
            await asyncio.wait((playing, listening, answering), return_when=asyncio.FIRST_COMPLETED)
            for failing in (listening, answering):
                if failing.done():
                    await failing
            return await playing
        finally:
            for task in (playing, listening, answering):
                task.cancel()
            await asyncio.gather(playing, listening, answering, return_exceptions=True)

    async def _play(self, audience: Audience, taking: Taking, before: Findings, begin: str) -> Outcome:
        await audience.opened()
        # What lives through the whole run need not be looked through again and again by the collector.
        gc.collect()
        gc.freeze()
        self.course.phase = "declaring"
        self.course.started = time.monotonic()
        await self._declare(audience, taking)
        self.course.phase = "waiting for the last alerts"
        await self._all_raised(audience)
        await self._answer_the_rest(taking)
        end = await self._position()
        seconds = time.monotonic() - self.course.started
        self.course.phase = "adding up"
        log = await read_log(self.endpoint, self.tokens[self.city], begin, end)
        await self._all_heard(audience, log)
        found = (await self._look()).since(before)
        return add_up(
            self.course, self.expected, self.tree, audience, found, log, self.city, seconds=seconds, seed=self.plan.seed
        )

    async def _declare(self, audience: Audience, taking: Taking) -> None:
        cut_at = {len(self.households) * (number + 1) // (CUTS + 1) for number in range(CUTS)}
        subscriber = audience.alert_sockets[0]

        async def turn(moment: datetime) -> None:
            await self._move(moment)
            taking.take(self.answering.due(moment))

        async def passed(number: int) -> None:
            if number in cut_at:
                await self._cut(subscriber)

        feed = Feed(self.endpoint, self.course, turn, passed, self.plan.rate, secrets.token_hex(4), self.plan.clients)
        await feed.declare(self.households)
        await _is_back(subscriber)

    async def _cut(self, subscriber: LiveOperation) -> None:
        """Cuts one subscriber's connection; of two cuts, the second waits until it has come back from the first."""
        await _is_back(subscriber)
        self.course.cuts += 1
        subscriber.cut()

    async def _answer_the_rest(self, taking: Taking) -> None:
        """Turns the clock on through the last evening until every alert that a station wanted to take is taken."""
        await taking.done()
        while due := self.answering.next_due:
            await self._move(due)
            taking.take(self.answering.due(due))
            await taking.done()

    async def _all_raised(self, audience: Audience) -> None:
        wanted = [sum(self._expected_of(ward).alerts for ward in journal.wards) for journal in audience.journals]
        await until(
            lambda: all(len(journal.raised) >= n for journal, n in zip(audience.journals, wanted, strict=True)),
            audience.heard,
        )

    async def _all_heard(self, audience: Audience, log: list[Entry]) -> None:
        """Every socket has as many events as the log has for it, or nothing has come for a while."""
        of_ward: dict[str, int] = {}
        for entry in log:
            of_ward[entry.ward] = of_ward.get(entry.ward, 0) + 1
        wanted = [sum(of_ward.get(ward, 0) for ward in journal.wards) for journal in audience.journals]
        await until(
            lambda: all(len(journal.entries) >= n for journal, n in zip(audience.journals, wanted, strict=True)),
            audience.heard,
        )
        # Figures come at most once a second, so the last ones may still be on their way.
        whole = self.expected.whole.declared
        await until(lambda: audience.figures[self.city].declared == whole, audience.heard, patience=5.0)

    async def _sign_in(self, names: list[str]) -> Sessions:
        return await sign_in(self.endpoint, names, self.plan.password)

    async def _move(self, moment: datetime) -> None:
        await self.clock.move(moment)
        self.course.clock = moment

    async def _position(self) -> str:
        position: str = (await self.client.call(POSITION, token=self.tokens[self.city]))["alerts"]["cursor"]
        return position

    async def _look(self) -> Findings:
        return await read_findings(self.client, self.tokens[self.city], FIRST_DAY, LAST_DAY)

    def _expected_of(self, ward: str) -> Tally:
        return self.expected.areas.get(ward, Tally())


async def _is_back(subscriber: LiveOperation) -> None:
    try:
        await asyncio.wait_for(subscriber.opened.wait(), _PATIENCE)
    except TimeoutError as error:
        raise Unreachable("the subscriber that was cut could not come back") from error
