"""Two cases of one person become one, and two again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from access.actor import ANONYMOUS, Actor
from models.alert import Alert
from models.area_count import ALL_DAYS, AreaCount
from models.case import Case
from models.case_event import CaseEvent
from models.database import service_connection
from models.declaration import Declaration
from models.person import PersonKey
from models.person_merge import PersonMerge
from models.state import AlertState, CaseEventKind, CaseState, Danger, DeclarationState, Role
from services.acknowledge import acknowledge
from services.confirm import confirm
from services.declare import declare
from services.dismiss import DismissReason, dismiss
from services.erase_person import erase_person
from services.household import PersonReport
from services.identify import Identity, opened
from services.identity_field import IdentityField
from services.merge_persons import merge_persons
from services.problem import Conflict, InvalidInput, NotFound
from services.recount import recount
from services.reroute_declaration import reroute_declaration
from services.runtime import Runtime
from services.unmerge_persons import unmerge_persons
from tests.integration.made import BREATHLESS, HEALTHY, TIRED, account, area, household, person, wards
from tests.integration.people.tables import everything
from tests.integration.residents.resident import ID_CARD, OTHER, PHONE, resident


async def reported(runtime: Runtime, who: PersonReport, phone: str = PHONE, ward_of: int = 0) -> Case:
    """A case that a proven phone has reported."""
    ward = (await wards())[ward_of]
    receipt = await declare(runtime, resident(runtime, phone), household(who, ward=ward, phone=phone))
    return await now(receipt.people[0].case_id)


async def now(case: Case | UUID) -> Case:
    return await Case.get(id=case.id if isinstance(case, Case) else case, using_db=service_connection())


async def staff_of(runtime: Runtime, role: Role = Role.STATION_STAFF) -> Actor:
    (ward, *_) = await wards()
    return await account(runtime, role, ward)


async def who(runtime: Runtime, case: Case) -> Identity:
    return opened(runtime, await now(case))


async def merged(runtime: Runtime, actor: Actor, keep: Case, merge: Case, *take: IdentityField) -> PersonMerge:
    return await merge_persons(runtime, actor, (keep.id, None), (merge.id, None), take)


GRANDMOTHER = person(TIRED, name="Trần Thị Bích")
SAME = person(replace(BREATHLESS, birth_date=date(1950, 3, 8)), name="Tran Thi Bich", national_id=ID_CARD)


async def test_the_merged_case_rests_in_the_kept_one_which_is_as_dangerous_as_either(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    await merged(runtime, staff, kept, other)
    kept, other = await now(kept), await now(other)
    assert (other.state, other.merged_into, other.state_before) == (CaseState.MERGED, kept.id, CaseState.SUSPECTED)
    assert (kept.state, kept.danger, kept.rank) == (CaseState.SUSPECTED, Danger.RED, 0)
    assert kept.person_id == other.person_id
    assert not (await recount()).differences


async def test_while_they_are_merged_the_hashes_of_both_lead_to_the_kept_case(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    merge = await merged(runtime, staff, kept, other)
    again = await reported(runtime, SAME, OTHER)
    assert again.id == kept.id
    await unmerge_persons(runtime, staff, merge.merged_case_id)
    apart = await reported(runtime, SAME, OTHER)
    assert apart.id == other.id


async def test_fields_are_chosen_from_the_other_and_the_rest_stays(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    merge = await merged(
        *(runtime, staff, kept, other), IdentityField.BIRTH, IdentityField.PHONE, IdentityField.NATIONAL_ID
    )
    chosen = await who(runtime, kept)
    assert (chosen.name, chosen.birth_date) == ("Trần Thị Bích", date(1950, 3, 8))
    assert (chosen.phone, chosen.national_id) == ("+84987654321", ID_CARD)
    row = await now(kept)
    assert row.phone_hash == other.phone_hash
    assert row.age_band == other.age_band
    await unmerge_persons(runtime, staff, merge.merged_case_id)
    assert await who(runtime, kept) == opened(runtime, kept)
    assert (await now(kept)).phone_hash == kept.phone_hash


async def test_a_field_that_was_changed_since_stays_changed(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    merge = await merged(runtime, staff, kept, other, IdentityField.NAME, IdentityField.BIRTH)
    row = await now(kept)
    identity = runtime.sealer.open(f"case:{row.id}", row.identity) | {"name": "Trần Thị Bích Ngọc"}
    row.identity = runtime.sealer.seal(f"case:{row.id}", identity)
    await row.save(using_db=service_connection())
    await unmerge_persons(runtime, staff, merge.merged_case_id)
    left = await who(runtime, kept)
    assert left.name == "Trần Thị Bích Ngọc"
    assert left.birth_date == opened(runtime, kept).birth_date


async def test_what_the_kept_case_reports_since_stays_with_it(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    merge = await merged(runtime, staff, kept, other)
    worse = await reported(runtime, person(BREATHLESS, name="Trần Thị Bích"))
    assert worse.id == kept.id
    await unmerge_persons(runtime, staff, merge.merged_case_id)
    kept, other = await now(kept), await now(other)
    assert (kept.danger, kept.rank) == (Danger.RED, 0)
    assert other.state is CaseState.SUSPECTED
    assert await Declaration.filter(case_id=kept.id).using_db(service_connection()).count() == 2
    assert not (await recount()).differences


async def test_two_episodes_become_one_persons_and_stay_two_cases(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    first = await reported(runtime, GRANDMOTHER)
    await dismiss(runtime, staff, first.id, DismissReason.NEGATIVE_TEST)
    second = await reported(runtime, SAME, OTHER)
    before = await everything(runtime)
    merge = await merged(runtime, staff, second, first)
    left, right = await now(first), await now(second)
    assert left.person_id == right.person_id
    assert (left.state, right.state) == (CaseState.NOT_A_CASE, CaseState.SUSPECTED)
    assert right.rank == second.rank
    await unmerge_persons(runtime, staff, merge.merged_case_id)
    assert await everything(runtime) == before


async def test_confirming_the_kept_case_settles_the_reports_of_both(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    await merged(runtime, staff, kept, other)
    await confirm(runtime, staff, kept.id)
    rows = await Declaration.all().using_db(service_connection())
    assert {row.state for row in rows} == {DeclarationState.ACCEPTED}
    (total,) = await AreaCount.filter(day=ALL_DAYS, area_id=kept.area_id).using_db(service_connection())
    assert (total.pending, total.confirmed, total.active) == (0, 1, 1)


async def test_what_waits_is_accepted_with_a_confirmed_case_and_waits_again_without_it(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    await confirm(runtime, staff, kept.id)
    before = await everything(runtime)
    merge = await merged(runtime, staff, kept, other)
    assert (await Declaration.get(case_id=other.id, using_db=service_connection())).state is DeclarationState.ACCEPTED
    await unmerge_persons(runtime, staff, merge.merged_case_id)
    assert await everything(runtime) == before


async def test_one_call_answers_the_alerts_of_both(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    await merged(runtime, staff, kept, other)
    alert = await Alert.filter(case_id=other.id).using_db(service_connection()).get()
    taken = await acknowledge(runtime, staff, alert.id)
    assert {one.case_id for one in taken} == {kept.id, other.id}
    assert not (await recount()).differences


async def test_dismissing_the_kept_case_ends_the_alerts_of_both(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    await merged(runtime, staff, kept, other)
    await dismiss(runtime, staff, kept.id, DismissReason.PRANK)
    alerts = await Alert.all().using_db(service_connection())
    assert {alert.state for alert in alerts} == {AlertState.RESOLVED}
    assert not (await recount()).differences


@pytest.mark.parametrize("act", ["dismiss", "confirm"])
async def test_what_rests_in_a_case_but_lies_with_another_ward_is_not_written_by_who_has_sent_it_there(
    runtime: Runtime, act: str
) -> None:
    staff = await staff_of(runtime)
    (here, there) = await wards()
    department = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    [sent] = await Declaration.filter(case_id=other.id).using_db(service_connection())
    # The sender goes on reading it by a grant; what it reads there it may not write.
    await reroute_declaration(runtime, staff, sent.id, there.id, "Nhà ở phường bên kia.")
    await merged(runtime, department, kept, other)
    if act == "dismiss":
        await dismiss(runtime, staff, kept.id, DismissReason.PRANK)
    else:
        await confirm(runtime, staff, kept.id)
    alerts = await Alert.all().using_db(service_connection())
    ended = AlertState.RESOLVED if act == "dismiss" else AlertState.RAISED
    assert {(alert.area_id, alert.state) for alert in alerts} == {(here.id, ended), (there.id, AlertState.RAISED)}
    assert (await Declaration.get(id=sent.id, using_db=service_connection())).state is DeclarationState.REROUTED
    assert not (await recount()).differences


async def test_merging_twice_is_one_merge_and_unmerging_twice_one_unmerge(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    first, second = await merged(runtime, staff, kept, other), await merged(runtime, staff, kept, other)
    assert first.id == second.id
    undone, again = (
        await unmerge_persons(runtime, staff, first.merged_case_id),
        await unmerge_persons(runtime, staff, first.merged_case_id),
    )
    assert undone.undone_at == again.undone_at
    assert not again.detail
    events = await CaseEvent.filter(case_id=kept.id).order_by("id").using_db(service_connection())
    assert [event.kind for event in events] == [CaseEventKind.MERGED, CaseEventKind.UNMERGED]


async def test_the_older_of_two_merges_waits_for_the_newer_to_be_undone(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    third = await reported(runtime, person(name="Trần Bích"), "0900000003")
    before = await everything(runtime)
    older, newer = await merged(runtime, staff, kept, other), await merged(runtime, staff, third, kept)
    with pytest.raises(Conflict) as refused:
        await unmerge_persons(runtime, staff, older.merged_case_id)
    assert (refused.value.reason, refused.value.values["merge"]) == ("NEWER_MERGE", newer.id)
    await unmerge_persons(runtime, staff, newer.merged_case_id)
    await unmerge_persons(runtime, staff, older.merged_case_id)
    assert await everything(runtime) == before


Refused = Callable[[Runtime, Actor, Case, Case], Awaitable[object]]


async def test_the_confirmed_case_is_the_one_that_is_kept(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    await confirm(runtime, staff, other.id)
    before = await everything(runtime)
    with pytest.raises(Conflict, match="KEEP_THE_OTHER"):
        await merged(runtime, staff, kept, other)
    assert await everything(runtime) == before


async def test_a_case_is_not_merged_with_itself_nor_with_one_that_rests(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    third = await reported(runtime, person(), "0900000003")
    with pytest.raises(InvalidInput, match="SAME_CASE"):
        await merged(runtime, staff, kept, kept)
    await merged(runtime, staff, kept, other)
    for keep, rests in ((third, other), (other, third)):
        with pytest.raises(Conflict, match="WRONG_STATE"):
            await merged(runtime, staff, keep, rests)


async def test_a_version_that_was_changed_since_is_refused_on_either_side(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER)
    for keep, merge in (((kept.id, 7), (other.id, 1)), ((kept.id, 1), (other.id, 7))):
        with pytest.raises(Conflict, match="STALE_VERSION"):
            await merge_persons(runtime, staff, keep, merge)


async def test_a_case_that_was_never_merged_is_not_unmerged(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    case = await reported(runtime, GRANDMOTHER)
    with pytest.raises(Conflict, match="NOT_MERGED"):
        await unmerge_persons(runtime, staff, case.id)


async def test_whoever_sees_only_one_of_the_two_merges_nothing(runtime: Runtime) -> None:
    staff = await staff_of(runtime)
    kept, other = await reported(runtime, GRANDMOTHER), await reported(runtime, SAME, OTHER, ward_of=1)
    with pytest.raises(NotFound):
        await merged(runtime, staff, kept, other)
    department = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    merge = await merged(runtime, department, kept, other)
    with pytest.raises(NotFound):
        await unmerge_persons(runtime, staff, merge.merged_case_id)
    for nobody in (resident(runtime), ANONYMOUS):
        with pytest.raises(NotFound):
            await merged(runtime, nobody, kept, other)


async def test_erasing_the_person_leaves_nothing_of_either_and_nothing_to_undo(runtime: Runtime) -> None:
    department = await account(runtime, Role.DEPARTMENT, await area("vn-79-2022-79"))
    healthy = person(HEALTHY, name="Trần Thị Bích")
    kept, other = await reported(runtime, healthy), await reported(runtime, person(name="Tran Thi Bich"), OTHER)
    merge = await merged(runtime, department, kept, other)
    runtime.clock.follow(runtime.clock.now(), timedelta())
    await erase_person(runtime, department, kept.id, "she has asked us to")
    assert (await now(kept)).anonymised_at
    assert (await now(other)).anonymised_at
    assert await PersonKey.all().using_db(service_connection()).count() == 0
    with pytest.raises(Conflict, match="ANONYMOUS"):
        await unmerge_persons(runtime, department, merge.merged_case_id)
