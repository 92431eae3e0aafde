"""Subscriptions on a grove where things happen: people declare, alerts are taken, and those who watch lose their place.

The oracle goes by the order of commits: an event may be shown to whoever could see it at some moment from its own
commit until it was shown, and to nobody else. Who loses an area, a role or the session hears nothing that comes after.
"""

import asyncio
import random
from collections import Counter
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from access.actor import Actor
from alerts.shared_event import SharedEvent
from graph.context import Context
from graph.request import GraphQLRequest
from models.database import service_transaction
from models.state import Role
from services.cursor import alert_cursor
from services.open_session import open_session
from tests.integration.scope.drawing import Drawing
from tests.integration.scope.grove import Grove
from tests.integration.scope.happenings import Happenings
from tests.integration.scope.judge import Judge, Leak, named
from tests.integration.scope.oracle import Oracle
from tests.integration.scope.trial import ENGINE, Case, Leaked, described
from tests.integration.scope.values import Values, decoded

SUBSCRIBERS = 24
STEPS = 10


@dataclass
class Moment:
    """How everything stands after a step: the rows, the tree, everybody's post, and the newest event's number."""

    oracle: Oracle
    position: int
    actors: dict[UUID, Actor | None]


@dataclass
class Watching:
    """One subscription: what was asked, and each answer with the step after which it came."""

    case: Case
    session: UUID | None
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


