"""Somebody has a case in hand, and nobody else calls the same person meanwhile."""

from datetime import timedelta

import pytest

from access.actor import Actor
from models.area import Area
from models.audit import Audit
from models.database import service_connection
from models.state import CaseEventKind, Role
from services.claim import CLAIM, claim, claimant
from services.confirm import confirm
from services.dismiss import DismissReason, dismiss
from services.problem import Conflict, NotFound
from services.release_claim import release_claim
from services.runtime import Runtime
from tests.integration.conftest import MOMENT
from tests.integration.lifecycle.opened import events, now_is, opened
from tests.integration.made import account, wards


@pytest.fixture
async def ward() -> Area:
    """A ward."""
    return (await wards())[0]


@pytest.fixture
async def nurse(runtime: Runtime, ward: Area) -> Actor:
    """Somebody at the ward's station."""
    return await account(runtime, Role.STATION_STAFF, ward)


@pytest.fixture
async def doctor(runtime: Runtime, ward: Area) -> Actor:
    """Somebody else there."""
    return await account(runtime, Role.STATION_HEAD, ward)


def later(runtime: Runtime, by: timedelta) -> None:
    """Puts the clock so long after the declarations."""
    runtime.clock.follow(MOMENT + by, timedelta())


async def test_whoever_claims_has_it_and_others_are_told_who(
    runtime: Runtime, ward: Area, nurse: Actor, doctor: Actor
) -> None:
    id = await opened(runtime, ward)
    case = await claim(runtime, nurse, id, 1)
    assert claimant(case, runtime) == nurse.account_id
    assert case.claimed_until is not None
    assert timedelta(0) <= runtime.clock.now() + CLAIM - case.claimed_until < timedelta(minutes=1)
    with pytest.raises(Conflict) as refused:
        await claim(runtime, doctor, id)
    assert refused.value.reason == "ALREADY_CLAIMED"
    assert refused.value.values == {"account_id": nurse.account_id, "until": case.claimed_until}
    with pytest.raises(Conflict) as kept:
        await release_claim(runtime, doctor, id)
    assert kept.value.reason == "ALREADY_CLAIMED"
    assert (await now_is(id)).claimed_by == nurse.account_id


async def test_a_claim_is_over_by_itself(runtime: Runtime, ward: Area, nurse: Actor, doctor: Actor) -> None:
    id = await opened(runtime, ward)
    await claim(runtime, nurse, id)
    later(runtime, CLAIM - timedelta(minutes=1))
    with pytest.raises(Conflict):
        await claim(runtime, doctor, id)
    later(runtime, CLAIM + timedelta(minutes=1))
    assert claimant(await now_is(id), runtime) is None
    assert claimant(await claim(runtime, doctor, id), runtime) == doctor.account_id
    with pytest.raises(Conflict):
        await release_claim(runtime, nurse, id)


async def test_asking_again_holds_it_for_longer_and_is_no_change(runtime: Runtime, ward: Area, nurse: Actor) -> None:
    id = await opened(runtime, ward)
    first = await claim(runtime, nurse, id, 1)
    later(runtime, timedelta(minutes=15))
    # The version is that of before: an answer that was lost on its way is asked for again as it was.
    again = await claim(runtime, nurse, id, 1)
    assert again.claimed_until is not None
    assert again.claimed_until > MOMENT + CLAIM + timedelta(minutes=14)
    assert again.version == first.version == 2
    assert [event.kind for event in await events(id)] == [CaseEventKind.CLAIMED]


async def test_whoever_has_it_gives_it_out_of_hand(runtime: Runtime, ward: Area, nurse: Actor, doctor: Actor) -> None:
    id = await opened(runtime, ward)
    await claim(runtime, nurse, id)
    case = await release_claim(runtime, nurse, id)
    assert (case.claimed_by, case.claimed_until) == (None, None)
    # To give out of hand what nobody has is no fault.
    assert (await release_claim(runtime, nurse, id)).version == case.version
    await claim(runtime, doctor, id)
    kinds = [event.kind for event in await events(id)]
    assert kinds == [CaseEventKind.CLAIMED, CaseEventKind.CLAIM_ENDED, CaseEventKind.CLAIMED]
    acts = await Audit.filter(action__in=["claim_case", "release_claim"]).using_db(service_connection())
    assert len(acts) == 3


async def test_a_claim_keeps_nobody_from_helping(runtime: Runtime, ward: Area, nurse: Actor, doctor: Actor) -> None:
    id = await opened(runtime, ward)
    await claim(runtime, nurse, id)
    await confirm(runtime, doctor, id)
    assert claimant(await now_is(id), runtime) == nurse.account_id


async def test_a_case_that_is_closed_is_in_nobodys_hand(runtime: Runtime, ward: Area, nurse: Actor) -> None:
    id = await opened(runtime, ward)
    await claim(runtime, nurse, id)
    await dismiss(runtime, nurse, id, DismissReason.PRANK)
    assert (await now_is(id)).claimed_by is None
    with pytest.raises(Conflict) as refused:
        await claim(runtime, nurse, id)
    assert refused.value.reason == "WRONG_STATE"
    assert refused.value.values["allowed"] == ()


async def test_a_claim_on_what_has_changed_is_refused(runtime: Runtime, ward: Area, nurse: Actor) -> None:
    id = await opened(runtime, ward)
    await confirm(runtime, nurse, id)
    with pytest.raises(Conflict) as refused:
        await claim(runtime, nurse, id, 1)
    assert refused.value.reason == "STALE_VERSION"
    assert (await now_is(id)).claimed_by is None


@pytest.mark.parametrize("role", [Role.COMMITTEE, Role.ADMINISTRATOR])
async def test_nobody_else_can_claim(runtime: Runtime, ward: Area, role: Role) -> None:
    id = await opened(runtime, ward)
    other = await account(runtime, role, ward)
    stranger = await account(runtime, Role.STATION_STAFF, (await wards())[1])
    for actor in (other, stranger):
        with pytest.raises(NotFound):
            await claim(runtime, actor, id)
        with pytest.raises(NotFound):
            await release_claim(runtime, actor, id)
