"""Cases: an actor asks an operation of a grove, and the answer and the tables are held against the oracle."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson

from access.actor import Actor
from graph.api import build_schema
from graph.context import Context
from graph.limits import Limits
from graph.request import GraphQLRequest
from graph.running import NO_STREAM, Engine
from tests.both_ways import COMPILED
from tests.integration.scope.drawing import Drawing
from tests.integration.scope.grove import Grove
from tests.integration.scope.judge import Judge, Leak, key_of, named
from tests.integration.scope.oracle import TREATS, Oracle
from tests.integration.scope.shape import Shape
from tests.integration.scope.values import Values, decoded, global_id
from tests.integration.scope.writes import WALLED, WRITES, trespasses

LIMITS = Limits(
    compiled=COMPILED,
    depth=30,
    aliases=10_000,
    root_fields=10_000,
    cost=10**9,
    tokens=20_000,
    document=10**6,
    overlaps=10**6,
    documents_kept=64,
    tokens_kept=10**6,
)
ENGINE = Engine(build_schema(), LIMITS)
AT_ONCE = 8
EACH = 8
"""How many actors ask the same document, each with variables of their own."""


_OFTEN = {
    "node": 2.0,
    "alerts": 2.0,
    "cases": 2.0,
    "areaSummary": 2.0,
    "installation": 0.2,
    "protocol": 0.2,
    "erasePerson": 0.25,
    "dismissCase": 0.15,
    "declare": 0.15,
    "declareFor": 0.15,
}
"""How often a root field is drawn, where it is not as often as others of its kind."""


_SERVED = {"myCertificates"}
"""Read under the service's login: residents have no bounds of cases."""

_COUNTED = {"revealPerson"}
"""Refused after so many tries, whatever it is that is asked for."""


class Leaked(AssertionError):
    """The property does not hold."""


@dataclass(frozen=True, slots=True)
class Case:
    """One actor's operation."""

    actor: Actor
    shape: Shape
    variables: dict[str, Any]

    def input(self) -> dict[str, Any]:
        """What a mutation was given; empty where it takes nothing."""
        given = [self.variables.get(slot.variable) for slot in self.shape.selected.slots if slot.argument == "input"]
        return given[0] if given and isinstance(given[0], dict) else {}


