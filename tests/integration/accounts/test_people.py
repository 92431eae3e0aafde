"""Managing people: who sees whom, who may reset and change whom, and what it ends."""

from dataclasses import replace

import pytest

from access.actor import Actor
from access.authenticate import Unauthenticated, as_now
from access.bounds import bounds_of
from commands.outcome import OPERATOR
from models.account import Account
from models.audit import Audit
from models.database import service_connection, snapshot
from models.identifier import uuid7
from models.state import Restriction, Role
from services.change_account import NewPost, change_account
from services.disable_account import disable_account
from services.enable_account import enable_account
from services.list_people import list_people, people_by_id
from services.open_session import OpenedSession
from services.problem import Conflict, InvalidCredentials, InvalidCursor, InvalidInput, NotFound
from services.reset_password import reset_password
from services.runtime import Runtime
from services.set_password import set_password
from services.sign_in import sign_in
from tests.integration.made import account, area, wards
from tests.integration.standing import changing

PASSWORD = "a long enough password"
R = Role


@pytest.fixture
async def people(runtime: Runtime) -> dict[str, Actor]:
    """Somebody of each role at a ward, its district and the city, and a nurse and a head of another district."""
    here, there = await wards(2)
    district = await area(here.parent_id)
    city = await area(district.parent_id)
    return {
        "nurse": await account(runtime, R.STATION_STAFF, here),
        "head": await account(runtime, R.STATION_HEAD, here),
        "centre": await account(runtime, R.MEDICAL_CENTRE, district),
        "committee": await account(runtime, R.COMMITTEE, district),
        "department": await account(runtime, R.DEPARTMENT, city),
        "administrator": await account(runtime, R.ADMINISTRATOR, city),
        "other nurse": await account(runtime, R.STATION_STAFF, there),
        "other head": await account(runtime, R.STATION_HEAD, there),
        "other centre": await account(runtime, R.MEDICAL_CENTRE, await area(there.parent_id)),
    }


async def seen(people: dict[str, Actor], who: str, area_id: str | None = None) -> set[str]:
    """Whose accounts somebody sees."""
    names = {actor.account_id: name for name, actor in people.items()}
    async with snapshot(bounds_of(people[who])) as connection:
        page = await list_people(people[who], connection, area_id)
        found = await people_by_id(people[who], connection, [id for id in names if id])
    shown = {names[row.id] for row in page.items}
    if area_id is None:
        assert {names[id] for id in found} == shown, "a list and a look-up by id show the same"
    return shown


EVERYBODY = {
    *("nurse", "head", "centre", "committee", "department", "administrator"),
    *("other nurse", "other head", "other centre"),
}


@pytest.mark.parametrize(
    ("who", "whom"),
    [
        ("head", {"nurse", "head"}),
        ("centre", {"nurse", "head", "centre", "committee"}),
        ("other centre", {"other nurse", "other head", "other centre"}),
        ("department", EVERYBODY),
        ("administrator", EVERYBODY),
    ],
)
async def test_who_manages_people_sees_those_of_the_own_jurisdiction(
    people: dict[str, Actor], who: str, whom: set[str]
) -> None:
    assert await seen(people, who) == whom


@pytest.mark.parametrize("who", ["nurse", "committee"])
async def test_who_manages_nobody_sees_nobody(people: dict[str, Actor], who: str) -> None:
    with pytest.raises(NotFound):
        await seen(people, who)
    async with snapshot(bounds_of(people[who])) as connection:
        everybody = [one.account_id for one in people.values() if one.account_id]
        assert await people_by_id(people[who], connection, everybody) == {}


async def test_another_district_is_not_found(people: dict[str, Actor]) -> None:
    elsewhere = people["other centre"].area_id
    assert await seen(people, "department", elsewhere) == {"other nurse", "other head", "other centre"}
    with pytest.raises(NotFound):
        await seen(people, "centre", elsewhere)


async def test_the_list_goes_on_page_by_page(people: dict[str, Actor]) -> None:
    found, after = [], None
    async with snapshot(bounds_of(people["department"])) as connection:
        while True:
            page = await list_people(people["department"], connection, None, 2, after)
            found += [row.id for row in page.items]
            if not page.has_next:
                break
            after = page.cursors[-1]
        for cursor in ("nonsense", after and after[:-2]):
            with pytest.raises(InvalidCursor):
                await list_people(people["department"], connection, None, 2, cursor)
    assert len(found) == len(set(found)) == len(people)


RESETS = {
    "nurse": set[str](),
    "committee": set[str](),
    "head": {"nurse"},
    "centre": {"nurse", "head"},
    "department": EVERYBODY - {"department", "administrator"},
    "administrator": EVERYBODY - {"administrator"},
}


@pytest.mark.parametrize(("who", "whom"), RESETS.items())
async def test_a_password_is_reset_by_those_above_and_by_no_other(
    runtime: Runtime, people: dict[str, Actor], who: str, whom: set[str]
) -> None:
    done = set()
    for name, other in people.items():
        assert other.account_id
        try:
            await reset_password(runtime, people[who], other.account_id)
        except NotFound:
            continue
        done.add(name)
    assert done == whom


async def opened(runtime: Runtime, actor: Actor) -> tuple[OpenedSession, str]:
    """A session of an account, and its user name."""
    found = await Account.get(id=actor.account_id, using_db=service_connection())
    await set_password(runtime, OPERATOR, found.username, PASSWORD)
    return await sign_in(runtime, found.username, PASSWORD), str(found.username)


