"""Changing one's own password, which ends all that was begun with the old one."""

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.trail import record
from models.account import Account
from models.database import service_connection, service_transaction
from models.state import Restriction
from services.admit import factor_missing
from services.end_sessions import end_sessions
from services.open_session import OpenedSession, open_session
from services.password_faults import password_faults
from services.problem import InvalidCredentials, InvalidInput, NotFound
from services.runtime import Runtime
from services.sign_in_tries import SignInTries
from triage.fault import Fault


async def change_password(runtime: Runtime, actor: Actor, current: str, new: str) -> OpenedSession:
    """Sets it, ends every session of the account, this one too, and opens a new one.

    Raises InvalidInput (WEAK_PASSWORD, TOO_LONG, SAME_PASSWORD), InvalidCredentials where `current` is not the present
    password, NotFound for whoever has no account, TooManyRequests, TooManyWaiting.
    """
    # One's own account and no other; the application's login cannot reach passwords.
    account = await Account.get_or_none(id=actor.account_id, using_db=service_connection())
    if account is None:
        raise NotFound
    faults = [*password_faults(new, account.username, "new_password")]
    if new == current:
        faults.append(Fault(("new_password",), "SAME_PASSWORD"))
    if faults:
        raise InvalidInput(tuple(faults))
    # As when signing in: whoever finds a session open must not guess on here.
    tries = SignInTries(runtime, actor, account.username)
    await tries.look_again()
    if not await runtime.passwords.matches(account.password_hash, current):
        await tries.failed()
        async with service_transaction() as connection:
            await record(connection, actor, "change_password_refused", runtime.clock.now(), [str(account.id)])
        raise InvalidCredentials
    hashed = await runtime.passwords.hash(new)
    async with service_transaction() as connection:
        opened = await _change(runtime, connection, actor, account, hashed)
    runtime.hub.wake()
    return opened


async def _change(
    runtime: Runtime, connection: AsyncpgDBClient, actor: Actor, known: Account, hashed: str
) -> OpenedSession:
    account = await Account.select_for_update().using_db(connection).get(id=known.id)
    if account.disabled_at or account.password_hash != known.password_hash:
        # Somebody has reset it meanwhile: the old password proves nothing any more.
        raise InvalidCredentials
    account.password_hash = hashed
    account.must_change_password = False
    account.password_changed_at = runtime.clock.now()
    changed = ["password_hash", "must_change_password", "password_changed_at"]
    await account.save(using_db=connection, update_fields=changed)
    await record(connection, actor, "change_password", runtime.clock.now(), [str(account.id)])
    await end_sessions(connection, account_id=account.id, reason="password")
    # A session without a restriction was let in whole, perhaps by a provider's own factor: it stays so.
    still = actor.restriction is not None and factor_missing(runtime, account)
    return await open_session(
        runtime,
        connection,
        account_id=account.id,
        restriction=Restriction.SECOND_FACTOR if still else None,
        origin=actor.origin,
    )
