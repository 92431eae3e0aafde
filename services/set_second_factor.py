"""Setting up one's second factor: a secret for the app, and a code of it as the proof that the app has it."""

from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.second_factor import new_secret, place, uri
from access.trail import record
from models.account import Account
from models.database import service_transaction
from services.end_sessions import end_sessions
from services.open_session import OpenedSession, open_session
from services.problem import Conflict, Current, InvalidCode, NotFound
from services.runtime import Runtime
from services.take_code import take_code


@dataclass(frozen=True, slots=True)
class BegunFactor:
    """A secret, shown this once: in base32, and as the URI that an app reads from a picture."""

    secret: str
    uri: str


async def begin_second_factor(runtime: Runtime, actor: Actor) -> BegunFactor:
    """A new secret, which counts once a code of it has confirmed it; an earlier one that was not confirmed is gone.

    Raises Conflict (SECOND_FACTOR_SET) where there is one: else whoever finds a session open could put theirs in its
    place. NotFound for whoever has no account.
    """
    secret = new_secret()
    async with service_transaction() as connection:
        account = await _own(connection, actor)
        account.totp_sealed = runtime.sealer.seal(place(account.id), {"secret": secret})
        account.totp_step = None
        await account.save(using_db=connection, update_fields=["totp_sealed", "totp_step"])
        await record(connection, actor, "begin_second_factor", runtime.clock.now(), [str(account.id)])
    return BegunFactor(secret, uri(secret, account.username))


async def confirm_second_factor(runtime: Runtime, actor: Actor, code: str) -> OpenedSession:
    """Confirms it, ends every session of the account, which were opened without it, and opens a new one.

    Raises InvalidCode, which may be tried again; Conflict (SECOND_FACTOR_SET); NotFound for whoever has no account.
    """
    async with service_transaction() as connection:
        account = await _own(connection, actor)
        if not await take_code(runtime, connection, account, code):
            raise InvalidCode(None)
        account.totp_confirmed_at = runtime.clock.now()
        await account.save(using_db=connection, update_fields=["totp_confirmed_at"])
        await record(connection, actor, "confirm_second_factor", runtime.clock.now(), [str(account.id)])
        await end_sessions(connection, account_id=account.id, reason="second_factor")
        opened = await open_session(runtime, connection, account_id=account.id, origin=actor.origin)
    runtime.hub.wake()
    return opened


async def _own(connection: AsyncpgDBClient, actor: Actor) -> Account:
    """The actor's own account, locked; the application's login cannot reach secrets."""
    account = await Account.select_for_update().using_db(connection).get_or_none(id=actor.account_id)
    if account is None:
        raise NotFound
    if account.totp_confirmed_at is not None:
        raise Conflict("SECOND_FACTOR_SET", Current("ACCOUNT", account.id))
    return account
