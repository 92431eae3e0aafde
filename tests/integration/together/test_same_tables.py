"""Declarations that share a transaction leave what the same ones leave one after another."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.actor import ANONYMOUS, Actor
from models.area import Area
from models.database import DatabaseUrls, service_connection
from models.declaration import Submission
from models.evidence import Evidence
from models.state import EvidenceKind, Role
from services.confirm import confirm
from services.declare import declare
from services.household import HouseholdReport
from services.receipt import Receipt
from services.recount import recount
from services.runtime import Runtime
from services.together import Together
from tests.integration.conftest import MOMENT
from tests.integration.made import BREATHLESS, HEALTHY, OLD_AND_ILL, TIRED, account, area, household, person, wards
from tests.integration.together.tables import emptied, tables
from tests.integration.together.waiting import Batches, at_once

REPORTS = (HEALTHY, TIRED, BREATHLESS, OLD_AND_ILL, replace(OLD_AND_ILL, symptoms=("fatigue",)))
PHOTOS = tuple(UUID(int=number) for number in range(1, 4))
LONG = "x" * 65
"""The name of a request that is longer than its column: what the database refuses, whoever sends it."""


@dataclass(frozen=True)
class Ill:
    """One person: of few names, numbers and photos, so that the same ones meet."""

    name: int
    number: int | None
    report: int
    photo: int | None


@dataclass(frozen=True)
class Call:
    """One call of declare, drawn from so little that calls have people, keys, photos and phones in common."""

    people: tuple[Ill, ...]
    ward: int
    phone: int
    proven: bool
    key: int | None
    fails: bool = False
    confirmed: bool = False


ILL = st.builds(
    Ill,
    st.integers(0, 2),
    st.none() | st.none() | st.integers(0, 1),
    st.integers(0, len(REPORTS) - 1),
    st.none() | st.none() | st.none() | st.integers(0, len(PHOTOS)),
)
CALLS = st.builds(
    Call,
    st.lists(ILL, min_size=1, max_size=2, unique_by=(lambda one: one.name, lambda one: one.number or object())).map(
        tuple
    ),
    st.sampled_from([0, 0, 0, 1, 2, 3]),
    st.integers(0, 3),
    st.booleans(),
    st.none() | st.none() | st.none() | st.integers(0, 1),
    confirmed=st.booleans(),
)
# Without numbers: those of a write that has failed are written at once, and of two that are one person by different
# hashes either may then be first.
FAILING = st.tuples(CALLS, st.sampled_from([False, False, False, True])).map(
    lambda drawn: replace(drawn[0], fails=drawn[1], people=tuple(replace(ill, number=None) for ill in drawn[0].people))
)


class Story:
    """Some calls that came before, and some that come at once."""

    def __init__(self, runtime: Runtime, urls: DatabaseUrls, places: list[Area], nurse: Actor) -> None:
        self.runtime, self.urls, self.places, self.nurse = runtime, urls, places, nurse

    async def told(self, before: list[Call], calls: list[Call], batches: Batches | None) -> tuple[Any, Any]:
        """What becomes of each call, and what the tables hold then; with `batches` the calls wait for each other."""
        await emptied(self.urls)
        runtime = replace(self.runtime, declaring=Together(on=False), residents_told=True)
        for photo in PHOTOS:
            await Evidence.create(
                using_db=service_connection(), id=photo, kind=EvidenceKind.TEST, created_at=MOMENT, uploaded_at=MOMENT
            )
        for number, call in enumerate(before):
            found = await self.outcome(self.sent(runtime, call, f"before {number}"))
            if call.confirmed and isinstance(found, Receipt):
                await self.outcome(partial(confirm, runtime, self.nurse, found.people[0].case_id))
        sent = [self.sent(runtime, call, f"call {number}") for number, call in enumerate(calls)]
        if batches is None:
            found = [await self.outcome(one) for one in sent]
        else:
            runtime.declaring = batches
            found = await at_once(runtime, batches, sent)
        assert (await recount()).differences == {}
        return await self.compared(found), await tables(self.runtime, self.urls)

    def sent(self, runtime: Runtime, call: Call, key: str) -> Callable[[], Awaitable[Receipt]]:
        """The call, as it is sent."""
        phone = f"+8491234567{call.phone}"
        actor = Actor("RESIDENT", phone_hash=runtime.pseudonymiser.phone(phone)) if call.proven else ANONYMOUS
        if call.fails:
            actor = replace(actor, request_id=LONG)
        return partial(declare, runtime, actor, self.report(call, phone, key))

    def report(self, call: Call, phone: str, key: str) -> HouseholdReport:
        """The household."""
        people = [
            replace(
                person(
                    REPORTS[ill.report],
                    name=f"Người {ill.name}",
                    national_id=None if ill.number is None else f"07909000{ill.number:04}",
                ),
                evidence=() if ill.photo is None else (UUID(int=ill.photo + 1),),
            )
            for ill in call.people
        ]
        ward = self.places[call.ward] if call.ward < len(self.places) else "99999"
        same = None if call.key is None else f"same {call.key}"
        return household(*people, ward=ward, phone=phone, key=same or key)

    async def outcome(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """What becomes of one call."""
        try:
            return await call()
        except Exception as error:
            return error

    async def compared(self, found: list[Any]) -> list[Any]:
        """Receipts without what was drawn: whose they are, and what they say; errors with what they complain of."""
        keys = {one.receipt_code: one.idempotency_key for one in await Submission.all().using_db(service_connection())}
        return [
            (keys[one.code], one.area_name, one.station, one.advice, [(p.state, p.assessment) for p in one.people])
            if isinstance(one, Receipt)
            else (type(one), getattr(one, "faults", None), getattr(one, "reason", None))
            for one in found
        ]


@pytest.mark.parametrize("calls", [CALLS, FAILING], ids=["none fails", "some fail"])
async def test_at_once_or_one_after_another_the_tables_are_the_same(
    runtime: Runtime, urls: DatabaseUrls, calls: st.SearchStrategy[Call]
) -> None:
    stories: list[tuple[list[Call], list[Call], int]] = []

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(calls, max_size=3), st.lists(calls, min_size=2, max_size=9), st.sampled_from([4, 256]))
    def draw(before: list[Call], now: list[Call], most: int) -> None:
        stories.append((before, now, most))

    draw()
    first, second = await wards(2)
    district = await area(first.parent_id)
    city = await Area.get(level=1, using_db=service_connection())
    story = Story(runtime, urls, [first, second, district], await account(runtime, Role.DEPARTMENT, city))
    shared = 0
    for before, now, most in stories:
        batches = Batches(most=most)
        alone = await story.told(before, now, None)
        together = await story.told(before, now, batches)
        assert together[0] == alone[0]
        for table, rows in alone[1].items():
            assert together[1][table] == rows, table
        shared += sum(size > 1 for size in batches.sizes)
    assert shared > len(stories) / 2
