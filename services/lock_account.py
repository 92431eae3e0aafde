"""Taking hold of an account that is to be changed, for whoever may change it."""

from typing import TypeAlias
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.people import Post, may_manage
from access.policy import Action
from models.account import Account
from models.area import Area
from services.problem import NotFound

Whom: TypeAlias = UUID | str
"""An identifier, given by a client whose role and place are asked for; or a user name, given at the console."""


async def lock_account(connection: AsyncpgDBClient, actor: Actor, action: Action, whom: Whom) -> tuple[Account, int]:
    """The account, locked until the transaction ends, and its area's number.

    Raises NotFound for one that is unknown, outside, oneself, or of a role that the actor does not manage: who asks
    cannot tell which.
    """
    # The service's login sees every account: this is where it is narrowed to those that the actor manages.
    if isinstance(whom, str):
        # The console is the installation's own: it may do everything, and has no role to ask for.
        name = whom.strip().casefold()
        account = await Account.select_for_update().using_db(connection).get_or_none(username=name)
    else:
        account = await Account.select_for_update().using_db(connection).get_or_none(id=whom)
    if account is None:
        raise NotFound
    area = await Area.get(id=account.area_id, using_db=connection)
    post = Post(account.role, area.lo, account.station_id)
    if not isinstance(whom, str) and not may_manage(actor, action, account.id, post):
        raise NotFound
    return account, area.lo
