"""Signing in with the department's own OpenID Connect provider."""

from tortoise.expressions import Q

from access.actor import ANONYMOUS, Actor
from access.provider import InvalidToken, Proven
from models.account import Account
from models.database import service_connection
from services.admit import admit, refuse
from services.limit_rules import Rule
from services.open_session import OpenedSession
from services.problem import InvalidCredentials
from services.runtime import Runtime
from services.sign_in_tries import SignInTries


async def sign_in_with_provider(
    runtime: Runtime, id_token: str, code: str | None = None, *, caller: Actor = ANONYMOUS
) -> OpenedSession:
    """A session for the account that an ID token names. No account is made: one that is unknown here is refused.

    Raises InvalidCredentials, also where no provider is set up; SecondFactorNeeded where the account has one and the
    provider did not ask for its own; ProviderAway where its keys cannot be had; TooManyRequests.
    """
    await runtime.limits.hit(Rule.SIGN_IN_BY_ADDRESS, caller.origin)
    proven = await _prove(runtime, id_token)
    account = await _find(proven.name) if proven else None
    if proven is None or account is None or account.disabled_at is not None:
        await refuse(runtime, caller, account, "provider", proven.name if proven else "")
        raise InvalidCredentials
    # The token cannot be guessed, the code of six digits can.
    tries = SignInTries(runtime, caller, account.username)
    await tries.look_again()
    try:
        return await admit(runtime, caller, account, code, way="provider", factor_proven=proven.second_factor)
    except InvalidCredentials:
        await tries.failed()
        raise


async def _prove(runtime: Runtime, id_token: str) -> Proven | None:
    if runtime.provider is None:
        return None
    try:
        return await runtime.provider.prove(id_token)
    except InvalidToken:
        return None


async def _find(name: str) -> Account | None:
    """The one account of that name at the provider, or here; of two that could be meant, none."""
    wanted = Q(subject=name) | Q(subject__isnull=True, username=name.casefold())
    found = await Account.filter(wanted).using_db(service_connection()).limit(2)
    return found[0] if len(found) == 1 else None
