"""What an actor may see, from the tree's parent pointers and a table of roles: independent of the code under test."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from access.actor import Actor
from models.state import Role
from tests.integration.scope.belongings import GRANTED, Belonging
from tests.integration.scope.grove import Grove
from tests.integration.scope.planted import Household, Token, staff_name
from tests.integration.scope.rows import Rows

CARE = frozenset({Role.STATION_STAFF, Role.STATION_HEAD, Role.MEDICAL_CENTRE, Role.DEPARTMENT})
LEADS = frozenset({Role.STATION_HEAD, Role.MEDICAL_CENTRE, Role.DEPARTMENT})
EVERY = frozenset(Role)
TREATS = CARE | {Role.HOSPITAL}
"""Who sees a case that was opened to their station: the other ward's people, and a hospital's."""

SEES: dict[str, frozenset[Role]] = {
    "alert": CARE | {Role.COMMITTEE},
    "outline": CARE | {Role.COMMITTEE},
    "case": CARE,
    "declaration": CARE,
    "identity": CARE,
    "summary": EVERY,
    "station": EVERY,
    "account": LEADS | {Role.ADMINISTRATOR},
    "staff": CARE | {Role.COMMITTEE},
    "audit": LEADS,
    "duty": LEADS,
}
"""Which roles see each kind of thing, within their area and nowhere else."""

OPENED: dict[str, frozenset[Role]] = {
    "alert": CARE,
    "case": TREATS,
    "declaration": TREATS,
    "identity": TREATS,
    "signed": frozenset(),
}
"""Which roles see each kind of thing of a case that was opened to their station; what is signed they do not see."""


class Oracle:
    """The truth about one grove as its rows stand."""

    def __init__(self, grove: Grove, rows: Rows, *, open_wall: bool = False) -> None:
        """`rows` is what the tables hold now. `open_wall` is for the database's wall alone, which knows no roles of
        what a grant opens.
        """
        self.grove, self.rows, self._open_wall = grove, rows, open_wall

    def reaches(self, actor: Actor, kind: str, area_id: str | None) -> bool:
        """Whether the actor sees things of this kind in this area."""
        # A hospital stands in an area and sees none of it: it has the cases that it is sent, and they are `granted`.
        if actor.restriction is not None or actor.role in (None, Role.HOSPITAL):
            return False
        return actor.role in SEES[kind] and self.grove.below(area_id, actor.area_id)

    def knows(self, id: UUID) -> bool:
        """Whether it is the identifier of something that not everybody may see."""
        rows = self.rows
        objects = (rows.alerts, rows.cases, rows.areas_of_person, rows.declarations, rows.photos, rows.belongings)
        return any(id in known for known in objects)

    def sees(self, actor: Actor, id: UUID) -> bool:
        """Whether the actor may be given this identifier: of a case, of what belongs to one, or of a person."""
        own = self.own(actor)
        if alert := self.rows.alerts.get(id):
            return self.reaches(actor, "alert", alert["area_id"]) or self.granted(actor, "alert", alert["case_id"])
        if case := self.rows.cases.get(id):
            return self.reaches(actor, "outline", case["area_id"]) or id in own or self.granted(actor, "case", id)
        if declaration := self.rows.declarations.get(id):
            within = self.reaches(actor, "declaration", declaration["area_id"])
            return within or id in own or self.granted(actor, "declaration", declaration["case_id"])
        if photo := self.rows.photos.get(id):
            return self.looks(actor, photo)
        if belonging := self.rows.belongings.get(id):
            return self._sees_of_case(actor, belonging)
        return any(self.reaches(actor, "case", area) for area in self.rows.areas_of_person.get(id, ()))

    def _sees_of_case(self, actor: Actor, one: Belonging) -> bool:
        """Whether the actor may know of what belongs to a case: the signed and the tested within the area alone."""
        areas = [one.area_id, one.other] if one.kind == "transfer" else [self.rows.cases[one.case_id]["area_id"]]
        if any(self.reaches(actor, "case", area) for area in areas):
            return True
        if one.kind == "check_in" and one.other is None and self.opened(actor, one.case_id):
            return True
        if one.kind == "certificate" and one.case_id in self._ends(actor):
            return True
        if one.kind == "test" and self.goes_on(one.case_id) in {self.goes_on(case) for case in self._ends(actor)}:
            return True
        if one.kind == "referral" and actor.role is Role.HOSPITAL and not self._open_wall:
            return one.other == actor.station_id and self.granted(actor, "case", one.case_id)
        return self.granted(actor, "case" if one.kind in GRANTED else "signed", one.case_id)

    def opened(self, actor: Actor, case: UUID) -> bool:
        """Whether a case was opened from the resident's own phone: no report of somebody else's alone."""
        return case in self.own(actor) and self.rows.cases[case]["phone_hash"] == actor.phone_hash

    def goes_on(self, case: UUID) -> UUID:
        """The case that goes on for it, where it was merged: itself where it was not."""
        while case in self.rows.resting:
            case = self.rows.resting[case]
        return case

    def _ends(self, actor: Actor) -> set[UUID]:
        """The cases that were opened from the resident's own phone, and those that go on for them."""
        own = {case for case in self.own(actor) & self.rows.cases.keys() if self.opened(actor, case)}
        return own | {self.goes_on(case) for case in own}

    def names_staff(self, actor: Actor) -> bool:
        """Whether the actor is told who of the staff did something."""
        return actor.restriction is None and actor.role in SEES["staff"] | {Role.HOSPITAL}

    def certified(self, actor: Actor, code: str) -> bool:
        """Whether a certificate's code is of a case of the actor's area, or of the resident's own."""
        case = self.rows.certificates[code]
        within = self.reaches(actor, "case", self.rows.cases[case]["area_id"])
        return within or case in self._ends(actor) or self.granted(actor, "signed", case)

    def looks(self, actor: Actor, photo: Mapping[str, Any]) -> bool:
        """Whether the actor may know of a photo: as of its case, or as who has sent the declaration it is of."""
        within = self.reaches(actor, "case", self.rows.cases[photo["case_id"]]["area_id"])
        return within or self.granted(actor, "case", photo["case_id"]) or photo["declaration_id"] in self.own(actor)

    def keeps(self, actor: Actor, id: UUID) -> bool:
        """Whether the actor keeps the roster that a duty is of: a head the own station's, a centre none of a city."""
        duty = self.rows.duties[id]
        if not self.reaches(actor, "duty", duty["area_id"]):
            return False
        if actor.role is Role.STATION_HEAD:
            return (duty["level"], duty["station_id"]) == ("station", actor.station_id)
        return actor.role is Role.DEPARTMENT or duty["level"] != "city"

    def granted(self, actor: Actor, kind: str, case: UUID) -> bool:
        """Whether the case was opened to the actor's station, and the actor sees such things of it."""
        roles = TREATS if self._open_wall else OPENED[kind]
        if actor.restriction is not None or actor.role not in roles:
            return False
        return (actor.station_id or "", case) in self.rows.grants

    def own(self, actor: Actor) -> set[UUID]:
        """The declarations of a resident's household, and the cases that these belong to."""
        household = self._household(actor)
        if household is None:
            return set()
        # What was erased is nobody's any more.
        mine = [
            one
            for one in self.rows.declarations.values()
            if one["idempotency_key"] == household.key and self.rows.cases[one["case_id"]]["anonymised_at"] is None
        ]
        return {one["id"] for one in mine} | {one["case_id"] for one in mine}

    def claimable(self, actor: Actor) -> set[UUID]:
        """The cases of the household whose phone the resident has proven; its receipt may be yet to be claimed."""
        key = self.key(actor)
        return {one["case_id"] for one in self.rows.declarations.values() if one["idempotency_key"] == key}

    def key(self, actor: Actor) -> str | None:
        """The idempotency key of the household whose phone the resident has proven."""
        number = self.grove.phones.get(actor.phone_hash or "")
        return self.grove.households[number].key if number is not None else None

    def reads(self, actor: Actor, token: Token) -> bool:
        """Whether the actor may be shown something planted: of one of its people at least they may see who it is."""
        household = self._household(actor)
        if token.what == "staff":
            return self._names(actor, token)
        if household and token.number in _held(household, token):
            return True
        if household and token in self._reported(self.own(actor)):
            return True
        areas, cases = self._owners.get(_kind(token), (set(), set()))
        if any(self.granted(actor, "identity", case) for case in cases):
            return True
        return any(self.reaches(actor, "identity", area) for area in areas)

    def _names(self, actor: Actor, token: Token) -> bool:
        """Staff are named to those who see what they did, to those who keep accounts, and each to themselves."""
        keeps = actor.restriction is None and actor.role in SEES["account"]
        return keeps or self.names_staff(actor) or staff_name(token.number) == actor.display_name

    def _reported(self, own: set[UUID]) -> set[Token]:
        return {token for one in self.rows.sealed if one.declaration_id in own for token in one.tokens}

    def reveals(self, actor: Actor, case: UUID, token: Token) -> bool:
        """Whether it is of the person of a case that the actor may have revealed: a committee, within its area."""
        row = self.rows.cases.get(case)
        if row is None or actor.restriction is not None or actor.role is not Role.COMMITTEE:
            return False
        _, cases = self._owners.get(_kind(token), (set(), set()))
        return case in cases and self.grove.below(row["area_id"], actor.area_id)

    def counts(self, area_id: str, actor: Actor, disease: str) -> dict[str, int]:
        """The figures of an area of all days, of the part that the actor may see, counted row by row."""

        def within(rows: Iterable[Any], at: str | None = None) -> int:
            """How many lie there, or lay there when they were counted: what is handed over leaves that behind."""
            return sum(
                row["disease"] == disease and self.grove.below(where, area_id) and self.reaches(actor, "summary", where)
                for row in rows
                for where in [row["area_id"] if at is None else self._area_at(row, row[at])]
            )

        declarations, cases, alerts = (
            list(rows.values()) for rows in (self.rows.declarations, self.rows.cases, self.rows.alerts)
        )
        # With its report: one of a duplicate goes over to the other's case, wherever that lies, and stays counted.
        raised = [{**self.rows.declarations[one["declaration_id"]], "raised_at": one["raised_at"]} for one in alerts]
        return {
            "declared": within(declarations, "submitted_at"),
            "severe": within((one for one in declarations if one["severe"]), "submitted_at"),
            "highRisk": within((one for one in declarations if one["high_risk"]), "submitted_at"),
            "pending": within(one for one in declarations if one["handled_at"] is None),
            "confirmed": within((one for one in cases if one["confirmed_at"]), "confirmed_at"),
            "contacted": within((one for one in cases if one["contacted_at"]), "contacted_at"),
            "raised": within(raised, "raised_at"),
            "open": within(one for one in alerts if one["acknowledged_at"] is None and one["resolved_at"] is None),
            "acknowledged": within(self.rows.acknowledgements),
        }

    def _area_at(self, row: Any, at: datetime) -> str:
        """Where a case, or what belongs to one, lay at a moment, by the hand-overs since."""
        case = row.get("case_id") or row["id"]
        since = [one for one in self.rows.passed_on if one["case_id"] == case and one["answered_at"] > at]
        return str(since[0]["from_area_id"] if since else row["area_id"])

    def visible(self, actor: Actor, kind: str, area_id: str | None) -> int:
        """How many rows of a kind an actor may see of an area; of their own area for None."""
        if kind == "duty":
            top = actor.area_id if area_id is None else area_id
            going = [id for id, row in self.rows.duties.items() if row["ended_at"] is None]
            return sum(self.keeps(actor, id) and self.grove.below(self.rows.duties[id]["area_id"], top) for id in going)
        top = actor.area_id if area_id is None else area_id
        if kind in ("transfer", "referral", "certificate"):
            found = [one for one in self.rows.belongings.values() if one.kind == kind]
            return sum(self._listed(actor, one, top) for one in found)
        if kind == "own_certificate":
            return sum(case in self._ends(actor) for case in self.rows.certificates.values())
        rows: Mapping[UUID, Any] = {
            "alert": self.rows.alerts,
            "case": self.rows.cases,
            "declaration": self.rows.declarations,
        }[kind]
        if actor.kind == "RESIDENT":
            return len(self.own(actor) & rows.keys()) if kind == "declaration" else 0
        return sum(
            self.reaches(actor, kind, row["area_id"]) and self.grove.below(row["area_id"], top) for row in rows.values()
        )

    def _listed(self, actor: Actor, one: Belonging, top: str | None) -> bool:
        if actor.role is Role.HOSPITAL:
            return one.kind == "referral" and self._sees_of_case(actor, one)
        areas = [one.area_id, one.other] if one.kind == "transfer" else [self.rows.cases[one.case_id]["area_id"]]
        return any(self.reaches(actor, "case", area) and self.grove.below(area, top) for area in areas)

    def _household(self, actor: Actor) -> Household | None:
        """The household whose phone the actor has proven, before declaring or by claiming the receipt."""
        number = self.grove.phones.get(actor.phone_hash or "")
        if number is None:
            return None
        household = self.grove.households[number]
        proven = household.number in self.grove.claimed or household.key in self._verified
        return household if proven else None

    @cached_property
    def _verified(self) -> set[str]:
        return {row["idempotency_key"] for row in self.rows.submissions.values() if row["verified"]}

    @cached_property
    def receipts(self) -> dict[str, str]:
        """The idempotency key of each receipt's code."""
        return {row["receipt_code"]: row["idempotency_key"] for row in self.rows.submissions.values()}

    def holds(self, actor: Actor, receipt: str) -> bool:
        """Whether a receipt's code is of the actor's own household."""
        household = self._household(actor)
        return household is not None and household.key == self.receipts.get(receipt)

    @cached_property
    def _owners(self) -> dict[tuple[str, int], tuple[set[str], set[UUID]]]:
        """Where the owners of each planted thing are: the areas of their declarations and of their cases, and these."""
        owners: dict[tuple[str, int], tuple[set[str], set[UUID]]] = {}
        households = {household.key: household for household in self.grove.households.values()}
        for one in self.rows.declarations.values():
            household = households.get(one["idempotency_key"])
            if household is None or self.rows.cases[one["case_id"]]["anonymised_at"] is not None:
                continue
            position = one["position"]
            for thing in (
                ("household", household.number),
                ("name", household.people[position]),
                ("number", household.ids_of[position]),
            ):
                areas, cases = owners.setdefault(thing, (set(), set()))
                areas |= {one["area_id"], self.rows.cases[one["case_id"]]["area_id"]}
                cases.add(one["case_id"])
        # Who somebody is may have been put right since, or taken over from another case.
        for sealed in self.rows.sealed:
            for token in sealed.tokens:
                areas, cases = owners.setdefault(_kind(token), (set(), set()))
                areas.add(self.rows.cases[sealed.case_id]["area_id"])
                cases.add(sealed.case_id)
        return owners


def _kind(token: Token) -> tuple[str, int]:
    return ("household" if token.household else token.what, token.number)


def _held(household: Household, token: Token) -> Iterable[int]:
    if token.household:
        return (household.number,)
    return household.people if token.what == "name" else household.ids_of
