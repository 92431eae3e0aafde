"""Drawing the variables of an operation: identifiers, areas, codes and cursors of others as well as one's own."""

import base64
import random
from collections import deque
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
)

from access.actor import Actor
from tests.integration.scope.grove import PASSWORD, Grove
from tests.integration.scope.oracle import Oracle
from tests.integration.scope.planted import name, national_id
from tests.integration.scope.shape import Shape, Slot

KINDS = ("Area", "Station", "Alert", "Case", "Declaration", "Account", "Duty")
_KIND_OF_HINT = (
    ("duty", "Duty"),
    ("handovercase", "Case"),
    ("handover", "Transfer"),
    ("acknowledge", "Alert"),
    ("alert", "Alert"),
    ("case", "Case"),
    ("person", "Case"),
    ("audit", "Case"),
    ("declaration", "Declaration"),
    ("account", "Account"),
    ("password", "Account"),
)
_CURSORS = 400
REASON = "a reason that is long enough"


class Values:
    """Draws values for one grove. It remembers the cursors that were shown, to try them elsewhere."""

    def __init__(self, grove: Grove, oracle: Oracle, chance: random.Random) -> None:
        """From what is there as `oracle` knows it."""
        self.grove, self.oracle, self._chance = grove, oracle, chance
        self.cursors: deque[str] = deque(maxlen=_CURSORS)

    def variables(self, actor: Actor, shape: Shape) -> dict[str, Any]:
        """A value for each variable; what may be left out sometimes is."""
        found: dict[str, Any] = {}
        for slot in shape.slots:
            hint = slot.hint
            if not isinstance(slot.type_, GraphQLNonNull) and self._chance.random() < self._silence(slot.argument):
                continue
            found[slot.variable] = self._value(actor, slot.type_, hint, slot.argument)
        return found

    def value(self, actor: Actor, slot: Slot) -> Any:
        """A value for one variable."""
        return self._value(actor, slot.type_, slot.hint, slot.argument)

    def _silence(self, argument: str) -> float:
        return 0.3 if argument in ("areaId", "first") else 0.6

    def _value(self, actor: Actor, type_: GraphQLInputType, hint: str, argument: str) -> Any:
        match type_:
            case GraphQLNonNull():
                return self._value(actor, type_.of_type, hint, argument)
            case GraphQLList():
                return [self._value(actor, type_.of_type, hint, argument) for _ in range(self._chance.randint(1, 2))]
            case GraphQLEnumType():
                return self._chance.choice(list(type_.values))
            case GraphQLInputObjectType(name="DeclareInput"):
                return self._household(actor)
            case GraphQLInputObjectType():
                return {
                    field: self._value(actor, inner.type, f"{hint}.{type_.name}.{field}", field)
                    for field, inner in type_.fields.items()
                    if isinstance(inner.type, GraphQLNonNull) or self._chance.random() < 0.4
                }
            case GraphQLScalarType():
                return self._scalar(actor, type_.name, hint, argument)
        raise TypeError(f"{type_} is no input type")

    def _scalar(self, actor: Actor, type_: str, hint: str, argument: str) -> Any:
        chance = self._chance
        now = self.grove.runtime.clock.now()
        match type_:
            case "ID":
                return self._id(actor, hint, argument)
            case "Int":
                return chance.choice([1, 2, 3, 5, 100]) if argument == "first" else chance.randint(0, 4)
            case "Float":
                return float(chance.randint(30, 110))
            case "Boolean":
                return chance.random() < 0.5
            case "Date":
                return (now.date() - timedelta(days=chance.randint(-1, 3))).isoformat()
            case "Time":
                return f"{chance.randrange(24):02d}:{chance.randrange(60):02d}:00"
            case "DateTime":
                # The clock moves by minutes only: what is overdue and what day it is stay what they are.
                return (now + timedelta(minutes=chance.randint(0, 2))).isoformat()
            case _:
                return self._text(actor, hint.lower(), argument.lower())

    def _text(self, actor: Actor, hint: str, argument: str) -> str:
        chance = self._chance
        if "shiftinput" in hint:
            # Nothing that was planted: a roster shows again what somebody has typed into it.
            return "0901000001" if argument == "phone" else "BS. Trực"
        if argument == "pack":
            return chance.choice("abc")
        if argument == "symptoms":
            return chance.choice(["cough", "fatigue", "dyspnoea", "chest_pain"])
        if argument in ("after", "before"):
            return chance.choice([*self.cursors, "nothing"])
        if "receipt" in hint or (argument == "code" and "area" not in hint and "verify" not in hint):
            return chance.choice(list(self.oracle.receipts) or ["x"])
        if argument == "code" and "verify" in hint:
            return f"{chance.randrange(10**6):06d}"
        if "code" in argument:
            return chance.choice(list(self.grove.codes.values()))
        if argument == "disease":
            return chance.choice(["covid19", "covid19", "dengue"])
        if "phone" in argument:
            return chance.choice(list(self.grove.households.values())).phone
        if "username" in argument:
            return chance.choice([str(row["username"]) for row in self.oracle.rows.accounts.values()] or ["x"])
        if argument in ("name", "search", "query"):
            return chance.choice(["Khu", name(chance.randrange(max(1, self.grove.people))), "Zx"])
        if "password" in argument:
            return chance.choice([PASSWORD, PASSWORD, "x" * 12])
        if "national" in argument:
            return national_id(chance.randrange(max(1, self.grove.people)))
        return chance.choice(["a reason that is long enough", "mẫu", "x" * 12]) if "reason" not in argument else REASON

    def _id(self, actor: Actor, hint: str, argument: str) -> str:
        if argument in ("idempotencyKey",):
            return f"key-{self._chance.randrange(10**9)}"
        kind = self._kind(hint, argument)
        if self._chance.random() < 0.05:
            return global_id(kind, uuid4())
        keys = self._keys(kind)
        own = [key for key in keys if self._is_own(actor, key)] if self._chance.random() < 0.45 else []
        drawn = own or keys
        return global_id(kind, self._chance.choice(drawn)) if drawn else global_id(kind, uuid4())

    def _kind(self, hint: str, argument: str) -> str:
        if self._chance.random() < 0.06:
            return self._chance.choice(KINDS)
        if argument in ("areaId", "root", "area"):
            return "Area"
        if argument == "stationId":
            return "Station"
        if hint.startswith("node."):
            return self._chance.choice(KINDS)
        folded = f"{argument} {hint}".lower()
        return next((kind for word, kind in _KIND_OF_HINT if word in folded), self._chance.choice(KINDS))

    def _keys(self, kind: str) -> list[Any]:
        rows = self.oracle.rows
        match kind:
            case "Area":
                return list(self.grove.parents)
            case "Station":
                return list(rows.watched["station"])
            case "Alert":
                return list(rows.alerts)
            case "Case":
                return list(rows.cases)
            case "Declaration":
                return list(rows.declarations)
            case "Duty":
                return list(rows.duties)
            case "Transfer":
                return [UUID(key) for key in rows.watched["transfer"]]
            case _:
                return list(rows.accounts)

    def _is_own(self, actor: Actor, key: Any) -> bool:
        if isinstance(key, str):
            return self.grove.below(key.removesuffix("-st"), actor.area_id)
        if key in self.oracle.rows.accounts:
            return self.grove.below(self.oracle.rows.accounts[key]["area_id"], actor.area_id)
        if key in self.oracle.rows.duties:
            return self.oracle.keeps(actor, key)
        return self.oracle.sees(actor, key)

    def _household(self, actor: Actor) -> dict[str, Any]:
        """A household that could be declared, new or under somebody else's key."""
        chance = self._chance
        made = self.grove.next_household(chance, copied=chance.random() < 0.3)
        others = [row["idempotency_key"] for row in self.oracle.rows.submissions.values()]
        yesterday = (self.grove.runtime.clock.day() - timedelta(days=1)).isoformat()
        return {
            "idempotencyKey": chance.choice(others) if others and chance.random() < 0.2 else made.key,
            "contact": {"phone": made.phone, "declaredBy": f"Zw{made.number:05d}w"},
            "address": {"areaCode": chance.choice(list(self.grove.codes.values())), "street": made.street},
            "people": [
                {
                    "fullName": name(person),
                    "nationalId": national_id(owner),
                    "sex": "FEMALE",
                    "relation": "self",
                    "birthYear": chance.choice([1940, 1990]),
                    "test": {"kind": "rapid_antigen", "takenOn": yesterday},
                    "symptoms": chance.choice([[], ["fatigue"], ["dyspnoea", "cough"]]),
                    "conditions": chance.choice([[], ["diabetes"]]),
                }
                for person, owner in zip(made.people, made.ids_of, strict=True)
            ],
        }


def global_id(kind: str, key: UUID | str) -> str:
    """As a client sees it, written down here a second time on purpose."""
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("=")


def decoded(text: str) -> str:
    """What stands in an opaque text, be it an id or a cursor; nothing where it is neither."""
    if not 6 <= len(text) <= 800:
        return ""
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (ValueError, UnicodeError):
        return ""
