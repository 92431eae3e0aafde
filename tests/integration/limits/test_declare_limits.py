"""A storm of declarations: a carrier's thousands pass, one phone does not."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from access.actor import ANONYMOUS, Actor
from models.area import Area
from models.database import service_connection
from models.declaration import Submission
from models.state import Role
from services.declare import declare
from services.household import HouseholdReport
from services.limit import Limiter
from services.limit_memory import MemoryCounters
from services.limit_rules import Rule
from services.problem import Conflict, InvalidInput, NotFound, TooManyRequests
from services.read_receipt import read_receipt
from services.runtime import Runtime
from services.watch_alerts import watch_alerts
from services.watch_summary import watch_summary
from tests.integration.made import account, household, wards

CARRIER = replace(ANONYMOUS, origin="a carrier")
BOUNDS = {
    Rule.DECLARE_BY_PHONE: "3 per 1 hour",
    Rule.DECLARE_BY_ACCOUNT: "5 per 1 hour",
    Rule.DECLARE_BY_ADDRESS: "60 per 1 hour",
    Rule.RECEIPT_BY_ADDRESS: "2 per 1 hour",
    Rule.WATCH_BY_ACCOUNT: "2 per 1 hour",
}


class Time:
    """A clock that is moved by hand."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def time(runtime: Runtime) -> AsyncIterator[Time]:
    """The clock of the limits, which are small."""
    time = Time()
    runtime.limits = Limiter(MemoryCounters(time), runtime.pseudonymiser.counted, BOUNDS)
    yield time
    runtime.limits = Limiter()


@pytest.fixture
async def ward() -> Area:
    """A ward."""
    return (await wards(1))[0]


async def ends(runtime: Runtime, who: Actor, *reports: HouseholdReport) -> list[str]:
    """How each declare ends."""
    found = []
    for report in reports:
        try:
            found.append(type(await declare(runtime, who, report)).__name__)
        except (TooManyRequests, InvalidInput, Conflict) as refused:
            found.append(type(refused).__name__)
    return found


async def test_many_behind_one_carrier_pass_and_one_phone_is_stopped(runtime: Runtime, time: Time, ward: Area) -> None:
    many = [household(ward=ward, phone=f"09700000{number:02}") for number in range(40)]
    assert await ends(runtime, CARRIER, *many) == ["Receipt"] * 40
    one = [household(ward=ward, phone="0912345678") for _ in range(5)]
    assert await ends(runtime, CARRIER, *one) == ["Receipt"] * 3 + ["TooManyRequests"] * 2
    # Written another way, and sent from elsewhere, it is the same phone.
    elsewhere = replace(ANONYMOUS, origin="elsewhere")
    with pytest.raises(TooManyRequests) as refused:
        await declare(runtime, elsewhere, household(ward=ward, phone="+84 912 345 678"))
    assert 1 <= refused.value.retry_after <= 3600
    time.now += 3601
    assert await ends(runtime, CARRIER, household(ward=ward, phone="0912345678")) == ["Receipt"]


async def test_a_refusal_writes_nothing(runtime: Runtime, time: Time, ward: Area) -> None:
    await ends(runtime, CARRIER, *(household(ward=ward) for _ in range(6)))
    assert await Submission.all().using_db(service_connection()).count() == 3


async def test_a_repeat_counts_for_nothing_and_gets_its_receipt_though_the_phone_is_stopped(
    runtime: Runtime, time: Time, ward: Area
) -> None:
    first = household(ward=ward)
    receipt = await declare(runtime, CARRIER, first)
    assert await ends(runtime, CARRIER, *[first] * 70) == ["Receipt"] * 70
    assert await ends(runtime, CARRIER, *(household(ward=ward) for _ in range(3))) == ["Receipt"] * 2 + [
        "TooManyRequests"
    ]
    assert await declare(runtime, CARRIER, first) == receipt
    assert await ends(runtime, CARRIER, household(ward=ward, key=first.idempotency_key)) == ["TooManyRequests"]


async def test_a_form_with_faults_is_nobody_s_phone_s_but_its_address_s(
    runtime: Runtime, time: Time, ward: Area
) -> None:
    wrong = [household(ward="00000") for _ in range(10)]
    wrong = [replace(one, people=()) for one in wrong]
    assert await ends(runtime, CARRIER, *wrong) == ["InvalidInput"] * 10
    assert await ends(runtime, CARRIER, household(ward=ward)) == ["Receipt"]
    await ends(runtime, CARRIER, *wrong * 5)
    assert await ends(runtime, CARRIER, household(ward=ward)) == ["TooManyRequests"]


async def test_staff_declare_for_whoever_comes_by_their_account(runtime: Runtime, time: Time, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    assert (
        await ends(runtime, nurse, *(household(ward=ward) for _ in range(7)))
        == ["Receipt"] * 5 + ["TooManyRequests"] * 2
    )


async def test_whoever_guesses_receipts_is_stopped_and_whoever_has_one_is_not(
    runtime: Runtime, time: Time, ward: Area
) -> None:
    receipt = await declare(runtime, CARRIER, household(ward=ward))
    for _ in range(5):
        assert (await read_receipt(runtime, CARRIER.origin, receipt.code)).code == receipt.code
    for _ in range(2):
        with pytest.raises(NotFound):
            await read_receipt(runtime, CARRIER.origin, "34679-ACDEF")
    with pytest.raises(TooManyRequests):
        await read_receipt(runtime, CARRIER.origin, receipt.code)


async def test_an_account_opens_so_many_subscriptions_and_no_more(runtime: Runtime, time: Time, ward: Area) -> None:
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    figures = watch_summary(runtime, nurse)
    await anext(figures)
    await figures.aclose()
    again = watch_summary(runtime, nurse)
    await anext(again)
    await again.aclose()
    with pytest.raises(TooManyRequests):
        await anext(watch_summary(runtime, nurse))
    with pytest.raises(TooManyRequests):
        await anext(watch_alerts(runtime, nurse))
