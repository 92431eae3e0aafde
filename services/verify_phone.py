"""Proving a phone: the code that was sent to it, for a session."""

from datetime import datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from models.database import service_transaction
from models.identifier import uuid7
from models.verification import Verification
from services.limit_rules import Rule
from services.open_session import OpenedSession, open_session
from services.phone import e164
from services.phone_code import DIGITS, TRIES, recent_codes, take_turns
from services.problem import InvalidCode, InvalidInput, NotFound
from services.rehash_people import carry_grants
from services.runtime import Runtime
from triage.fault import Fault

_USE = "UPDATE verification SET tries = tries + 1, used_at = coalesce($2, used_at) WHERE id = $1"


async def verify_phone(runtime: Runtime, actor: Actor, phone: str, code: str) -> OpenedSession:
    """A resident's session for whoever knows the newest code that was sent to the phone; the code serves once.

    Raises InvalidInput; InvalidCode with how many tries are left from this place, which is the same whether the code is
    wrong, old, used, or was never sent: a stranger must not learn that somebody is signing in; TooManyRequests.
    """
    if not may(actor, Action.VERIFY_PHONE):
        raise NotFound
    typed = "".join(code.split())
    number = e164(phone, runtime.phone_region)
    faults = [] if number else [Fault(("phone",), "BAD_PHONE")]
    if not (typed.isascii() and typed.isdigit() and len(typed) == DIGITS):
        faults.append(Fault(("code",), "BAD_CODE", {"digits": DIGITS}))
    if number is None or faults:
        raise InvalidInput(tuple(faults))
    await runtime.limits.hit(Rule.CODE_TRY_BY_ADDRESS, actor.origin)
    here = (Rule.CODE_TRY_BY_PHONE_AND_ADDRESS, number, actor.origin or "")
    if not await runtime.limits.left(*here):
        raise InvalidCode(0)
    phone_hashes = runtime.pseudonymiser.phones(number)
    async with service_transaction() as connection:
        # Without turns, a thousand guesses sent at once would each be the first.
        await take_turns(connection, phone_hashes)
        now = runtime.clock.now()
        newest = next(iter(await recent_codes(connection, phone_hashes, now)), None)
        if await _try(runtime, connection, actor, newest, typed, now):
            return await _session(runtime, connection, phone_hashes, now)
    # Outside, for a refusal that rolls back would give the try back.
    await runtime.limits.miss(*here)
    raise InvalidCode(await runtime.limits.left(*here))


async def _try(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    actor: Actor,
    newest: Verification | None,
    typed: str,
    now: datetime,
) -> bool:
    """Whether it is right. Uses one try and, where it is right, the code.

    Without a code that serves the same is done with one that nobody was sent, so that the answer takes as long.
    """
    serves = newest is not None and not newest.used_at and newest.expires_at > now and newest.tries < TRIES
    code = newest if newest is not None and serves else _never_sent(runtime, now)
    right = runtime.pseudonymiser.is_code(code.code_hash, code.id, typed) and serves
    await connection.execute_query(_USE, [code.id, now if right else None])
    if not right:
        await record(connection, actor, "verify_phone_refused", now, [str(code.id)] if serves else [])
    return right


def _never_sent(runtime: Runtime, now: datetime) -> Verification:
    id = uuid7()
    return Verification(id=id, code_hash=runtime.pseudonymiser.code(id, ""), expires_at=now)


async def _session(
    runtime: Runtime, connection: AsyncpgDBClient, phone_hashes: list[str], now: datetime
) -> OpenedSession:
    opened = await open_session(runtime, connection, phone_hash=phone_hashes[0])
    await carry_grants(connection, phone_hashes)
    await record(connection, opened.actor, "verify_phone", now, [str(opened.session_id)])
    return opened
