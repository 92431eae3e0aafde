"""Groups of subscribers: who is in one, what they leave in the trail, and what is never shared."""

import asyncio

import orjson

from access.actor import ANONYMOUS, Actor
from alerts import log
from alerts.shared_event import SharedEvent
from graph.shareable import Shareable
from models.alert import Alert
from models.audit import Audit
from models.database import service_connection
from models.state import Role
from services.acknowledge import acknowledge
from services.claim import claim
from services.declare import declare
from services.end_sessions import end_sessions
from services.runtime import Runtime
from tests.integration.groups.screens import Screen, all_have, engine, members, nurses, until, watching
from tests.integration.made import TIRED, account, household, person, wards
from tests.integration.standing import changing

CLAIMED = "subscription { alerts { alert { case { claimedBy { name } claimedUntil allowedActions } } } }"
MAY = "subscription { alerts { change alert { case { episodes { allowedActions } } } } }"


async def alert(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    await declare(runtime, ANONYMOUS, household(person(TIRED, name="Nguyễn Thị Thử"), ward=ward))


async def test_those_of_one_post_share_and_a_committee_of_the_same_ward_has_its_own(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    staff = [Screen(actor) for actor in await nurses(runtime, 3)]
    committee = [Screen(await account(runtime, Role.COMMITTEE, ward)) for _ in range(2)]
    served = engine()
    async with watching(runtime, served, [*staff, *committee]):
        assert served.groups is not None
        assert sorted(len(group) for group in served.groups._groups.values()) == [2, 3]
        await alert(runtime)
        await all_have([*staff, *committee], 1)
    assert len({one.shared[0] for one in staff}) == len({one.shared[0] for one in committee}) == 1
    assert "Nguyễn Thị Thử".encode() in staff[0].shared[0]
    assert b'"person":null' in committee[0].shared[0]
    assert len(served.groups) == 0


async def test_what_is_switched_off_is_run_for_each(runtime: Runtime) -> None:
    screens = [Screen(actor) for actor in await nurses(runtime, 2)]
    async with watching(runtime, engine(shared=False), screens):
        await alert(runtime)
        await all_have(screens, 1)
    assert [one.shared for one in screens] == [[], []]


async def test_each_member_leaves_the_range_of_what_it_was_given_in_the_trail(runtime: Runtime) -> None:
    first, second = [Screen(actor) for actor in await nurses(runtime, 2)]
    served = engine()
    async with watching(runtime, served, [first]):
        await alert(runtime)
        await all_have([first], 1)
        async with watching(runtime, served, [second]):
            await alert(runtime)
            await all_have([first, second], 1)
            async with asyncio.timeout(10):
                await runtime.hub.caught_up(await log.position(service_connection()))
            await all_have([first], 2)
    await runtime.trail.drain()
    rows = await Audit.filter(action="watch_alerts_ended").using_db(service_connection())
    end = await log.position(service_connection())
    given = {row.account_id: (row.detail["first"], row.detail["last"], row.detail["count"]) for row in rows}
    assert given == {first.actor.account_id: (end - 1, end, 2), second.actor.account_id: (end, end, 1)}


async def test_a_member_whose_session_was_ended_is_given_nothing_of_what_comes_after(runtime: Runtime) -> None:
    stays, goes = [Screen(actor) for actor in await nurses(runtime, 2)]
    served = engine()
    async with watching(runtime, served, [stays, goes]):
        await alert(runtime)
        await all_have([stays, goes], 1)
        async with changing() as connection:
            await end_sessions(connection, session_id=goes.actor.session_id, reason="sign_out")
        # Nobody is woken: the event itself brings the news.
        await alert(runtime)
        await all_have([stays], 2)
    assert len(goes.shared) == 1
    assert [orjson.loads(body)["errors"][0]["extensions"]["code"] for body in goes.alone] == ["UNAUTHENTICATED"]


async def called_and_claimed(runtime: Runtime, actor: Actor) -> Alert:
    """An alert whose case somebody has in hand, when the hub has heard of both."""
    await alert(runtime)
    called = await Alert.get(using_db=service_connection())
    await claim(runtime, actor, called.case_id)
    async with asyncio.timeout(10):
        await runtime.hub.caught_up(await log.position(service_connection()))
    return called


async def test_a_field_that_reads_the_account_unmarked_is_shown_to_nobody_from_a_group(runtime: Runtime) -> None:
    has, sees = screens = [Screen(actor, MAY) for actor in await nurses(runtime, 2)]
    called = await called_and_claimed(runtime, has.actor)
    served = engine()
    assert served.groups is not None
    # As if somebody had forgotten to mark it.
    served.groups._operations._known[MAY, None] = Shareable(frozenset())
    async with watching(runtime, served, screens):
        await acknowledge(runtime, sees.actor, called.id)
        await all_have(screens, 1)
        assert len(served.groups) == 0
    assert [one.shared for one in screens] == [[], []]
    assert [len(one.alone) for one in screens] == [1, 1]
    assert b"RELEASE_CLAIM" in has.alone[0]
    assert b"RELEASE_CLAIM" not in sees.alone[0]


async def test_a_live_event_tells_who_has_the_case_in_hand_and_offers_it_to_nobody_else(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    has, other = screens = [Screen(actor, CLAIMED) for actor in await nurses(runtime, 2)]
    committee = Screen(await account(runtime, Role.COMMITTEE, ward), CLAIMED)
    called = await called_and_claimed(runtime, has.actor)
    served = engine()
    # What one may do is each one's own, so that nobody is in a group.
    watched = [asyncio.create_task(one.watch(runtime, served)) for one in [*screens, committee]]
    await until(lambda: runtime.hub.listeners >= len(watched))
    await acknowledge(runtime, other.actor, called.id)
    await all_have([*screens, committee], 1)
    for task in watched:
        task.cancel()
    await asyncio.gather(*watched, return_exceptions=True)
    shown = [orjson.loads(one.alone[0])["data"]["alerts"]["alert"]["case"] for one in [*screens, committee]]
    assert shown[0]["claimedBy"] == shown[1]["claimedBy"] == {"name": has.actor.display_name}
    assert "RELEASE_CLAIM" in shown[0]["allowedActions"]
    assert not {"CLAIM", "RELEASE_CLAIM"} & set(shown[1]["allowedActions"])
    # An outline has nothing of the staff's work, here as everywhere.
    assert (shown[2]["claimedBy"], shown[2]["claimedUntil"], shown[2]["allowedActions"]) == (None, None, [])


async def test_who_joins_while_the_last_member_leaves_in_the_midst_of_an_event_hears_all_that_follows(
    runtime: Runtime,
) -> None:
    first, second = [Screen(actor) for actor in await nurses(runtime, 2)]
    served = engine()
    assert served.groups is not None
    groups = served.groups._groups
    joining: list[asyncio.Task[None]] = []
    take = first.now

    def leaves(event: SharedEvent) -> bool:
        if not joining:
            # The group is about its last member: this ends it, and it must neither go on nor take anybody in.
            [group] = groups.values()
            [member] = group._members
            joining.append(asyncio.create_task(second.watch(runtime, served)))
            member.go()
            assert not groups
        return take(event)

    first.now = leaves  # type: ignore[method-assign]  # the moment that is meant is in the midst of this call
    async with watching(runtime, served, [first]):
        await alert(runtime)
        await all_have([first], 1)
        await until(lambda: members(served) == [2])
        await alert(runtime)
        await all_have([first], 2)
        await all_have([second], 1)
        joining[0].cancel()
        await asyncio.gather(*joining, return_exceptions=True)
    assert (len(first.shared), len(second.shared), first.alone, second.alone) == (2, 1, [], [])
    assert first.shared[1] == second.shared[0]
