"""Subscriptions that share an execution beside the same ones alone, on a grove where things happen.

Each is watched three times by one session: twice ready to share, by clients of which one is at times behind, and once
alone. Somebody else of the same post watches the same. All that one session is given has to be the same, byte for byte.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field, replace

import orjson

from access.actor import Actor
from alerts.shared_event import SharedEvent
from graph.context import Context
from graph.request import GraphQLRequest
from models.area import Area
from models.database import service_connection, service_transaction
from services.cursor import alert_cursor
from services.open_session import open_session
from tests.integration.made import account
from tests.integration.scope.drawing import Drawing
from tests.integration.scope.grove import Grove
from tests.integration.scope.happenings import Happenings
from tests.integration.scope.oracle import Oracle
from tests.integration.scope.trial import ENGINE, Case, Leaked, described
from tests.integration.scope.values import Values

POSTS = 8
DOCUMENTS = 4
STEPS = 10


@dataclass(eq=False)
class Watcher:
    """One subscription, and what it was given; `slow` is how often its client is not ready."""

    case: Case
    slow: float | None
    chance: random.Random
    bodies: list[bytes] = field(default_factory=list)
    shared: int = 0

    def now(self, event: SharedEvent) -> bool:
        """Takes an event that was made for many, unless it is behind."""
        if self.slow is None or self.chance.random() < self.slow:
            return False
        self._take(event)
        return True

    async def send(self, event: SharedEvent) -> None:
        """Takes it a little later."""
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)
        self._take(event)

    async def run(self, grove: Grove) -> None:
        """Watches until it ends."""
        case = self.case
        request = GraphQLRequest(case.shape.text, case.variables)
        context = Context(grove.runtime, request, "drawn", ENGINE.remembered, case.actor, "en")
        context.sink = None if self.slow is None else self
        async for answer in ENGINE.stream(context):
            self.bodies.append(orjson.dumps(answer.payload()))

    @property
    def lost(self) -> bool:
        """Whether it was ended because the session was: how far it had come by then is a matter of moments."""
        return bool(self.bodies) and b'"code":"UNAUTHENTICATED"' in self.bodies[-1]

    def _take(self, event: SharedEvent) -> None:
        self.bodies.append(event.body)
        self.shared += 1


@dataclass
class Together:
    """One grove with some posts, each held by two accounts, and some documents that all of them watch."""

    grove: Grove
    chance: random.Random
    seed: str
    heard: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Raises Leaked where one was given anything else than it would have been alone."""
        cases = await self._cases()
        watchers = [[Watcher(case, slow, self.chance) for slow in (None, 0.0, 0.4)] for case in cases]
        everybody = [one for same in watchers for one in same]
        tasks = [asyncio.create_task(one.run(self.grove)) for one in everybody]
        hub = self.grove.runtime.hub
        async with asyncio.timeout(60):
            while True:
                if hub.listeners + sum(task.done() for task in tasks) >= len(tasks):
                    break
                # A listener that joins sets no event.
                await asyncio.sleep(0.01)
        await self._settled(watchers, -1, calm=60)
        happenings = Happenings(self.grove, self.chance, [case.actor for case in cases])
        for step in range(STEPS):
            rows = await self.grove.rows()
            await happenings.step(rows)
            rows = await self.grove.rows()
            await hub.caught_up(rows.events[-1]["seq"] if rows.events else 0)
            await self._settled(watchers, step)
        await hub.stop()
        await asyncio.gather(*tasks)
        await hub.start()
        for same in watchers:
            self._compare(same, STEPS)
            self.heard["alone"] += len(same[0].bodies)
            self.heard["shared"] += sum(one.shared for one in same)
            self.heard["named"] += sum(b'"person":{' in body for body in same[0].bodies)
        if len(ENGINE.groups or ()):
            raise Leaked(f"{len(ENGINE.groups or ())} groups are left without a member")

    async def _settled(self, watchers: list[list[Watcher]], step: int, calm: int = 1) -> None:
        """Waits until all have been given as much as whoever is alone, for some looks; what differs for long is
        compared."""
        before, alike = 0, 0
        for _ in range(2_000):
            # That nothing more comes is nothing that could be waited for.
            await asyncio.sleep(0.005)
            given = sum(len(one.bodies) for same in watchers for one in same)
            equal = all(len(same[0].bodies) == len(one.bodies) for same in watchers for one in same)
            alike = alike + 1 if equal and given == before else 0
            before = given
            if alike >= calm:
                break
        for same in watchers:
            self._compare(same, step)

    def _compare(self, same: list[Watcher], step: int) -> None:
        alone, *others = same
        for one in others:
            if one.bodies == alone.bodies or (alone.lost and one.lost and _begins_alike(alone.bodies, one.bodies)):
                continue
            # On a full machine the database may not answer in time: who is told to come back reads on from there.
            if any(map(_sent_away, (alone.bodies, one.bodies))) and _begins_alike(alone.bodies, one.bodies):
                continue
            pairs = list(zip(alone.bodies, one.bodies, strict=False))
            differ = next((pair for pair in pairs if pair[0] != pair[1]), None)
            raise Leaked(
                f"seed {self.seed}, step {step}: {described(one.case)}\n"
                f"alone {len(alone.bodies)} answers, beside others {len(one.bodies)}\n{differ}\n{one.case.shape.text}"
            )

    async def _cases(self) -> list[Case]:
        """Each document of everybody: two accounts of each post, each with a session."""
        drawing = Drawing(ENGINE._schema._schema, self.chance)
        rows = await self.grove.rows()
        values = Values(self.grove, Oracle(self.grove, rows), self.chance)
        newest = rows.events[-1]["seq"] if rows.events else 0
        shapes = [drawing.shape("subscription", "alerts") for _ in range(DOCUMENTS)]
        staff = [one for one in self.grove.actors if one.kind == "ACCOUNT" and one.restriction is None and one.role]
        cases = []
        for actor in self.chance.sample(staff, min(POSTS, len(staff))):
            sessions = [await self._signed_in(actor), await self._signed_in(await self._twin(actor))]
            for shape in shapes:
                # The same for both, but for where they begin.
                drawn = values.variables(actor, shape)
                for session in sessions:
                    begins = {
                        slot.variable: alert_cursor(self.chance.randint(0, newest))
                        for slot in shape.selected.slots
                        if slot.argument == "after" and drawn.get(slot.variable) is not None
                    }
                    cases.append(Case(session, shape, drawn | begins))
        return cases

    async def _twin(self, actor: Actor) -> Actor:
        """Another account of the same post."""
        place = await Area.get(id=actor.area_id or "", using_db=service_connection())
        if actor.role is None:
            raise AssertionError("a post has a role")
        twin = await account(self.grove.runtime, actor.role, place)
        return replace(twin, station_id=actor.station_id)

    async def _signed_in(self, actor: Actor) -> Actor:
        async with service_transaction() as connection:
            opened = await open_session(self.grove.runtime, connection, account_id=actor.account_id)
        return opened.actor


def _sent_away(bodies: list[bytes]) -> bool:
    return bool(bodies) and b'"code":"UNAVAILABLE"' in bodies[-1]


def _begins_alike(one: list[bytes], other: list[bytes]) -> bool:
    """Whether one was given the beginning of what the other was, but for the word that it is over."""
    shorter = min(len(one), len(other)) - 1
    return one[:shorter] == other[:shorter]
