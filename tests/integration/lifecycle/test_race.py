"""Two clients at one case, again and again: nothing is lost, nothing is overwritten, and every loser is told."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from access.actor import Actor
from access.bounds import bounds_of
from models.area import Area
from models.case import Case
from models.contact_attempt import ContactAttempt
from models.database import service_connection, snapshot
from models.state import CaseEventKind, CaseState, ContactOutcome, Role
from services.changes_since import changes_since
from services.claim import claim
from services.confirm import confirm
from services.dismiss import DismissReason, dismiss
from services.problem import Conflict
from services.record_contact import record_contact
from services.recount import recount
from services.release_claim import release_claim
from services.runtime import Runtime
from tests.integration.lifecycle.opened import events, now_is, opened
from tests.integration.made import account, wards

ROUNDS = 1_000
CASES = 40

Act = Callable[[Actor, int | None, str], Awaitable[Case]]


@pytest.fixture
async def ward() -> Area:
    """A ward."""
    return (await wards())[0]


@pytest.fixture
async def clients(runtime: Runtime, ward: Area) -> tuple[Actor, Actor]:
    """Two of the ward's station."""
    return await account(runtime, Role.STATION_STAFF, ward), await account(runtime, Role.STATION_HEAD, ward)


def acts(runtime: Runtime, id: UUID) -> dict[str, Act]:
    """What the clients do with the case; none of it ends the case."""

    async def reach(actor: Actor, version: int | None, words: str) -> Case:
        return await record_contact(runtime, actor, id, ContactOutcome.REACHED, (), words, version)

    async def miss(actor: Actor, version: int | None, words: str) -> Case:
        return await record_contact(runtime, actor, id, ContactOutcome.NO_ANSWER, (), words, version)

    async def take(actor: Actor, version: int | None, words: str) -> Case:
        return await claim(runtime, actor, id, version)

    async def give(actor: Actor, version: int | None, words: str) -> Case:
        return await release_claim(runtime, actor, id, version)

    return {"reach": reach, "miss": miss, "take": take, "give": give}


@dataclass
class Tally:
    """What came of all rounds."""

    recorded: set[str] = field(default_factory=set)
    told: dict[str, int] = field(default_factory=dict)
    changed: int = 0


async def test_two_race_on_one_case_a_thousand_times(
    runtime: Runtime, ward: Area, clients: tuple[Actor, Actor]
) -> None:
    id = await opened(runtime, ward)
    version = (await confirm(runtime, clients[0], id)).version
    drawn, possible, tally = random.Random(20220317), acts(runtime, id), Tally()
    for round in range(ROUNDS):
        names = drawn.choices(list(possible), k=2)
        # Now and then nobody says what they have seen: then both are done, one after the other.
        seen = version if drawn.random() < 0.8 else None
        asked = [
            possible[name](actor, seen, f"{round} {name} {place}")
            for place, (name, actor) in enumerate(zip(names, clients, strict=True))
        ]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for place, (name, answer) in enumerate(zip(names, answers, strict=True)):
            other = clients[1 - place]
            if isinstance(answer, Case):
                if name in ("reach", "miss"):
                    tally.recorded.add(f"{round} {name} {place}")
            else:
                assert isinstance(answer, Conflict), answer
                await _told(clients[place], other, id, answer, seen)
                tally.told[answer.reason] = tally.told.get(answer.reason, 0) + 1
        now = await now_is(id)
        done = [answer for answer in answers if isinstance(answer, Case) and answer.version > version]
        if seen is not None:
            assert len({answer.version for answer in done}) <= 1, "both have changed the version that both had seen"
        else:
            assert not any(isinstance(one, Conflict) and one.reason == "STALE_VERSION" for one in answers)
        # Whoever was answered was answered with what stands, or with what stood before the other came.
        assert max([answer.version for answer in done], default=version) == now.version
        tally.changed += now.version - version
        version = now.version
    await _account(id, tally)


async def _told(loser: Actor, winner: Actor, id: UUID, conflict: Conflict, seen: int | None) -> None:
    if conflict.reason == "ALREADY_CLAIMED":
        assert conflict.values["account_id"] == winner.account_id
        return
    assert conflict.reason == "STALE_VERSION"
    assert conflict.values["seen"] == seen
    assert isinstance(seen, int)
    version = conflict.values["version"]
    assert isinstance(version, int)
    async with snapshot(bounds_of(loser)) as connection:
        changes = await changes_since(loser, connection, id, seen, version)
    assert {line.account_id for line in changes} == {winner.account_id}
    assert [line.version for line in changes] == list(range(seen + 1, version + 1))


async def _account(id: UUID, tally: Tally) -> None:
    """Holds what stands against all that was answered."""
    lines, case = await events(id), await now_is(id)
    # Each version has its line, and each line its version: no change without a trace, no trace without a change.
    assert [line.version for line in lines] == list(range(2, case.version + 1))
    assert tally.changed == len(lines) - 1
    attempts = await ContactAttempt.filter(case_id=id).order_by("at", "id").using_db(service_connection())
    assert len(attempts) == len(tally.recorded)
    called = [line for line in lines if line.kind in (CaseEventKind.CONTACTED, CaseEventKind.NOT_REACHED)]
    assert {line.subject_id for line in called} == {attempt.id for attempt in attempts}
    unreached = 0
    for line in called:
        unreached = 0 if line.kind is CaseEventKind.CONTACTED else unreached + 1
    assert case.unreached == unreached
    held = [line for line in lines if line.kind in (CaseEventKind.CLAIMED, CaseEventKind.CLAIM_ENDED)]
    # Nobody has claimed what somebody had in hand: claims and their ends take turns.
    assert [line.kind for line in held] == [
        CaseEventKind.CLAIM_ENDED if place % 2 else CaseEventKind.CLAIMED for place in range(len(held))
    ]
    assert all(one.account_id == two.account_id for one, two in zip(held[::2], held[1::2], strict=False))
    assert tally.told["STALE_VERSION"] > ROUNDS / 4
    assert tally.told["ALREADY_CLAIMED"] > ROUNDS / 20
    assert (await recount()).differences == {}


async def test_of_two_who_decide_at_once_one_decides(
    runtime: Runtime, ward: Area, clients: tuple[Actor, Actor]
) -> None:
    nurse, doctor = clients
    for round in range(CASES):
        id = await opened(runtime, ward)
        version = 1 if round % 2 else None
        answers = await asyncio.gather(
            confirm(runtime, nurse, id, version),
            dismiss(runtime, doctor, id, DismissReason.NEGATIVE_TEST, version),
            return_exceptions=True,
        )
        [case] = [answer for answer in answers if isinstance(answer, Case)]
        [refused] = [answer for answer in answers if isinstance(answer, Conflict)]
        assert refused.reason == ("STALE_VERSION" if version else "WRONG_STATE")
        assert (await now_is(id)).state == case.state
        assert [line.state for line in await events(id)] == [case.state]
        assert case.state in (CaseState.CONFIRMED, CaseState.NOT_A_CASE)
    assert (await recount()).differences == {}
