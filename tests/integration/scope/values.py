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
from services.upload_ticket import owner_of
from tests.integration.scope.grove import PASSWORD, Grove
from tests.integration.scope.oracle import Oracle
from tests.integration.scope.planted import name, national_id
from tests.integration.scope.shape import Shape, Slot

KINDS = ("Area", "Station", "Alert", "Case", "Declaration", "Account", "Duty")
_KIND_OF_ARGUMENT = {
    "areaid": "Area",
    "root": "Area",
    "area": "Area",
    "stationid": "Station",
    "hospitalid": "Hospital",
    "caseid": "Case",
    "keepcaseid": "Case",
    "mergecaseid": "Case",
    "declarationid": "Declaration",
    "duplicateof": "Declaration",
    "evidence": "Evidence",
}
_KIND_OF_HINT = (
    ("removeevidence", "Photo"),
    ("duty", "Duty"),
    ("handover", "Transfer"),
    ("referral", "Referral"),
    ("admitcase", "Referral"),
    ("dischargecase", "Referral"),
    ("starttransfer", "Referral"),
    ("releasetest", "ReleaseTest"),
    ("certificate", "Certificate"),
    ("acknowledge", "Alert"),
    ("alert", "Alert"),
    ("case", "Case"),
    ("claim", "Case"),
    ("person", "Case"),
    ("audit", "Case"),
    ("declaration", "Declaration"),
    ("duplicate", "Declaration"),
    ("information", "Declaration"),
    ("account", "Account"),
    ("password", "Account"),
)
_KIND_OF_BELONGING = {
    "Transfer": "transfer",
    "Referral": "referral",
    "Certificate": "certificate",
    "ReleaseTest": "test",
}
_WAITING = ("SUBMITTED", "NEEDS_INFO", "REROUTED")
_HOME = ("CONFIRMED", "HOME_ISOLATION", "RELEASE_DUE")
READY: dict[str, tuple[str, ...]] = {
    "acknowledgeAlert": ("RAISED", "ESCALATED"),
    "acknowledgeAlerts": ("RAISED", "ESCALATED"),
    "resolveAlert": ("ACKNOWLEDGED",),
    "confirmCase": ("SUSPECTED",),
    "dismissCase": ("SUSPECTED",),
    "dispensePack": _HOME,
    "referCase": _HOME,
    "recordReleaseTest": _HOME,
    "releaseCase": _HOME,
    "renewCertificate": ("COMPLETED",),
    "cancelReferral": ("REFERRED",),
    "markFound": ("LOST_TO_FOLLOW_UP",),
    "handOverCase": ("SUSPECTED", *_HOME),
    "unmergePersons": ("MERGED",),
    "mergePersons": ("SUSPECTED", *_HOME),
    "acceptDeclaration": _WAITING,
    "rejectDeclaration": _WAITING,
    "requestInformation": _WAITING,
    "rerouteDeclaration": _WAITING,
    "withdrawDeclaration": _WAITING,
    "markDuplicate": _WAITING,
    "returnDeclaration": ("REROUTED",),
    "completeDeclaration": ("NEEDS_INFO",),
    "acceptHandOver": ("REQUESTED",),
    "refuseHandOver": ("REQUESTED",),
    "cancelHandOver": ("REQUESTED",),
    "acceptReferral": ("REQUESTED",),
    "refuseReferral": ("REQUESTED", "ACCEPTED"),
    "admitCase": ("REQUESTED", "ACCEPTED", "IN_TRANSFER"),
    "startTransfer": ("ACCEPTED",),
    "dischargeCase": ("ADMITTED",),
    "verifyReleaseTest": ("SENT",),
    "refuseReleaseTest": ("SENT",),
    "signCertificate": ("AWAITING_SIGNATURE",),
    "signCertificates": ("AWAITING_SIGNATURE",),
    "revokeCertificate": ("SIGNED",),
}
"""The states in which an act is possible: what is in one of them is drawn more often than chance would."""
_GIVEN = {"answers": 0.9, "stationId": 0.2, "version": 0.2, "keepVersion": 0.1, "mergeVersion": 0.1, "seen": 0.1}
"""How often what may be left out of an input is given, where that is not as often as others."""
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
            case GraphQLInputObjectType(name="PackAnswersInput"):
                return self._answers()
            case GraphQLInputObjectType():
                return {
                    field: self._value(actor, inner.type, f"{hint}.{type_.name}.{field}", field)
                    for field, inner in type_.fields.items()
                    if isinstance(inner.type, GraphQLNonNull) or self._chance.random() < _GIVEN.get(field, 0.4)
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
            case "Boolean" if argument == "consent":
                return chance.random() < 0.9
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
        if argument == "kind" and "releasetest" in hint:
            return "rapid_antigen"
        if argument == "fullname" and ("correctperson" in hint or "completedeclaration" in hint):
            return name(chance.randrange(max(1, self.grove.people)))
        if argument == "code" and "certificate" in hint:
            return chance.choice(list(self.oracle.rows.certificates) or ["x"])
        if argument in ("after", "before"):
            return chance.choice([*self.cursors, "nothing"])
        if "receipt" in hint or (argument == "code" and "area" not in hint and "verify" not in hint):
            own = [code for code, key in self.oracle.receipts.items() if key == self.oracle.key(actor)]
            return chance.choice((own if chance.random() < 0.5 else []) or list(self.oracle.receipts) or ["x"])
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
        name = {"Hospital": "Station", "Photo": "Evidence"}.get(kind, kind)
        if self._chance.random() < 0.05:
            return global_id(name, uuid4())
        keys = self._keys(kind, actor)
        own = [key for key in keys if self._is_own(actor, key)] if self._chance.random() < 0.6 else []
        states = READY.get(hint.partition(".")[0])
        ready = [key for key in own or keys if self._state(key) in states] if states else []
        drawn = (ready if self._chance.random() < 0.8 else []) or own or keys
        return global_id(name, self._chance.choice(drawn)) if drawn else global_id(name, uuid4())

    def _state(self, key: Any) -> str | None:
        rows = self.oracle.rows
        if key in rows.belongings:
            return rows.belongings[key].state
        found = rows.cases.get(key) or rows.alerts.get(key) or rows.declarations.get(key)
        return found["state"] if found else None

    def _kind(self, hint: str, argument: str) -> str:
        if self._chance.random() < 0.06:
            return self._chance.choice(KINDS)
        if argument.lower() in _KIND_OF_ARGUMENT:
            return _KIND_OF_ARGUMENT[argument.lower()]
        if hint.startswith("node."):
            return self._chance.choice(KINDS)
        folded = f"{argument} {hint}".lower()
        return next((kind for word, kind in _KIND_OF_HINT if word in folded), self._chance.choice(KINDS))

    def _keys(self, kind: str, actor: Actor) -> list[Any]:
        rows = self.oracle.rows
        match kind:
            case "Area":
                return list(self.grove.parents)
            case "Station":
                return list(rows.watched["station"])
            case "Hospital":
                return self.grove.hospitals
            case "Alert":
                return list(rows.alerts)
            case "Case":
                return list(rows.cases)
            case "Declaration":
                return list(rows.declarations)
            case "Duty":
                return list(rows.duties)
            case "Evidence":
                mine = [id for id, owner in rows.uploads.items() if owner == owner_of(actor)]
                return mine if mine and self._chance.random() < 0.8 else [*rows.uploads, *rows.photos]
            case "Photo":
                return list(rows.photos)
            case "Account":
                return list(rows.accounts)
        return [id for id, one in rows.belongings.items() if one.kind == _KIND_OF_BELONGING[kind]]

    def _is_own(self, actor: Actor, key: Any) -> bool:
        if isinstance(key, str):
            return key in self.grove.hospitals or self.grove.below(key.removesuffix("-st"), actor.area_id)
        if key in self.oracle.rows.uploads:
            return self.oracle.rows.uploads[key] == owner_of(actor)
        if key in self.oracle.rows.accounts:
            return self.grove.below(self.oracle.rows.accounts[key]["area_id"], actor.area_id)
        if key in self.oracle.rows.duties:
            return self.oracle.keeps(actor, key)
        return self.oracle.sees(actor, key)

    def _answers(self) -> dict[str, Any]:
        """What was asked where a pack is given: that there is nothing against it, mostly."""
        today = self.grove.runtime.clock.day()
        return {
            "onsetOn": (today - timedelta(days=self._chance.choice([1, 1, 3]))).isoformat(),
            "pregnant": self._chance.random() < 0.1,
            "breastfeeding": False,
            "vitals": {"spo2": 97, "respiratoryRate": 18},
        }

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
