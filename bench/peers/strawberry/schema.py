"""The measured part of the program's schema in Strawberry's types. Rows are dictionaries, read by their keys."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

import strawberry
from strawberry.schema.config import StrawberryConfig

from bench.peers.floor.work import Work


class State:
    """What the process has: its work, and the queues of whoever listens."""

    work: ClassVar[Work]
    queues: ClassVar[dict[str, set["asyncio.Queue[dict[str, Any]]"]]] = defaultdict(set)
    """By the code of the ward that is listened to; empty is all."""


@strawberry.type
class Area:
    """A place."""

    id: strawberry.ID | None
    name: str


@strawberry.type
class Case:
    """Of a case what everybody may see."""

    id: strawberry.ID
    age_band: str | None
    state: str | None
    opened_at: datetime | None
    area: Area | None


@strawberry.type
class Alert:
    """An alert."""

    id: strawberry.ID
    kind: str | None
    danger: str | None
    due_at: datetime | None
    area: Area | None
    case: Case | None


@strawberry.type
class AlertEvent:
    """What has happened to it."""

    cursor: str
    change: str
    at: datetime
    alert: Alert


@strawberry.type
class Declaration:
    """A declaration in a list."""

    id: strawberry.ID
    state: str
    danger: str | None
    severe: bool
    high_risk: bool
    submitted_at: datetime
    possible_duplicate: bool
    verified: bool


@strawberry.type
class DeclarationConnection:
    """A page."""

    nodes: list[Declaration]


@strawberry.type
class WorkItem:
    """What is to be done."""

    kind: str
    since: datetime
    due_at: datetime | None
    overdue: bool
    case: Case
    alert: Alert | None


@strawberry.type
class WorkItemConnection:
    """A page."""

    nodes: list[WorkItem]


@strawberry.type
class AlertSummary:
    """How many alerts."""

    open: int
    overdue: int


@strawberry.type
class AreaSummary:
    """What an area looks like in figures."""

    area: Area
    declared: int
    confirmed: int
    active: int
    severe: int
    high_risk: int
    alerts: AlertSummary
    children: list["AreaSummary"]


@strawberry.type
class ReceiptDeclaration:
    """One person's."""

    id: strawberry.ID
    state: str


@strawberry.type
class ReceiptStation:
    """Who will call."""

    name: str
    phone: str | None


@strawberry.type
class Receipt:
    """What whoever declares gets."""

    code: str
    advice: str
    station: ReceiptStation | None
    declarations: list[ReceiptDeclaration]


@strawberry.interface
class Problem:
    """What went wrong."""

    code: str
    message: str


@strawberry.type
class FieldProblem:
    """Where."""

    path: list[str]
    code: str
    message: str


@strawberry.type
class InvalidInput(Problem):
    """A form with faults."""

    fields: list[FieldProblem]


@strawberry.input
class ContactInput:
    """Who declares."""

    phone: str
    declared_by: str


@strawberry.input
class AddressInput:
    """Where."""

    area_code: str
    street: str


@strawberry.input
class TestInput:
    """The test."""

    kind: str
    taken_on: date


@strawberry.input
class PersonReportInput:
    """Who is ill."""

    full_name: str
    sex: str
    relation: str
    test: TestInput
    symptoms: list[str]
    conditions: list[str]
    birth_date: date | None = None
    birth_year: int | None = None
    national_id: str | None = None
    onset_on: date | None = None
    vaccine_doses: int | None = None
    pregnant: bool | None = None


@strawberry.input
class DeclareInput:
    """A household's call."""

    idempotency_key: strawberry.ID
    contact: ContactInput
    address: AddressInput
    people: list[PersonReportInput]


@strawberry.type
class Query:
    """What is read."""

    @strawberry.field
    async def declarations(self, first: int = 50) -> DeclarationConnection:
        """A page of the most dangerous."""
        return DeclarationConnection(nodes=[Declaration(**snake(row)) for row in await State.work.declarations(first)])

    @strawberry.field
    async def worklist(self, first: int = 50) -> WorkItemConnection:
        """A page of what calls."""
        return WorkItemConnection(nodes=[_item(row) for row in await State.work.worklist(first)])

    @strawberry.field
    async def area_summary(self) -> AreaSummary:
        """The city and its districts."""
        first, *children = await State.work.summary()
        return _figures(first, [_figures(child, []) for child in children])


@strawberry.type
class Mutation:
    """What is written."""

    @strawberry.mutation
    async def declare(
        self, input: DeclareInput
    ) -> Annotated[Receipt | InvalidInput, strawberry.union("DeclareResult")]:
        """Everything of one person."""
        person = input.people[0]
        receipt, event = await State.work.declare(
            input.idempotency_key, input.address.area_code, person.sex, person.symptoms, person.national_id
        )
        if event is not None:
            for queue in (*State.queues[""], *State.queues[input.address.area_code]):
                queue.put_nowait(event)
        return Receipt(
            code=receipt["code"],
            advice=receipt["advice"],
            station=ReceiptStation(**receipt["station"]),
            declarations=[ReceiptDeclaration(**one) for one in receipt["declarations"]],
        )


@strawberry.type
class Subscription:
    """What is heard."""

    @strawberry.subscription
    async def alerts(self, after: str | None = None, area_id: strawberry.ID | None = None) -> AsyncIterator[AlertEvent]:
        """Each event."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        State.queues[area_id or ""].add(queue)
        try:
            while True:
                event = await queue.get()
                alert = event["alert"]
                case = Case(
                    id=alert["case"]["id"], age_band=alert["case"]["ageBand"], state=None, opened_at=None, area=None
                )
                yield AlertEvent(
                    cursor=event["cursor"],
                    change=event["change"],
                    at=event["at"],
                    alert=Alert(
                        id=alert["id"],
                        kind=alert["kind"],
                        danger=alert["danger"],
                        due_at=alert["dueAt"],
                        area=Area(**alert["area"]),
                        case=case,
                    ),
                )
        finally:
            State.queues[area_id or ""].discard(queue)


def snake(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the floor with the names of Python's attributes."""
    names = {"highRisk": "high_risk", "submittedAt": "submitted_at", "possibleDuplicate": "possible_duplicate"}
    return {names.get(name, name): value for name, value in row.items()} | {"id": strawberry.ID(str(row["id"]))}


def _item(row: dict[str, Any]) -> WorkItem:
    case = row["case"]
    return WorkItem(
        kind=row["kind"],
        since=row["since"],
        due_at=row["dueAt"],
        overdue=row["overdue"],
        case=Case(
            id=strawberry.ID(str(case["id"])),
            age_band=case["ageBand"],
            state=case["state"],
            opened_at=case["openedAt"],
            area=Area(id=None, name=case["area"]["name"]),
        ),
        alert=Alert(
            id=strawberry.ID(str(row["alert"]["id"])), kind=None, danger=None, due_at=None, area=None, case=None
        ),
    )


def _figures(row: dict[str, Any], children: list[AreaSummary]) -> AreaSummary:
    return AreaSummary(
        area=Area(id=None, name=row["area"]["name"]),
        alerts=AlertSummary(**row["alerts"]),
        children=children,
        high_risk=row["highRisk"],
        **{name: row[name] for name in ("declared", "confirmed", "active", "severe")},
    )


schema = strawberry.Schema(Query, Mutation, Subscription, config=StrawberryConfig(auto_camel_case=True))
