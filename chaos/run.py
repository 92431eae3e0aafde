"""The run: everybody at work, faults by their schedule, and the account when all has come to rest."""

import asyncio
import contextlib
import subprocess
import sys
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

import orjson

from chaos.accounts import Accounts, Owner, events, newest_message, read_accounts, waiting
from chaos.book import Book
from chaos.fault import draw_schedule, hanging
from chaos.installation import Installation
from chaos.ledger import Finding, Ledger
from chaos.memory import Memory
from chaos.part import ROOT
from chaos.plan import Plan
from chaos.population import people
from chaos.residents import Residents
from chaos.rosters import keep_rosters
from chaos.staff import Staff
from chaos.striker import Striker, Struck
from chaos.subscribers import LONG, PLAIN, Subscriber
from simulation.audience import Seat, seats
from simulation.client import Client
from simulation.journal import Entry
from simulation.operations import POSITION
from simulation.sessions import Sessions
from simulation.staff import ADMINISTRATOR, DEPARTMENT, sign_in, username
from simulation.tree import Tree, read_tree
from simulation.waiting import until

_LOOK = 0.2


@dataclass(slots=True)
class Outcome:
    """What a run has shown."""

    plan: Plan
    book: Book
    accounts: Accounts
    log: list[Entry]
    struck: list[Struck]
    findings: list[Finding]
    peaks: dict[str, float]
    growth: float
    course: list[int]
    let_go: int
    subscribers: int
    settled: float
    """Seconds from the last fault until everything had reached everybody."""


@dataclass(slots=True)
class Progress:
    """How a run stands, for a person to watch; `tell` is given a line for each fault."""

    tell: Callable[[str], None]
    phase: str = "starting everything"
    book: Book | None = None
    begun: float = 0.0


