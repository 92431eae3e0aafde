"""Proving a phone: the code that was sent to it, for a session."""

from datetime import datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from access.trail import record
from models.database import service_transaction
from models.verification import Verification
from services.open_session import OpenedSession, open_session
from services.phone import e164
from services.phone_code import DIGITS, TRIES, recent_codes, take_turns
from services.problem import InvalidCode, InvalidInput, NotFound
from services.rehash_people import carry_grants
from services.runtime import Runtime
from triage.fault import Fault


async def verify_phone(runtime: Runtime, actor: Actor, phone: str, code: str) -> OpenedSession:
    """A resident's session for whoever knows the newest code that was sent to the phone; the code serves once.

    Raises InvalidInput, or InvalidCode with how many tries are left: 0 where another code has to be asked for.
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
    phone_hashes = runtime.pseudonymiser.phones(number)
    async with service_transaction() as connection:
        # Without turns, a thousand guesses sent at once would each be the first.
        await take_turns(connection, phone_hashes)
        now = runtime.clock.now()
        newest = next(iter(await recent_codes(connection, phone_hashes, now)), None)
        tries_left = await _try(runtime, connection, actor, newest, typed, now)
        if tries_left is None:
            return await _session(runtime, connection, phone_hashes, now)
    # Outside, for a refusal that rolls back would give the try back.
    raise InvalidCode(tries_left)


async def _try(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    actor: Actor,
    newest: Verification | None,
    typed: str,
    now: datetime,
) -> int | None:
    """Uses one try and, where it is right, the code; how many tries are left after a wrong one, None after a right."""
    if newest is None or newest.used_at or newest.expires_at <= now or newest.tries >= TRIES:
        return 0
    newest.tries += 1
    right = runtime.pseudonymiser.is_code(newest.code_hash, newest.id, typed)
    if right:
        newest.used_at = now
    await newest.save(using_db=connection, update_fields=["tries", "used_at"])
    if right:
        return None
    await record(connection, actor, "verify_phone_refused", now, [str(newest.id)])
    return TRIES - int(newest.tries)


async def _session(
    runtime: Runtime, connection: AsyncpgDBClient, phone_hashes: list[str], now: datetime
) -> OpenedSession:
    opened = await open_session(runtime, connection, phone_hash=phone_hashes[0])
    await carry_grants(connection, phone_hashes)
    await record(connection, opened.actor, "verify_phone", now, [str(opened.session_id)])
    return opened
