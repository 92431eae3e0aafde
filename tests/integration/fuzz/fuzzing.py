"""Operations of every kind against the whole schema: whatever comes, the answer is an answer."""

import asyncio
import contextlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import orjson
import structlog

from access.actor import Actor
from access.policy import may
from graph.api import Mutation, Query, Subscription, build_schema
from graph.context import Context
from graph.limits import Limits
from graph.request import Malformed, read_body
from graph.running import NO_STREAM, Answer, Engine
from graph.schema.resolved import actions
from tests.both_ways import COMPILED
from tests.integration.conftest import MOMENT
from tests.integration.fuzz.documents import mangled, together, with_literals
from tests.integration.fuzz.odd import OddValues, Raw
from tests.integration.scope.drawing import Drawing
from tests.integration.scope.grove import Grove
from tests.integration.scope.oracle import Oracle
from tests.integration.scope.shape import Shape

SECONDS = 1.0
"""How long an answer may take."""
_LISTENED = 0.03
_TRIES = 3

# Wide, so that what is drawn is run: the bounds have tests of their own.
LIMITS = Limits(
    compiled=COMPILED,
    depth=30,
    aliases=10_000,
    root_fields=10_000,
    cost=10**9,
    tokens=20_000,
    document=10**6,
    nesting=200,
    overlaps=10**6,
    documents_kept=64,
    tokens_kept=10**6,
)
ENGINE = Engine(build_schema(), LIMITS)
ACTIONS = {name.replace("_", "").lower(): action for name, action in actions(Query, Mutation, Subscription).items()}
"""What each root field lets its caller do, by `query.mydeclarations`."""
_NAMES = ["", "\0", "nobody", "Other", "F", "x" * 3_000, "\u202e"]
_RAW = re.compile(r'"@@raw:([^"@]*)@@"')


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: who sends what. `body` is what goes over the line."""

    actor: Actor
    root: str
    field: str
    query: str
    variables: Any
    mode: str
    operation: str | None = None

    @property
    def body(self) -> bytes:
        """The request as JSON, with numbers and halves of characters that JSON's writers would not write."""
        text = json.dumps({"query": self.query, "variables": _sent(self.variables), "operationName": self.operation})
        return _RAW.sub(lambda found: found[1], text).encode()


@dataclass(frozen=True, slots=True)
class Defect:
    """What must not be: in which attempt, and what it was."""

    attempt: Attempt
    what: str

    def text(self) -> str:
        """Everything that is needed to see it again."""
        actor = self.attempt.actor
        return "\n".join(
            [
                f"{self.attempt.field} ({self.attempt.mode}): {self.what}",
                f"  actor: {actor.kind} {actor.role} of {actor.area_id} {actor.restriction or ''}",
                f"  query: {self.attempt.query}",
                f"  operation: {self.attempt.operation!r}",
                f"  variables: {_RAW.sub(lambda found: found[1], json.dumps(_sent(self.attempt.variables)))}",
            ]
        )


