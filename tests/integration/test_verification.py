"""Proving a phone, against a real database."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from access.actor import ANONYMOUS, Actor
from access.authenticate import authenticate
from alerts.outbox import place
from models.account import Session
from models.audit import Audit
from models.database import service_connection
from models.outbox_message import OutboxMessage
from models.state import MessageState
from models.verification import Verification
from services.declare import declare
from services.limit import Limiter
from services.limit_memory import MemoryCounters
from services.limit_rules import Rule
from services.problem import InvalidCode, InvalidInput, TooManyRequests
from services.request_verification import request_verification
from services.runtime import Runtime
from services.verify_phone import verify_phone
from tests.integration.conftest import MOMENT
from tests.integration.made import household, person, wards
from tests.integration.statements import statements

HERE, THERE = (replace(ANONYMOUS, origin=place) for place in ("here", "there"))
PHONE = "0912345678"
SAME = "+84 912 345 678"
OTHER = "0987654321"


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    """With limits as a serving process has them."""
    return replace(runtime, limits=Limiter(MemoryCounters(), runtime.pseudonymiser.counted))


def at(runtime: Runtime, **later: float) -> None:
    """Moves the installation's clock."""
    runtime.clock.follow(MOMENT + timedelta(**later), timedelta())


async def messages(runtime: Runtime) -> list[tuple[str, str]]:
    """Recipient and text of what waits in the outbox, in the order in which it was written."""
    rows = await OutboxMessage.all().order_by("id").using_db(service_connection())
    opened = [runtime.sealer.open(place(row.id), row.sealed) for row in rows]
    return [(str(one["to"]), str(one["body"])) for one in opened]


async def code_of(runtime: Runtime) -> str:
    """The newest code that was sent."""
    (code,) = re.findall(r"\b\d{6}\b", (await messages(runtime))[-1][1])
    return str(code)


async def ask(runtime: Runtime, phone: str = PHONE) -> str:
    """Asks for a code, and reads it off the phone."""
    await request_verification(runtime, ANONYMOUS, phone)
    return await code_of(runtime)


async def tries_left(runtime: Runtime, code: str, phone: str = PHONE, who: Actor = HERE) -> int | None:
    """What a code that is refused leaves."""
    with pytest.raises(InvalidCode) as refused:
        await verify_phone(runtime, who, phone, code)
    return refused.value.tries_left


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_a_code_goes_to_the_phone_in_one_short_text_without_accents(runtime: Runtime) -> None:
    sent = await request_verification(runtime, ANONYMOUS, SAME)
    ((to, text),) = await messages(runtime)
    assert to == "+84912345678"
    assert text.isascii()
    assert len(text) <= 160
    assert re.search(r"\b\d{6}\b", text)
    assert sent.resend_after == 60
    assert timedelta(minutes=5) <= sent.expires_at - MOMENT < timedelta(minutes=6)


async def test_neither_phone_nor_code_stands_in_a_table(runtime: Runtime) -> None:
    code = await ask(runtime)
    stored = await Verification.get(using_db=service_connection())
    message = await OutboxMessage.get(using_db=service_connection())
    assert code not in (stored.code_hash, stored.phone_hash)
    assert b"912345678" not in message.sealed
    assert code.encode() not in message.sealed


async def test_a_number_that_is_none_is_refused(runtime: Runtime) -> None:
    for phone in ("12", "", "\0", "0912\ud800", "9" * 400):
        with pytest.raises(InvalidInput):
            await request_verification(runtime, ANONYMOUS, phone)
        with pytest.raises(InvalidInput):
            await verify_phone(runtime, ANONYMOUS, phone, "123456")
    assert await messages(runtime) == []


async def test_another_code_has_to_wait_a_minute_for_each_phone(runtime: Runtime) -> None:
    await ask(runtime)
    with pytest.raises(TooManyRequests) as refused:
        await request_verification(runtime, ANONYMOUS, SAME)
    assert 55 <= refused.value.retry_after <= 60
    await request_verification(runtime, ANONYMOUS, OTHER)
    at(runtime, seconds=61)
    await request_verification(runtime, ANONYMOUS, PHONE)
    assert len(await messages(runtime)) == 3


