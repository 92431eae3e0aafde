"""Asking for a code: whoever can read it off the phone has proven that the phone is theirs."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from access.actor import Actor
from access.policy import Action, may
from alerts import outbox
from models.database import service_transaction
from models.identifier import uuid7
from models.state import MessageKind
from models.verification import Verification
from services.limit_rules import Rule
from services.phone import e164
from services.phone_code import DIGITS, LIFETIME, RESEND_WAIT, recent_codes, seconds_to_wait, take_turns
from services.problem import InvalidInput, NotFound, TooManyRequests
from services.runtime import Runtime
from triage.fault import Fault


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code is on its way: until when it can be used, and after how many seconds another can be asked for."""

    expires_at: datetime
    resend_after: int


async def request_verification(runtime: Runtime, actor: Actor, phone: str) -> CodeSent:
    """Sends a code to a phone. The answer is the same for a phone that has declared and for one that nobody knows.

    A code that was sent before no longer serves. Raises InvalidInput, or TooManyRequests where this phone was sent one
    within the last minute or five within the last hour, and where too many were asked for from one address.
    """
    if not may(actor, Action.VERIFY_PHONE):
        raise NotFound
    await runtime.limits.hit(Rule.CODE_BY_ADDRESS, actor.origin)
    number = e164(phone, runtime.phone_region)
    if number is None:
        raise InvalidInput((Fault(("phone",), "BAD_PHONE"),))
    phone_hashes = runtime.pseudonymiser.phones(number)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    async with service_transaction() as connection:
        await take_turns(connection, phone_hashes)
        # Looked at after the turn has come: whoever waited for it would otherwise be before the one who went first.
        now = runtime.clock.now()
        sent = [one.created_at for one in await recent_codes(connection, phone_hashes, now)]
        if seconds := seconds_to_wait(sent, now):
            raise TooManyRequests(seconds)
        id = uuid7()
        await Verification.create(
            using_db=connection,
            id=id,
            phone_hash=phone_hashes[0],
            code_hash=runtime.pseudonymiser.code(id, code),
            created_at=now,
            expires_at=now + LIFETIME,
        )
        words = {"pin": code, "minutes": str(LIFETIME.seconds // 60)}
        body = runtime.wording.body(MessageKind.CODE, words)
        letter = outbox.Letter(MessageKind.CODE, outbox.Priority.CODE, number, body, now + LIFETIME)
        await outbox.put(connection, runtime.sealer, letter, now)
    runtime.wake_relay()
    # Whoever has asked for another code may try it, however often they have mistyped the last one.
    await runtime.limits.forget(Rule.CODE_TRY_BY_PHONE_AND_ADDRESS, number, actor.origin or "")
    return CodeSent(now + LIFETIME, RESEND_WAIT.seconds)
