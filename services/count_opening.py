"""How often one account, and one address, may open subscriptions."""

from access.actor import Actor
from services.limit_rules import Rule
from services.runtime import Runtime


async def count_opening(runtime: Runtime, actor: Actor) -> None:
    """Counts the opening of a subscription, before anything is read for it. Raises TooManyRequests."""
    account = None if actor.account_id is None else str(actor.account_id)
    await runtime.limits.hit(Rule.WATCH_BY_ADDRESS, actor.origin)
    await runtime.limits.hit(Rule.WATCH_BY_ACCOUNT, account)