class Run:
    """One run on an installation."""

    def __init__(self, plan: Plan, installation: Installation, progress: Progress) -> None:
        self._plan = plan
        self._at = installation
        self._progress = progress
        self._book = Book()
        self._subscribers: list[Subscriber] = []
        self._silent: list[Subscriber] = []

    async def run(self) -> Outcome:
        """Everything, to the account. Raises Refused or Unreachable (bare or in a group) where it cannot begin."""
        self._progress.phase = "signing in"
        endpoint = self._at.endpoints[0]
        client = Client(endpoint)
        administrator = await sign_in(endpoint, [ADMINISTRATOR], self._at.password)
        tree = await read_tree(client, administrator[ADMINISTRATOR])
        wards = tree.wards[:: max(1, len(tree.wards) // max(1, self._plan.subscribers))]
        residents = Residents(
            self._at.endpoints,
            self._book,
            people(self._plan.seed, wards, self._plan.severe),
            self._plan.residents,
            self._plan.seed,
            self._plan.drain,
        )
        staff = Staff(self._at.endpoints, self._book, self._plan.seed)
        listeners = _listeners(tree, {ward.id for ward in wards}, self._plan.subscribers)
        tokens = await sign_in(endpoint, [*(seat.account for seat in listeners), DEPARTMENT], self._at.password)
        self._city = tokens[username("committee", tree.city.code)]
        listening = {seat.ward for seat in listeners if seat.ward is not None}
        await keep_rosters(client, tokens[DEPARTMENT], tree.city.id, listening)
        begin = (await client.call(POSITION, token=self._city))["alerts"]["cursor"]
        client.close()
        self._seat(listeners, tree, tokens, begin, staff)
        async with AsyncExitStack() as stack:
            for subscriber in (*self._subscribers, *self._silent):
                _beside(stack, subscriber.run())
            await until(lambda: self._open() == self._all, self._open, patience=30.0)
            return await self._play(residents, staff, begin, stack)

    async def _play(self, residents: Residents, staff: Staff, begin: str, stack: AsyncExitStack) -> Outcome:
        memory = Memory(self._at.servers)
        _beside(stack, memory.watch())
        _beside(stack, self._watch_gateway())
        _beside(stack, staff.run())
        striker = Striker(self._at, [*self._subscribers[:40], *self._silent], self._silent, self._progress.tell)
        self._progress.phase, self._progress.book = "under fault", self._book
        self._progress.begun = time.monotonic()
        schedule = draw_schedule(self._plan.seed, self._plan.seconds, self._plan.possible(), self._plan.spacing)
        if self._plan.hang:
            schedule.insert(0, hanging(self._plan.seconds))
        declaring = asyncio.create_task(residents.run())
        striking = asyncio.create_task(striker.run(schedule))
        try:
            await asyncio.wait({declaring, striking}, timeout=self._plan.seconds, return_when=asyncio.FIRST_EXCEPTION)
            await striking
            over = time.monotonic()
            self._progress.phase = "waiting for those who have begun"
            residents.stop()
            await declaring
            staff.stop()
            if not await staff.done(self._plan.drain):
                self._book.wrong.append("the stations were not answered in time")
        finally:
            for task in (declaring, striking):
                task.cancel()
            await asyncio.gather(declaring, striking, return_exceptions=True)
        return await self._account(striker, memory, begin, over)

    async def _account(self, striker: Striker, memory: Memory, begin: str, over: float) -> Outcome:
        self._progress.phase = "waiting for messages and alerts"
        owner = await self._at.database.connect()
        try:
            newest = await self._all_sent(owner)
            if self._at.worker is not None:
                # What escalates by itself must not move what is being counted.
                await self._at.worker.stop()
            log = await self._all_heard(owner, begin)
            settled = time.monotonic() - over
            self._progress.phase = "adding up"
            trail = await asyncio.to_thread(_trail, self._at.environment) if self._plan.plant is None else None
            accounts = await read_accounts(owner, self._at.gateway_log, newest)
        finally:
            await owner.close()
        everybody = [*self._subscribers, *self._silent]
        spared = memory.growth(self._at.servers[0].name)
        ledger = Ledger(
            book=self._book,
            accounts=accounts,
            log=log,
            journals=[subscriber.journal for subscriber in everybody],
            peaks=memory.peaks(),
            growth=spared,
            memory=self._plan.memory,
            trail=trail,
        )
        return Outcome(
            plan=self._plan,
            book=self._book,
            accounts=accounts,
            log=log,
            struck=striker.done,
            findings=ledger.findings(),
            peaks=memory.peaks(),
            growth=spared,
            course=memory.course(self._at.servers[0].name),
            let_go=sum(subscriber.let_go for subscriber in everybody),
            subscribers=len(everybody),
            settled=settled,
        )

    def _seat(self, listeners: Sequence[Seat], tree: Tree, tokens: Sessions, begin: str, staff: Staff) -> None:
        endpoints = self._at.endpoints
        for number, seat in enumerate(listeners):
            token = tokens[seat.account]
            hear = _hearing(staff, token) if seat.ward is not None else None
            self._subscribers.append(Subscriber(number, seat, endpoints, token, begin, self._book, PLAIN, hear))
        # The department sees who the people are, and everybody of them: much for a screen that hangs.
        everywhere = Seat(DEPARTMENT, tree.city.wards)
        for number in range(self._plan.silent):
            self._silent.append(
                Subscriber(1_000 + number, everywhere, endpoints, tokens[DEPARTMENT], begin, self._book, LONG)
            )

    @property
    def _all(self) -> int:
        return len(self._subscribers) + len(self._silent)

    def _open(self) -> int:
        return sum(subscriber.open.is_set() for subscriber in (*self._subscribers, *self._silent))

    async def _watch_gateway(self) -> None:
        taken = 0
        while True:
            with contextlib.suppress(Exception):  # It is asked again in a moment.
                if (now := await self._at.taken()) > taken:
                    taken = now
                    self._book.taken_at.append((time.monotonic(), now))
            await asyncio.sleep(_LOOK)

    async def _all_sent(self, owner: Owner) -> datetime:
        newest = await newest_message(owner)
        deadline = time.monotonic() + self._plan.drain
        while await waiting(owner, newest) and time.monotonic() < deadline:  # noqa: ASYNC110 - a table sets no event
            await asyncio.sleep(_LOOK)
        return newest

    async def _all_heard(self, owner: Owner, begin: str) -> list[Entry]:
        """The log from the begin, when every subscriber has what it holds for them, or nothing has come for long."""
        patience = 20.0 if self._plan.plant is None else 6.0
        heard = self._book.heard_at
        reader = Subscriber(0, self._subscribers[0].seat, self._at.endpoints, self._city, begin, Book())
        reading = asyncio.create_task(reader.run())
        log = reader.journal.entries
        wanted = await events(owner)
        try:
            await until(lambda: len(log) >= wanted, lambda: len(log), patience=patience)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        of_ward = Counter(entry.ward for entry in log)
        journals = [subscriber.journal for subscriber in (*self._subscribers, *self._silent)]
        due = [(journal, sum(of_ward[ward] for ward in journal.wards)) for journal in journals]
        await until(lambda: all(len(one.entries) >= n for one, n in due), lambda: len(heard), patience=patience)
        return log


def _listeners(tree: Tree, wards: set[str], count: int) -> list[Seat]:
    """The city's committee, committees and medical centres of the districts, and stations of wards with people."""
    told = seats(tree, None, lambda ward: ward.id in wards)
    city = told[0]
    districts = [Seat(username("committee", place.code), place.wards) for place in tree.districts]
    centres = [Seat(username("centre", place.code), place.wards) for place in tree.districts]
    stations = [seat for seat in told if seat.ward in wards]
    upper = [city, *districts, *centres][: max(1, count // 3)]
    return [*upper, *stations[: max(0, count - len(upper))]]


def _hearing(staff: Staff, token: str) -> Callable[[str, str], None]:
    return lambda alert, case: staff.hear(token, alert, case)


def _beside(stack: AsyncExitStack, work: Coroutine[object, object, None]) -> None:
    """Runs it until the stack ends it."""
    task = asyncio.create_task(work)

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)


def _trail(environment: dict[str, str]) -> str | None:
    """What `khaibao audit verify` finds wrong, after everything was sealed."""
    for command in ("seal", "verify"):
        done = subprocess.run(
            [sys.executable, "-m", "cli", "audit", command, "--json"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            return (done.stdout or done.stderr)[-500:]
    checked = orjson.loads(done.stdout)
    return None if checked["wrong"] is None and checked["checked"] else f"nothing was checked: {checked}"


def recovery(struck: Struck, book: Book) -> float | None:
    """Seconds from a fault's end until the part that it hit did its work again for somebody; None where it never did.

    A declaration was accepted by way of the server; or an event came to the subscriber, or to any where the broker was
    away; or the gateway took a message.
    """
    if struck.subscriber is not None:
        moments = struck.subscriber.heard_at
    elif struck.part in ("gateway", "worker"):
        moments = [moment for moment, _ in book.taken_at]
    elif struck.part == "Redis":
        moments = [moment for moment, _ in book.heard_at]
    else:
        moments = [moment for moment, server in book.accepted_at if struck.server in (None, server)]
    place = bisect_right(moments, struck.back)
    return moments[place] - struck.over if place < len(moments) else None
