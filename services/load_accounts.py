"""Names of accounts for many objects at once."""

from collections.abc import Collection
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.policy import Action, may
from models.account import Account
from services.batch import padded


async def account_names(actor: Actor, connection: AsyncpgDBClient, ids: Collection[UUID]) -> dict[UUID, str]:
    """What the accounts of these identifiers are called, for staff who see what those accounts did; others get none.

    Nothing but the name: whoever took an alert is to be known to all who see the alert, wherever they work, and
    whoever had a case in hand to the hospital that it was referred to.
    """
    if not (may(actor, Action.SEE_ALERTS) or may(actor, Action.SEE_CASES)):
        return {}
    rows = await Account.filter(id__in=padded(ids)).using_db(connection).values_list("id", "display_name")
    return dict(rows)