async def test_five_codes_an_hour_and_no_more(runtime: Runtime) -> None:
    for minute in range(0, 50, 10):
        at(runtime, minutes=minute)
        await request_verification(runtime, ANONYMOUS, PHONE)
    at(runtime, minutes=50)
    with pytest.raises(TooManyRequests) as refused:
        await request_verification(runtime, ANONYMOUS, PHONE)
    assert 590 <= refused.value.retry_after <= 601
    at(runtime, minutes=60, seconds=30)
    await request_verification(runtime, ANONYMOUS, PHONE)


async def test_of_many_who_ask_at_once_one_gets_a_code(runtime: Runtime) -> None:
    answers = await asyncio.gather(
        *(request_verification(runtime, ANONYMOUS, PHONE) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(answer, TooManyRequests) for answer in answers) == 7
    assert len(await messages(runtime)) == 1


async def test_a_clock_that_was_moved_back_keeps_nobody_waiting(runtime: Runtime) -> None:
    await ask(runtime)
    at(runtime, days=-7)
    code = await ask(runtime)
    assert (await verify_phone(runtime, ANONYMOUS, PHONE, code)).actor.kind == "RESIDENT"


async def test_the_right_code_gives_a_resident_s_session_of_a_day(runtime: Runtime) -> None:
    code = await ask(runtime)
    signed_in = await verify_phone(runtime, ANONYMOUS, SAME, f" {code[:3]} {code[3:]} ")
    actor = await authenticate(runtime.tokens, signed_in.token, service_connection())
    assert actor == signed_in.actor
    assert (actor.kind, actor.phone_hash) == ("RESIDENT", runtime.pseudonymiser.phone("+84912345678"))
    assert abs(signed_in.session_expires_at - datetime.now(UTC) - timedelta(hours=24)) < timedelta(minutes=1)


async def test_a_code_serves_once_even_for_many_at_once(runtime: Runtime) -> None:
    code = await ask(runtime)
    answers = await asyncio.gather(
        *(verify_phone(runtime, ANONYMOUS, PHONE, code) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(answer, InvalidCode) for answer in answers) == 5
    assert await Session.all().using_db(service_connection()).count() == 1
    assert await tries_left(runtime, code) == 4


async def test_five_wrong_tries_end_a_code_even_at_once(runtime: Runtime) -> None:
    code = await ask(runtime)
    left = await asyncio.gather(*(tries_left(runtime, wrong(code)) for _ in range(5)))
    assert set(left) == {0, 1, 2, 3, 4}
    assert await tries_left(runtime, code) == 0


async def test_a_stranger_cannot_tell_a_code_that_lives_from_one_that_never_was(runtime: Runtime) -> None:
    code = await ask(runtime)
    of_one_sent = [await tries_left(runtime, wrong(code), PHONE, THERE) for _ in range(7)]
    of_none = [await tries_left(runtime, wrong(code), OTHER, THERE) for _ in range(7)]
    assert of_one_sent == of_none == [4, 3, 2, 1, 0, 0, 0]
    # Nor does the stranger see when the owner asks for another one.
    at(runtime, seconds=61)
    await request_verification(runtime, HERE, PHONE)
    assert await tries_left(runtime, wrong(code), PHONE, THERE) == 0


async def test_whoever_has_mistyped_five_times_asks_again_and_goes_on(runtime: Runtime) -> None:
    code = await ask(runtime)
    assert [await tries_left(runtime, wrong(code)) for _ in range(6)] == [4, 3, 2, 1, 0, 0]
    at(runtime, seconds=61)
    await request_verification(runtime, HERE, PHONE)
    assert (await verify_phone(runtime, HERE, PHONE, await code_of(runtime))).actor.kind == "RESIDENT"


async def test_a_refusal_takes_the_same_statements_whether_or_not_a_code_lives(runtime: Runtime) -> None:
    code = await ask(runtime)
    with statements() as of_one_sent:
        await tries_left(runtime, wrong(code))
    with statements() as of_none:
        await tries_left(runtime, wrong(code), OTHER)
    assert of_one_sent == of_none


async def test_codes_are_limited_by_address_and_tries_as_well(runtime: Runtime) -> None:
    bounds = {Rule.CODE_BY_ADDRESS: "2 per 1 hour", Rule.CODE_TRY_BY_ADDRESS: "2 per 1 hour"}
    runtime.limits = Limiter(MemoryCounters(), runtime.pseudonymiser.counted, bounds)
    for number in range(2):
        await request_verification(runtime, HERE, f"090000000{number}")
        await tries_left(runtime, "123456", f"090000000{number}")
    for refused in (
        request_verification(runtime, HERE, "0900000009"),
        verify_phone(runtime, HERE, "0900000009", "123456"),
    ):
        with pytest.raises(TooManyRequests):
            await refused
    await request_verification(runtime, THERE, "0900000009")


async def test_the_fifth_try_may_still_be_right(runtime: Runtime) -> None:
    code = await ask(runtime)
    assert [await tries_left(runtime, wrong(code)) for _ in range(4)] == [4, 3, 2, 1]
    await verify_phone(runtime, ANONYMOUS, PHONE, code)


async def test_what_cannot_be_a_code_costs_no_try(runtime: Runtime) -> None:
    code = await ask(runtime)
    for typed in ("", "12345", "1234567", "12345a", "\u0661\u0662\u0663\u0664\u0665\u0666"):
        with pytest.raises(InvalidInput):
            await verify_phone(runtime, ANONYMOUS, PHONE, typed)
    assert await tries_left(runtime, wrong(code)) == 4


async def test_a_code_ends_after_five_minutes(runtime: Runtime) -> None:
    code = await ask(runtime)
    at(runtime, minutes=5, seconds=1)
    assert await tries_left(runtime, code) == 4


async def test_only_the_newest_code_serves(runtime: Runtime) -> None:
    first = await ask(runtime)
    at(runtime, seconds=70)
    second = await ask(runtime)
    if first != second:
        assert await tries_left(runtime, first) == 4
    await verify_phone(runtime, ANONYMOUS, PHONE, second)
    assert await tries_left(runtime, first) in (3, 4)


async def test_a_code_serves_no_other_phone(runtime: Runtime) -> None:
    code = await ask(runtime)
    assert await tries_left(runtime, code, OTHER) == 4


async def test_success_and_refusal_are_in_the_audit_without_the_phone(runtime: Runtime) -> None:
    code = await ask(runtime)
    await tries_left(runtime, wrong(code))
    signed_in = await verify_phone(runtime, ANONYMOUS, PHONE, code)
    refused, verified = await Audit.all().order_by("at").using_db(service_connection())
    assert (refused.action, refused.actor) == ("verify_phone_refused", "ANONYMOUS")
    assert (verified.action, verified.actor) == ("verify_phone", "RESIDENT")
    assert verified.objects == [str(signed_in.actor.session_id)]


async def test_what_a_resident_declares_of_one_person_joins_one_case(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    resident = (await verify_phone(runtime, ANONYMOUS, PHONE, await ask(runtime))).actor
    an = person(name="Nguyễn Văn An")

    async def case_of(actor: Actor) -> object:
        return (await declare(runtime, actor, household(an, ward=ward, phone=PHONE))).people[0].case_id

    first = await case_of(resident)
    assert await case_of(resident) == first
    assert await case_of(ANONYMOUS) != first


async def test_the_message_is_queued_with_the_code_or_not_at_all(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(place: str, value: object) -> bytes:
        raise ValueError(place)

    with monkeypatch.context() as patched:
        patched.setattr(type(runtime.sealer), "seal", lambda _, place, value: broken(place, value))
        with pytest.raises(ValueError, match="outbox"):
            await request_verification(runtime, ANONYMOUS, PHONE)
    assert await Verification.all().using_db(service_connection()).count() == 0
    await request_verification(runtime, ANONYMOUS, PHONE)
    message = await OutboxMessage.get(using_db=service_connection())
    assert message.state is MessageState.QUEUED
