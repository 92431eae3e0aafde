"""Letting an account in that has proven who it is: its second factor, what it has to do first, and the session."""

from dataclasses import replace
from typing import Literal

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import ANONYMOUS, Actor
from access.trail import record
from models.account import Account
from models.database import service_transaction
from models.state import Restriction, Role
from services.open_session import OpenedSession, open_session
from services.problem import InvalidCredentials, SecondFactorNeeded
from services.runtime import Runtime
from services.take_code import take_code

Way = Literal["password", "provider"]

# They see a whole city, or make the accounts of those who do: a password that was found out must not be enough.
_NEEDS_FACTOR = frozenset({Role.DEPARTMENT, Role.ADMINISTRATOR})


async def admit(
    runtime: Runtime, caller: Actor, known: Account, code: str | None, *, way: Way, factor_proven: bool = False
) -> OpenedSession:
    """A session for the account that `way` has proven; `factor_proven` where its second factor was, too.

    Raises SecondFactorNeeded without the code of an account that has one, InvalidCredentials for a wrong or used one,
    and where the account was disabled or its password changed meanwhile.
    """
    # The service's login: the application's cannot reach sessions and secrets. The account is the one that was proven.
    async with service_transaction() as connection:
        answer = await _admit(runtime, connection, caller, known, code, way, factor_proven)
    # Outside, for a refusal that rolls back would leave no trace of itself.
    if isinstance(answer, OpenedSession):
        return answer
    raise answer


async def refuse(runtime: Runtime, caller: Actor, account: Account | None, way: Way, name: str) -> None:
    """Puts a refused attempt on record, with the account where the name is known.

    Those that follow at the same name within a minute add up to one line.
    """
    if not runtime.refusals.is_first("sign_in_refused", name, account.id if account else None):
        return
    async with service_transaction() as connection:
        await _record(runtime, connection, caller, "sign_in_refused", account, way)


def factor_missing(runtime: Runtime, account: Account) -> bool:
    """Whether the account's role needs a second factor that it has not set up."""
    return runtime.second_factor_required and account.role in _NEEDS_FACTOR and account.totp_confirmed_at is None


async def _admit(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    caller: Actor,
    known: Account,
    code: str | None,
    way: Way,
    factor_proven: bool,
) -> OpenedSession | InvalidCredentials | SecondFactorNeeded:
    account = await Account.select_for_update().using_db(connection).get_or_none(id=known.id)
    # Asked again under the lock: hashing takes long, and somebody may just have been disabled.
    if account is None or account.disabled_at or (way == "password" and account.password_hash != known.password_hash):
        await _record(runtime, connection, caller, "sign_in_refused", known, way)
        return InvalidCredentials()
    if account.totp_confirmed_at and not factor_proven:
        if not (code or "").strip():
            await _record(runtime, connection, caller, "second_factor_asked", account, way)
            return SecondFactorNeeded()
        if not await take_code(runtime, connection, account, code or ""):
            await _record(runtime, connection, caller, "sign_in_refused", account, way)
            return InvalidCredentials()
        factor_proven = True
    restriction = None
    if way == "password" and account.must_change_password:
        restriction = Restriction.PASSWORD
    elif factor_missing(runtime, account) and not factor_proven:
        restriction = Restriction.SECOND_FACTOR
    opened = await open_session(
        runtime, connection, account_id=account.id, restriction=restriction, origin=caller.origin
    )
    actor = replace(opened.actor, origin=caller.origin, request_id=caller.request_id)
    detail: dict[str, object] = {"way": way, "second_factor": factor_proven}
    await record(connection, actor, "sign_in", runtime.clock.now(), [str(account.id)], detail=detail)
    return opened


async def _record(
    runtime: Runtime, connection: AsyncpgDBClient, caller: Actor, action: str, account: Account | None, way: Way
) -> None:
    # Never in the name of a session that happened to be sent along: who tries is not known.
    nobody = replace(ANONYMOUS, origin=caller.origin, request_id=caller.request_id)
    objects = [str(account.id)] if account else []
    await record(connection, nobody, action, runtime.clock.now(), objects, detail={"way": way})
