"""A committee is told a name: for a reason, on record, of its own areas, and not too often."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from access.actor import ANONYMOUS, Actor
from models.area import Area
from models.audit import Audit
from models.case import Case
from models.database import service_connection
from models.state import Role
from services.declare import declare
from services.limit import Limiter
from services.limit_memory import MemoryCounters
from services.limit_rules import Rule
from services.problem import InvalidInput, NotFound, TooManyRequests
from services.reveal_person import reveal_person
from services.runtime import Runtime
from tests.integration.made import BREATHLESS, account, area, household, person, wards

WHY = "Giao thuốc tận nhà theo yêu cầu của tổ dân phố"


async def somebody(runtime: Runtime, ward: Area) -> UUID:
    """The case of Nguyễn Văn An."""
    receipt = await declare(runtime, ANONYMOUS, household(person(BREATHLESS, name="Nguyễn Văn An"), ward=ward))
    return receipt.people[0].case_id


async def committee(runtime: Runtime, ward: Area) -> Actor:
    """The committee of the ward's district."""
    return await account(runtime, Role.COMMITTEE, await area(ward.parent_id))


async def lines() -> list[Audit]:
    """What was put on record of it."""
    return await Audit.filter(action="reveal_person").using_db(service_connection())


async def test_the_name_is_told_and_the_reason_sealed_beside_it(runtime: Runtime) -> None:
    (ward,) = await wards(1)
    case, who = await somebody(runtime, ward), await committee(runtime, ward)
    found = await reveal_person(runtime, replace(who, origin="here", request_id="r1"), case, WHY)
    assert (found.name, found.phone, found.street) == ("Nguyễn Văn An", "+84912345678", "12 Lê Lợi")
    (line,) = await lines()
    assert (line.account_id, line.objects, line.area_no, line.origin) == (who.account_id, [str(case)], ward.lo, "here")
    assert line.why is not None
    assert WHY.encode() not in line.why
    assert runtime.sealer.open(f"audit:{line.id}", line.why) == {"why": WHY}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COMMITTEE])
async def test_nobody_but_a_committee_reveals(runtime: Runtime, role: Role) -> None:
    (ward,) = await wards(1)
    case = await somebody(runtime, ward)
    actor = await account(runtime, role, await area("vn-79-2022-79"))
    for who in (actor, ANONYMOUS, Actor("RESIDENT", phone_hash="x")):
        with pytest.raises(NotFound):
            await reveal_person(runtime, who, case, WHY)
    assert await lines() == []


async def test_what_lies_outside_is_not_found_like_what_is_not_there(runtime: Runtime) -> None:
    ward, far = await wards(2)
    case, who = await somebody(runtime, far), await committee(runtime, ward)
    for id in (case, uuid4()):
        with pytest.raises(NotFound):
            await reveal_person(runtime, who, id, WHY)
    assert await lines() == []


@pytest.mark.parametrize("why", ["", "   ", "ngắn quá", "1234567890 1234567890", "x" * 501, "một lý do có \0 trong đó"])
async def test_a_reason_that_says_nothing_reveals_nobody(runtime: Runtime, why: str) -> None:
    (ward,) = await wards(1)
    case, who = await somebody(runtime, ward), await committee(runtime, ward)
    with pytest.raises(InvalidInput) as refused:
        await reveal_person(runtime, who, case, why)
    assert [fault.path for fault in refused.value.faults] == [("reason",)]
    assert await lines() == []


async def test_of_an_anonymous_case_nobody_is_left_to_reveal(runtime: Runtime) -> None:
    (ward,) = await wards(1)
    case, who = await somebody(runtime, ward), await committee(runtime, ward)
    changed = Case.filter(id=case).using_db(service_connection())
    await changed.update(identity=b"", phone_hash="", anonymised_at=runtime.clock.now())
    with pytest.raises(NotFound):
        await reveal_person(runtime, who, case, WHY)


async def test_whoever_reveals_one_after_another_is_stopped(runtime: Runtime) -> None:
    (ward,) = await wards(1)
    case, who = await somebody(runtime, ward), await committee(runtime, ward)
    bounds = {Rule.REVEAL_BY_ACCOUNT: "3 per 1 hour"}
    limited = replace(runtime, limits=Limiter(MemoryCounters(), runtime.pseudonymiser.counted, bounds))
    await reveal_person(limited, who, case, WHY)
    for _ in range(2):
        with pytest.raises(NotFound):
            await reveal_person(limited, who, uuid4(), WHY)
    with pytest.raises(TooManyRequests):
        await reveal_person(limited, who, case, WHY)


async def test_whoever_cannot_be_put_on_record_is_shown_nobody(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ward,) = await wards(1)
    case, who = await somebody(runtime, ward), await committee(runtime, ward)
    seal = type(runtime.sealer).seal

    def broken(self: object, place: str, value: object) -> bytes:
        if place.startswith("audit:"):
            raise OSError("no room")
        return seal(runtime.sealer, place, value)

    monkeypatch.setattr(type(runtime.sealer), "seal", broken)
    with pytest.raises(OSError, match="no room"):
        await reveal_person(runtime, who, case, WHY)
    assert await lines() == []