@dataclass
class Trial:
    """Cases on one grove. `open_wall` says that only the database's wall stands."""

    grove: Grove
    chance: random.Random
    seed: str
    open_wall: bool = False
    likely: frozenset[str] = frozenset()
    """Root fields that are drawn ten times as often."""
    answered: Counter[str] = field(default_factory=Counter)
    """How often something was shown of each field; what was seldom is asked more often."""
    done: int = 0

    async def run(self, cases: int) -> int:
        """Runs at least so many cases. Raises Leaked with everything that is needed to see it again."""
        self.oracle = Oracle(self.grove, await self.grove.rows(), open_wall=self.open_wall)
        rows = self.oracle.rows.cases
        self._caring = [
            one for one in self.grove.actors if one.role in TREATS and any(self.oracle.sees(one, id) for id in rows)
        ]
        self.values = Values(self.grove, self.oracle, self.chance)
        drawing = Drawing(ENGINE._schema._schema, self.chance, self.answered)
        roots = [(root, name) for root in ("query", "mutation") for name in drawing.roots(root)]
        if self.open_wall:
            # What is done under the service's login has the first wall alone, which is why so little is.
            roots = [
                (root, name) for root, name in roots if name in WALLED or (root == "query" and name not in _SERVED)
            ]
        weights = [
            _OFTEN.get(name, 1.0 if root == "query" else 0.3) * (10 if name in self.likely else 1)
            for root, name in roots
        ]
        while self.done < cases:
            wanted = [weight * (0.3 + 4 * want**2) for weight, want in zip(weights, drawing.wanted(roots), strict=True)]
            for root, name in self.chance.choices(roots, wanted, k=4):
                shape = drawing.shape(root, name)
                drawn = [self._case(shape) for _ in range(EACH)]
                if root == "query":
                    for start in range(0, len(drawn), AT_ONCE):
                        await asyncio.gather(*(self._read(case) for case in drawn[start : start + AT_ONCE]))
                else:
                    for case in drawn:
                        await self._write(case)
                self.done += len(drawn)
        return self.done

    def _case(self, shape: Shape) -> Case:
        actor = self.chance.choice(self.grove.actors)
        if shape.root == "mutation" and self.chance.random() < 0.5:
            rule = WRITES[shape.field]
            fitting = [one for one in self.grove.actors if one.role in rule.roles or one.kind in rule.kinds]
            actor = self.chance.choice(fitting or [actor])
        elif shape.root == "query" and self.chance.random() < 0.35:
            actor = self.chance.choice(self._caring or [actor])
        return Case(actor, shape, self.values.variables(actor, shape))

    async def ask(self, case: Case) -> dict[str, Any]:
        """The answer to one case."""
        request = GraphQLRequest(case.shape.text, case.variables)
        context = Context(self.grove.runtime, request, "drawn", ENGINE.remembered, case.actor, "en")
        answer = await ENGINE.run(context, NO_STREAM)
        # As who asks reads it: parts of an answer are bytes already.
        payload: dict[str, Any] = orjson.loads(orjson.dumps(answer.payload()))
        return payload

    async def _read(self, case: Case) -> None:
        payload = await self.ask(case)
        self._note(case, payload)
        if self._leaks(case, payload):
            await self._report(case)
        await self._ask_for_nothing(case, payload, self._with_nothing(case))

    def _leaks(
        self,
        case: Case,
        payload: dict[str, Any],
        new: frozenset[UUID | str] = frozenset(),
        oracle: Oracle | None = None,
    ) -> list[Leak]:
        if (
            any("INTERNAL" in str(error.get("extensions")) for error in payload.get("errors", ()))
            and not self.open_wall
        ):
            return [Leak("errors", f"a fault that nobody expected: {payload['errors']}")]
        field = case.shape.field
        revealed = key_of(case.input().get("caseId", case.input().get("id"))) if field == "revealPerson" else None
        judge = Judge(oracle or self.oracle, case.actor, case.variables, open_wall=self.open_wall, revealed=revealed)
        found = judge.leaks(payload, new)
        if case.shape.root == "query" and not self.open_wall:
            found += self._pages(judge, case, payload)
        return found

    def _pages(self, judge: Judge, case: Case, payload: dict[str, Any]) -> list[Leak]:
        given = {slot.argument: case.variables.get(slot.variable) for slot in case.shape.selected.slots}
        connection = named((payload.get("data") or {}).get(case.shape.field))
        area = given.pop("areaId", None)
        size = given.pop("first", None) or 50
        narrowed = any(value is not None for value in given.values())
        key = decoded(area).partition(":")[2] if area else None
        return judge.page(connection, case.shape.field, key, size, narrowed=narrowed)

    async def _write(self, case: Case) -> None:
        oracle, before = self.oracle, self.oracle.rows
        # What was somebody else's before: one's own declaration that one has sent to another ward was one's own.
        instead = self._with_nothing(case)
        self._claim(case)
        payload = await self.ask(case)
        self._note(case, payload)
        after = await self.grove.rows(before)
        if after is not before or case.shape.field == "claimReceipt":
            self.oracle = self.values.oracle = Oracle(self.grove, after, open_wall=self.open_wall)
        new = frozenset(after.names() - before.names())
        leaks = self._leaks(case, payload, new)
        # What one has just given away, to another ward or to nobody, one knew.
        known = {leak.path for leak in leaks} - {leak.path for leak in self._leaks(case, payload, new, oracle)}
        leaks = [leak for leak in leaks if leak.path not in known]
        changed = [] if after is before else after.changed(before)
        ward = _ward(case, self.grove)
        leaks += [Leak("rows", one) for one in trespasses(oracle, case.actor, case.shape.field, ward, changed)]
        if leaks:
            raise Leaked(self._text(case, payload, leaks))
        if after is before:
            # Of what was done another asking is told that it is done.
            await self._ask_for_nothing(case, payload, instead)

    def _with_nothing(self, case: Case) -> Case:
        """The same with an identifier of nothing in place of each that is somebody else's."""
        instead = {name: self._nothing_for(case.actor, value) for name, value in case.variables.items()}
        return Case(case.actor, case.shape, instead)

    async def _ask_for_nothing(self, case: Case, payload: dict[str, Any], instead: Case) -> None:
        """What is somebody else's is answered as what does not exist; or an answer would tell that it is there."""
        if case.shape.field in _COUNTED or self.open_wall or instead.variables == case.variables:
            return
        found = await self.ask(instead)
        if found != payload:
            raise Leaked(self._text(case, payload, [Leak("", f"of nothing the answer is another one: {found}")]))

    def _nothing_for(self, actor: Actor, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._nothing_for(actor, one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._nothing_for(actor, one) for one in value]
        id = key_of(value) if isinstance(value, str) else None
        if id is None or not self.oracle.knows(id) or self.oracle.sees(actor, id):
            return value
        return global_id(decoded(value).partition(":")[0], uuid4())

    def _claim(self, case: Case) -> None:
        """A resident who has the receipt of their own phone's household may claim it."""
        if case.shape.field != "claimReceipt" or case.actor.phone_hash not in self.grove.phones:
            return
        household = self.grove.households[self.grove.phones[case.actor.phone_hash]]
        if self.oracle.receipts.get(case.input()["code"]) == household.key:
            self.grove.claimed.add(household.number)

    def _note(self, case: Case, payload: dict[str, Any]) -> None:
        data = named(payload.get("data"))
        if data:
            self._take_up({"__typename": case.shape.root.capitalize(), **data})

    def _take_up(self, value: Any) -> None:
        """Remembers what was really answered, and the cursors in it."""
        if isinstance(value, list):
            for one in value:
                self._take_up(one)
        elif isinstance(value, dict):
            name = value.get("__typename", "")
            for key, one in value.items():
                if one is not None and one != [] and not key.startswith("__"):
                    self.answered[f"{name}.{key}"] += 1
                if key in ("cursor", "endCursor", "startCursor") and isinstance(one, str):
                    self.values.cursors.append(one)
                self._take_up(one)

    async def _report(self, case: Case) -> None:
        """Asks for less and less as long as it still leaks, then says what it was."""
        shown = case
        smaller = True
        while smaller:
            smaller = False
            for shape in shown.shape.smaller():
                kept = {slot.variable for slot in shape.slots}
                less = Case(case.actor, shape, {name: value for name, value in case.variables.items() if name in kept})
                if self._leaks(less, await self.ask(less)):
                    shown, smaller = less, True
                    break
        payload = await self.ask(shown)
        raise Leaked(self._text(shown, payload, self._leaks(shown, payload) or [Leak("", "only the first time")]))

    def _text(self, case: Case, payload: dict[str, Any], leaks: list[Leak]) -> str:
        return "\n".join(
            [
                f"seed {self.seed}, case {self.done}",
                described(case),
                *(f"leak at {leak.path}: {leak.what}" for leak in leaks[:10]),
                f"tree: {self.grove.parents}",
            ]
        )


def described(case: Case) -> str:
    """Who asked what."""
    actor = case.actor
    return "\n".join(
        [
            f"actor: {actor.kind} {actor.role} of {actor.area_id} {actor.jurisdiction}, {actor.restriction}",
            f"operation: {case.shape.text}",
            f"variables: { {name: decoded(str(value)) or value for name, value in case.variables.items()} }",
        ]
    )


def _ward(case: Case, grove: Grove) -> str | None:
    """Where a declaration was sent."""
    code = case.input().get("address", {}).get("areaCode")
    return next((area for area, known in grove.codes.items() if known == code), None)
