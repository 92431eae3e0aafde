"""Limits as arithmetic: amounts, windows, keys, and a storage that fails."""

import pytest
import structlog
from limits.aio.storage import Storage

from access.keys import Key
from access.pseudonym import Pseudonymiser
from services.limit import Limiter
from services.limit_memory import MemoryCounters
from services.limit_rules import BOUNDS, Rule, bound_of, changed_bounds
from services.problem import TooManyRequests


class Time:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def limiter(storage: Storage, **bounds: str) -> Limiter:
    return Limiter(storage, changed={Rule(name): bound for name, bound in bounds.items()})


async def refused(limits: Limiter, rule: Rule, *keys: str) -> bool:
    try:
        await limits.hit(rule, *keys)
    except TooManyRequests:
        return True
    return False


async def test_so_many_and_no_more_until_the_window_ends() -> None:
    now = Time()
    limits = limiter(MemoryCounters(now), declare_by_phone="3 per 1 hour")
    tried = [await refused(limits, Rule.DECLARE_BY_PHONE, "a") for _ in range(5)]
    assert tried == [False, False, False, True, True]
    assert not await refused(limits, Rule.DECLARE_BY_PHONE, "b")
    now.now += 3599
    assert await refused(limits, Rule.DECLARE_BY_PHONE, "a")
    now.now += 2
    assert not await refused(limits, Rule.DECLARE_BY_PHONE, "a")


async def test_rules_and_keys_are_counted_apart() -> None:
    limits = limiter(MemoryCounters(), declare_by_phone="1 per 1 hour", sign_in_by_name_and_address="1 per 1 hour")
    assert not await refused(limits, Rule.DECLARE_BY_PHONE, "a")
    assert not await refused(limits, Rule.DECLARE_BY_ADDRESS, "a")
    assert not await refused(limits, Rule.SIGN_IN_BY_NAME_AND_ADDRESS, "a", "bc")
    assert not await refused(limits, Rule.SIGN_IN_BY_NAME_AND_ADDRESS, "ab", "c")
    assert await refused(limits, Rule.SIGN_IN_BY_NAME_AND_ADDRESS, "ab", "c")


async def test_failures_are_counted_and_what_was_none_is_given_back() -> None:
    limits = limiter(MemoryCounters(), sign_in_by_name="2 per 1 hour")
    for _ in range(9):
        await limits.check(Rule.SIGN_IN_BY_NAME, "nga")
    await limits.miss(Rule.SIGN_IN_BY_NAME, "nga")
    await limits.miss(Rule.SIGN_IN_BY_NAME, "nga")
    await limits.miss(Rule.SIGN_IN_BY_NAME, "nga")
    with pytest.raises(TooManyRequests) as found:
        await limits.check(Rule.SIGN_IN_BY_NAME, "nga")
    assert 3590 <= found.value.retry_after <= 3600
    await limits.give_back(Rule.SIGN_IN_BY_NAME, "nga")
    await limits.give_back(Rule.SIGN_IN_BY_NAME, "nga")
    await limits.check(Rule.SIGN_IN_BY_NAME, "nga")


async def test_what_is_not_known_is_not_counted_and_without_a_storage_nothing_is() -> None:
    limits = limiter(MemoryCounters(), declare_by_address="1 per 1 hour")
    for _ in range(3):
        await limits.hit(Rule.DECLARE_BY_ADDRESS, None)
        await Limiter().hit(Rule.DECLARE_BY_ADDRESS, "a")


class Gone(MemoryCounters):
    """A storage that cannot be reached."""

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        raise OSError("redis://user:s3cret@broker is away")

    async def get(self, key: str) -> int:
        raise OSError("away")


async def test_a_storage_that_is_away_lets_everybody_through_and_says_so_once() -> None:
    limits = limiter(Gone(), declare_by_phone="1 per 1 hour")
    with structlog.testing.capture_logs() as logs:
        for _ in range(5):
            await limits.hit(Rule.DECLARE_BY_PHONE, "a")
            await limits.check(Rule.DECLARE_BY_PHONE, "a")
    assert logs == [{"event": "limits_not_counted", "error": "OSError", "log_level": "warning"}]


async def test_the_storage_sees_hashes_and_no_keys() -> None:
    storage = MemoryCounters()
    hashed = Pseudonymiser(Key("k", b"k" * 32))
    limits = Limiter(storage, hashed.counted)
    await limits.hit(Rule.SIGN_IN_BY_NAME, "nguyen\ud800")
    await limits.hit(Rule.DECLARE_BY_PHONE, "+84912345678")
    assert len(storage._counts) == 2
    assert not any("nguyen" in key or "912345678" in key for key in storage._counts)
    assert all(len(key) <= 200 for key in storage._counts)


async def test_memory_forgets_what_is_over_and_never_grows_beyond_its_bound() -> None:
    now = Time()
    storage = MemoryCounters(now, most=3)
    for key in "abcd":
        await storage.incr(key, 60)
    assert [await storage.get(key) for key in "abcd"] == [0, 1, 1, 1]
    now.now += 61
    assert await storage.sweep() == 3
    assert storage._counts == {}


async def test_addresses_of_one_household_have_one_hash() -> None:
    hashed = Pseudonymiser(Key("k", b"k" * 32))
    assert hashed.origin("2001:db8::1") == hashed.origin("2001:db8::2") != hashed.origin("2001:db8:0:1::1")
    assert len(hashed.origin("198.51.100.1")) <= 64


def test_every_rule_has_a_bound_in_words_that_can_be_read() -> None:
    assert set(BOUNDS) == set(Rule)
    assert all(bound_of(text).amount > 0 for text in BOUNDS.values())
    assert bound_of("10 per 15 minutes").get_expiry() == 900


def test_an_operator_changes_single_bounds() -> None:
    assert changed_bounds("") == {}
    changed = changed_bounds(" declare_by_phone = 60 per 1 hour, watch_by_account=9/minute,")
    assert changed == {Rule.DECLARE_BY_PHONE: "60 per 1 hour", Rule.WATCH_BY_ACCOUNT: "9/minute"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("declare_by_fax=1 per 1 hour", "declare_by_fax is no limit; they are sign_in_by_name_and_address,"),
        ("declare_by_phone=many", "declare_by_phone wants an amount and a time, such as 30 per 1 hour"),
        ("declare_by_phone=0 per 1 hour", "declare_by_phone wants"),
        ("declare_by_phone", "declare_by_phone wants"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        changed_bounds(text)


async def test_an_error_of_ours_is_not_taken_for_a_storage_that_is_away() -> None:
    class Broken(MemoryCounters):
        async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
            raise KeyError(key)

    with pytest.raises(KeyError):
        await limiter(Broken()).hit(Rule.DECLARE_BY_PHONE, "a")


async def test_the_short_way_to_this_process_s_memory_counts_under_the_library_s_names() -> None:
    counters = MemoryCounters()
    limits = limiter(counters, declare_by_phone="3 per 1 hour")
    await limits.hit(Rule.DECLARE_BY_PHONE, "a")
    await limits.hit(Rule.DECLARE_BY_PHONE, "a")
    assert await limits.left(Rule.DECLARE_BY_PHONE, "a") == 1
    await limits.forget(Rule.DECLARE_BY_PHONE, "a")
    assert await limits.left(Rule.DECLARE_BY_PHONE, "a") == 3