async def stands(session: OpenedSession) -> bool:
    """Whether it still opens anything."""
    try:
        await as_now(session.actor, service_connection())
    except Unauthenticated:
        return False
    return True


async def test_a_reset_ends_the_sessions_and_its_password_has_to_be_changed(
    runtime: Runtime, people: dict[str, Actor]
) -> None:
    session, name = await opened(runtime, people["nurse"])
    assert people["nurse"].account_id
    password = await reset_password(runtime, people["head"], people["nurse"].account_id)
    assert not await stands(session)
    with pytest.raises(InvalidCredentials):
        await sign_in(runtime, name, PASSWORD)
    assert (await sign_in(runtime, name, password)).actor.restriction is Restriction.PASSWORD
    act = await Audit.get(action="reset_password", using_db=service_connection())
    assert (act.account_id, act.objects) == (people["head"].account_id, [str(people["nurse"].account_id)])
    assert password not in str(act.detail)


@pytest.mark.parametrize(
    ("changed", "reason"), [({"disabled_at": "now"}, "WRONG_STATE"), ({"password_hash": None}, "NO_PASSWORD")]
)
async def test_a_disabled_account_and_one_without_a_password_are_not_reset(
    runtime: Runtime, people: dict[str, Actor], changed: dict[str, object], reason: str
) -> None:
    nurse = people["nurse"].account_id
    values = {key: runtime.clock.now() if value == "now" else value for key, value in changed.items()}
    async with changing() as connection:
        await Account.filter(id=nurse).using_db(connection).update(**values)
    assert nurse
    with pytest.raises(Conflict, match=reason):
        await reset_password(runtime, people["head"], nurse)


async def test_an_unknown_account_is_not_found(runtime: Runtime, people: dict[str, Actor]) -> None:
    with pytest.raises(NotFound):
        await reset_password(runtime, people["administrator"], uuid7())


async def test_a_disabled_account_is_out_until_it_is_enabled(runtime: Runtime, people: dict[str, Actor]) -> None:
    session, name = await opened(runtime, people["nurse"])
    assert people["nurse"].account_id
    await disable_account(runtime, people["department"], people["nurse"].account_id)
    assert not await stands(session)
    with pytest.raises(InvalidCredentials):
        await sign_in(runtime, name, PASSWORD)
    await enable_account(runtime, people["department"], people["nurse"].account_id)
    assert await stands(await sign_in(runtime, name, PASSWORD))


@pytest.mark.parametrize("who", ["nurse", "head", "centre", "committee"])
async def test_below_the_department_nobody_changes_accounts(
    runtime: Runtime, people: dict[str, Actor], who: str
) -> None:
    nurse = people["nurse"].account_id
    assert nurse
    for work in (
        disable_account(runtime, people[who], nurse),
        enable_account(runtime, people[who], nurse),
        change_account(runtime, people[who], nurse, 1, NewPost(R.STATION_HEAD)),
    ):
        with pytest.raises(NotFound):
            await work


async def test_the_department_neither_touches_nor_makes_administrators(
    runtime: Runtime, people: dict[str, Actor]
) -> None:
    department, administrator = people["department"], people["administrator"].account_id
    assert administrator
    assert people["nurse"].account_id
    with pytest.raises(NotFound):
        await disable_account(runtime, department, administrator)
    for role in (R.ADMINISTRATOR, R.DEPARTMENT):
        with pytest.raises(InvalidInput, match="ROLE_NOT_YOURS"):
            await change_account(runtime, department, people["nurse"].account_id, 1, NewPost(role, department.area_id))


async def test_who_is_moved_loses_what_is_open_and_acts_at_the_new_place(
    runtime: Runtime, people: dict[str, Actor]
) -> None:
    session, name = await opened(runtime, people["nurse"])
    there = people["other nurse"]
    assert people["nurse"].account_id
    await change_account(
        runtime, people["department"], people["nurse"].account_id, 1, NewPost(R.STATION_HEAD, there.area_id)
    )
    assert not await stands(session)
    actor = (await sign_in(runtime, name, PASSWORD)).actor
    assert (actor.role, actor.area_id, actor.station_id) == (R.STATION_HEAD, there.area_id, there.station_id)


async def test_of_two_who_change_an_account_one_comes_too_late(runtime: Runtime, people: dict[str, Actor]) -> None:
    nurse = people["nurse"].account_id
    assert nurse
    await change_account(runtime, people["department"], nurse, 1, NewPost(R.STATION_HEAD))
    with pytest.raises(Conflict, match="STALE_VERSION"):
        await change_account(runtime, people["administrator"], nurse, 1, NewPost(R.STATION_STAFF))


async def test_a_post_that_is_not_there_is_refused_with_every_fault(runtime: Runtime, people: dict[str, Actor]) -> None:
    nurse = people["nurse"].account_id
    assert nurse
    department = replace(people["department"], jurisdiction=people["centre"].jurisdiction)
    for post, codes in [
        (NewPost(R.ADMINISTRATOR, "nowhere"), {"ROLE_NOT_YOURS", "AREA_NOT_YOURS"}),
        (NewPost(area_id=people["other nurse"].area_id), {"AREA_NOT_YOURS"}),
        (NewPost(R.STATION_HEAD, people["centre"].area_id), {"NO_STATION"}),
        (NewPost(station_id=people["other nurse"].station_id), {"NO_STATION"}),
        (NewPost(R.COMMITTEE, station_id=people["nurse"].station_id), {"NO_STATION"}),
    ]:
        with pytest.raises(InvalidInput) as refused:
            await change_account(runtime, department, nurse, 1, post)
        assert {fault.code for fault in refused.value.faults} == codes