@dataclass
class Fuzzing:
    """Attempts on one grove; every kind of defect is kept once."""

    grove: Grove
    chance: random.Random
    defects: dict[str, Defect] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    done: int = 0

    async def run(self, attempts: int) -> None:
        """So many attempts."""
        oracle = Oracle(self.grove, await self.grove.rows())
        self._values = OddValues(self.grove, oracle, self.chance)
        drawing = Drawing(ENGINE._schema._schema, self.chance)
        roots = [(root, name) for root in ("query", "mutation", "subscription") for name in drawing.roots(root)]
        weights = [1.0 if root != "subscription" else 0.5 for root, _ in roots]
        while self.done < attempts:
            root, name = self.chance.choices(roots, weights)[0]
            shape = drawing.shape(root, name)
            if self.chance.random() < 0.2:
                # Somebody may have moved it to the end of time, where little can be done.
                self.grove.runtime.clock.follow(MOMENT, timedelta())
            for _ in range(min(4, attempts - self.done)):
                await self._try(self._attempt(shape, drawing, roots))
                self.done += 1

    def _attempt(self, shape: Shape, drawing: Drawing, roots: list[tuple[str, str]]) -> Attempt:
        chance, actor = self.chance, self._actor(shape)
        self._values.how_odd = chance.choice([0, 5, 10, 10, 30, 60])
        values = self._values.variables(actor, shape)
        mode = chance.choices(["variables", "literals", "together", "mangled"], [60, 18, 8, 14])[0]
        query, variables = shape.text, values
        if mode == "literals":
            query, variables = with_literals(shape, values), {}
        elif mode == "together":
            others = [name for root, name in roots if root == shape.root]
            query = together(shape, drawing.shape(shape.root, chance.choice(others)), chance)
        elif mode == "mangled":
            query = mangled(chance.choice([shape.text, with_literals(shape, values)]), chance)
        operation = chance.choice(_NAMES) if chance.random() < 0.04 else None
        return Attempt(actor, shape.root, shape.field, query, variables, mode, operation)

    def _actor(self, shape: Shape) -> Actor:
        """Mostly somebody whose role may: whoever may not is told so at the door."""
        action = ACTIONS[f"{shape.root}.{shape.field}".lower()]
        able = [actor for actor in self.grove.actors if may(actor, action)]
        return self.chance.choice(able if able and self.chance.random() < 0.85 else self.grove.actors)

    async def _try(self, attempt: Attempt) -> None:
        what = await self.fault(attempt)
        if what is None:
            return
        key = f"{attempt.field} {what}" if what.startswith("slow") else what
        if key not in self.defects:
            self.defects[key] = Defect(await self._less(attempt, what), what)

    async def fault(self, attempt: Attempt) -> str | None:
        """What is wrong with the answer, or None."""
        for _ in range(_TRIES):
            began = time.monotonic()
            found = await self._fault(attempt)
            took = time.monotonic() - began
            if found or took < SECONDS:
                return found
            # Whether it is the operation, or a machine that was busy with something else.
        return f"slow: {took:.1f} s"

    async def _fault(self, attempt: Attempt) -> str | None:
        try:
            request = read_body(attempt.body)
        except Malformed:
            self.codes["no request"] += 1
            return None
        context = Context(self.grove.runtime, request, "fuzzed", ENGINE.remembered, attempt.actor, "en")
        with structlog.testing.capture_logs() as lines:
            try:
                answers = await _answers(context, stream=attempt.root == "subscription")
                bodies = [orjson.dumps(answer.payload(), default=str) for answer in answers]
            except Exception as error:
                return f"{type(error).__name__} comes out of the engine"
        for line in lines:
            if line["event"] == "unexpected":
                return f"INTERNAL: {line['error']} ({line['cause']}) at {_ours(line['frames'])}"
        for body in bodies:
            payload = orjson.loads(body)
            self._note(payload)
            if b"Traceback" in body or b'"INTERNAL"' in body:
                return "an answer that tells of the inside"
            for told in payload.get("errors", ()):
                if what := _wrong(told):
                    return f"{what} at {attempt.root} {attempt.field}"
        return None

    def _note(self, payload: dict[str, Any]) -> None:
        for error in payload.get("errors", ()):
            self.codes[error["extensions"]["code"]] += 1
        self._look(payload.get("data"))

    def _look(self, value: Any) -> None:
        """Keeps the cursors, to tamper with them, and counts what was refused as data."""
        if isinstance(value, list):
            for one in value:
                self._look(one)
        elif isinstance(value, dict):
            name = value.get("__typename")
            if isinstance(name, str) and (name in _REFUSED or name.endswith("Problem")):
                self.codes[name] += 1
            if isinstance(name, str) and isinstance(id := value.get("id"), str):
                self._values.note(name, id)
            for key, one in value.items():
                if key.lower().endswith("cursor") and isinstance(one, str):
                    self._values.cursors.append(one)
                self._look(one)

    async def _less(self, attempt: Attempt, what: str) -> Attempt:
        """The same fault with less in the variables, as far as it can be had."""
        shown = attempt
        smaller = not what.startswith("slow")
        while smaller:
            smaller = False
            for less in _smaller(shown.variables):
                tried = replace(shown, variables=less)
                if await self._fault(tried) == what:
                    shown, smaller = tried, True
                    break
        return shown


_REFUSED = {"InvalidInput", "Conflict", "NotFound", "Forbidden"}


def _wrong(error: dict[str, Any]) -> str | None:
    """What is wrong with one error, if anything."""
    code = error["extensions"]["code"]
    if code in ("UNAVAILABLE", "OVERLOADED"):
        return f"{code}, and yet the database is there and idle"
    if code == "BAD_REQUEST" and error.get("path") and not error["extensions"].get("fields"):
        return "a value that was refused without saying which"
    if not error["message"]:
        return f"{code} without a word"
    return None


async def _answers(context: Context, *, stream: bool) -> list[Answer]:
    if not stream:
        return [await ENGINE.run(context, NO_STREAM)]
    answers: list[Answer] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LISTENED), contextlib.aclosing(ENGINE.stream(context)) as events:
            async for answer in events:
                # Not in one go: what has come before the time is over is what is looked at.
                answers += [answer]
    return answers


def _sent(value: Any) -> Any:
    match value:
        case Raw():
            return f"@@raw:{value.text}@@"
        case list():
            return [_sent(one) for one in value]
        case dict():
            return {name: _sent(one) for name, one in value.items()}
        case _:
            return value


def _smaller(value: Any) -> Iterator[Any]:
    """The same with one thing less, at any depth."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield {other: kept for other, kept in value.items() if other != name}
            for less in _smaller(one):
                yield {**value, name: less}
    elif isinstance(value, list):
        if len(value) > 1:
            yield value[: len(value) // 2]
            yield value[len(value) // 2 :]
        for place, one in enumerate(value[:3]):
            for less in _smaller(one):
                yield [*value[:place], less, *value[place + 1 :]]


def _ours(frames: list[str]) -> str:
    """The deepest frames of the way there, which say which fault it is."""
    return " < ".join(reversed(frames[-4:]))