@dataclass
class Round:
    """One grove, some subscribers, some steps."""

    grove: Grove
    chance: random.Random
    seed: str
    moments: list[Moment] = field(default_factory=list)
    watching: list[Watching] = field(default_factory=list)
    sessions: dict[UUID, Actor] = field(default_factory=dict)
    moved: bool = False
    heard: Counter[str] = field(default_factory=Counter)

    async def run(self) -> int:
        """How many subscriptions were judged. Raises Leaked."""
        subscribers = await self._subscribers()
        await self._remember()
        tasks = [asyncio.create_task(self._watch(one)) for one in subscribers]
        hub = self.grove.runtime.hub
        happenings = Happenings(self.grove, self.chance, list(self.sessions.values()))
        await self._joined(tasks)
        for _ in range(STEPS):
            await happenings.step(self.moments[-1].oracle.rows)
            await self._remember()
            await hub.caught_up(self.moments[-1].position)
        self.moved = happenings.moved
        # Ends each subscription once it has given out what it holds: nothing is left on its way.
        await hub.stop()
        for task, one in zip(tasks, subscribers, strict=True):
            if one.case.shape.field != "alerts":
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await hub.start()
        for one in subscribers:
            self._judge(one)
        return len(subscribers)

    async def _subscribers(self) -> list[Watching]:
        """Everybody with a session of their own, so that it can be taken from them."""
        drawing = Drawing(ENGINE._schema._schema, self.chance)
        rows = await self.grove.rows()
        values = Values(self.grove, Oracle(self.grove, rows), self.chance)
        newest = rows.events[-1]["seq"] if rows.events else 0
        for _ in range(8):
            values.cursors.append(alert_cursor(self.chance.randint(0, newest)))
        fields = list(drawing.roots("subscription"))
        shapes = [drawing.shape("subscription", name) for name in (*fields, "alerts", "alerts") for _ in range(2)]
        for _ in range(SUBSCRIBERS):
            actor = self.chance.choice([one for one in self.grove.actors if one.restriction is None])
            if actor.kind != "ANONYMOUS":
                actor = await self._signed_in(actor)
            shape = self.chance.choice(shapes)
            case = Case(actor, shape, values.variables(actor, shape))
            self.watching.append(Watching(case, actor.session_id))
        return self.watching

    async def _signed_in(self, actor: Actor) -> Actor:
        async with service_transaction() as connection:
            opened = await open_session(
                self.grove.runtime, connection, account_id=actor.account_id, phone_hash=actor.phone_hash
            )
        self.sessions[opened.session_id] = opened.actor
        return opened.actor

    async def _joined(self, tasks: list[asyncio.Task[None]]) -> None:
        """Waits until each subscription either listens or was refused."""
        hub = self.grove.runtime.hub
        # Those of figures and counts begin with what is now, whenever they begin.
        alerts = [task for task, one in zip(tasks, self.watching, strict=True) if one.case.shape.field == "alerts"]
        async with asyncio.timeout(60):
            while True:
                # One that is counted may still be asked for: until it was told where it stands it hears nothing.
                told = sum(one.version >= 0 for one in hub._listeners)
                if told + sum(task.done() for task in alerts) >= len(alerts):
                    # Told, it begins in the next turn of the loop.
                    await asyncio.sleep(0)
                    return
                await asyncio.sleep(0.01)

    async def _watch(self, one: Watching) -> None:
        request = GraphQLRequest(one.case.shape.text, one.case.variables)
        context = Context(self.grove.runtime, request, "drawn", ENGINE.remembered, one.case.actor, "en")
        context.sink = _Ready(self, one)
        async for answer in ENGINE.stream(context):
            one.answers.append((len(self.moments), orjson.loads(orjson.dumps(answer.payload()))))

    async def _remember(self) -> None:
        """Takes down how everything stands, with a copy of the tree."""
        rows = await self.grove.rows()
        grove = copy(self.grove)
        grove.parents, grove.claimed = dict(self.grove.parents), set(self.grove.claimed)
        grove.households = dict(self.grove.households)
        oracle = Oracle(grove, rows)
        ended = {row["id"] for row in await self.grove.owner.fetch("SELECT id FROM session WHERE ended_at IS NOT NULL")}
        posts = {row["id"]: row for row in await self.grove.owner.fetch(_POSTS)}
        actors: dict[UUID, Actor | None] = {}
        for session, actor in self.sessions.items():
            post = posts.get(actor.account_id)
            if session in ended or (post is not None and post["disabled_at"] is not None):
                actors[session] = None
            elif post is None:
                actors[session] = actor
            else:
                role = Role(post["role"])
                actors[session] = replace(actor, role=role, area_id=post["area_id"], station_id=post["station_id"])
        self.moments.append(Moment(oracle, rows.events[-1]["seq"] if rows.events else 0, actors))

    def _judge(self, one: Watching) -> None:
        """Each answer against every moment from its event's commit until it came."""
        for step, payload in one.answers:
            first, last = self._span(step, payload)
            moments = self.moments[first : last + 1]
            found = [self._leaks(one, moment, payload) for moment in moments]
            if payload.get("data"):
                self.heard[one.case.shape.field] += 1
            if all(found):
                raise Leaked(self._text(one, step, first, found[-1], payload))
        if one.case.shape.field == "alerts":
            self._complete(one)

    def _span(self, step: int, payload: dict[str, Any]) -> tuple[int, int]:
        """The first and the last moment as of which an answer may be right, of those that were taken down."""
        newest = len(self.moments) - 1
        if (seq := _position(payload)) is not None:
            written = (place for place, moment in enumerate(self.moments) if seq <= moment.position)
            return next(written, newest), min(step + 1, newest)
        figures = named(payload.get("data") or {}).get("areaSummary")
        if figures:
            read = datetime.fromisoformat(figures["asOf"])
            before = sum(moment.oracle.rows.at <= read for moment in self.moments) - 1
            return max(0, before), min(before + 1, newest)
        return max(0, step - 1), min(step + 1, newest)

    def _leaks(self, one: Watching, moment: Moment, payload: dict[str, Any]) -> list[Leak]:
        actor = moment.actors.get(one.session, one.case.actor) if one.session else one.case.actor
        if any("INTERNAL" in str(error.get("extensions")) for error in payload.get("errors", ())):
            return [Leak("errors", f"a fault that nobody expected: {payload['errors']}")]
        if actor is None:
            return [Leak("", "shown although the session is over")] if payload.get("data") else []
        return Judge(moment.oracle, actor, one.case.variables).leaks(payload)

    def _complete(self, one: Watching) -> None:
        """Whoever kept their place and was not refused has heard everything of it, once and in order."""
        posts = [moment.actors.get(one.session) if one.session else None for moment in self.moments]
        first = posts[0]
        refused = any(payload.get("errors") and not _ended(payload) for _, payload in one.answers)
        if first is None or refused or self.moved or any(post != first for post in posts) or first.role is None:
            return
        given = {slot.argument: one.case.variables.get(slot.variable) for slot in one.case.shape.selected.slots}
        rows, oracle = self.moments[-1].oracle.rows, self.moments[-1].oracle
        area = decoded(given.get("areaId") or "").partition(":")[2] or None
        if area is None and given.get("areaId") is not None:
            return
        after = self.moments[0].position
        if given.get("after") is not None:
            try:
                after = int(orjson.loads(decoded(str(given["after"])))[1])
            except (ValueError, IndexError):
                return
        kinds = given.get("kinds")
        heard = [seq for _, payload in one.answers if (seq := _position(payload)) is not None]
        # But to a station that has sent the case on and sees it by its grant; that it has to hear of it is no rule.
        granted = {event["seq"] for event in rows.events if oracle.sees(first, event["alert_id"])} & set(heard)
        expected = [
            event["seq"]
            for event in rows.events
            if event["seq"] > after
            # What an alert did here before it went elsewhere is told to nobody who comes later.
            and oracle.reaches(first, "alert", event["area_id"])
            and (oracle.reaches(first, "alert", event["alert_area_id"]) or event["seq"] in granted)
            and self.grove.below(event["area_id"], area or first.area_id)
            and (kinds is None or event["kind"] in kinds)
        ]
        self.heard["complete"] += bool(expected)
        if given.get("after") is None:
            # It begins when it begins, which may be during the first step.
            first_step = self.moments[1].position
            expected = [seq for seq in expected if seq > first_step or seq in heard]
        if heard != expected:
            text = f"heard {heard} where {expected} were to be heard"
            raise Leaked(self._text(one, len(self.moments), 0, [Leak("alerts", text)], {}))

    def _text(self, one: Watching, step: int, first: int, leaks: list[Leak], payload: dict[str, Any]) -> str:
        posts = [moment.actors.get(one.session) if one.session else None for moment in self.moments]
        where = [f"{post.role} of {post.area_id}" if post else "nobody" for post in posts]
        return "\n".join(
            [
                f"seed {self.seed}, after step {step}, of an event of step {first}",
                described(one.case),
                f"posts: {where}",
                *(f"leak at {leak.path}: {leak.what}" for leak in leaks[:10]),
                f"answer: {payload}",
                f"tree: {self.grove.parents}",
            ]
        )


@dataclass
class _Ready:
    """Takes what was made ready for all who stand alike."""

    round: Round
    one: Watching

    def now(self, event: SharedEvent) -> bool:
        """Takes it at once."""
        self.one.answers.append((len(self.round.moments), orjson.loads(event.body)))
        return True

    async def send(self, event: SharedEvent) -> None:
        """Takes it."""
        self.now(event)


def _position(payload: dict[str, Any]) -> int | None:
    """The number of the event that an answer shows."""
    event = named(payload.get("data") or {}).get("alerts")
    if not event or event.get("cursor") is None:
        return None
    return int(orjson.loads(decoded(event["cursor"]))[1])


def _ended(payload: dict[str, Any]) -> bool:
    """Whether it is the end of the process that the client was told of, and nothing else."""
    return all(error["extensions"]["code"] == "UNAVAILABLE" for error in payload["errors"])


_POSTS = "SELECT id, role, area_id, station_id, disabled_at FROM account"
