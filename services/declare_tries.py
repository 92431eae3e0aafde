"""How much one phone, one account and one address may declare."""

from access.actor import Actor
from services.limit_rules import Rule
from services.runtime import Runtime


class DeclareTries:
    """One call of declare, counted; a call whose form has faults is nobody's phone's, for it may be a slip."""

    def __init__(self, runtime: Runtime, actor: Actor, phone: str | None) -> None:
        """`phone` in E.164 form; staff declare for whoever comes, so they count by their account instead."""
        self._limits = runtime.limits
        self._keys = [(Rule.DECLARE_BY_ADDRESS, actor.origin)]
        if actor.account_id is not None:
            self._keys.append((Rule.DECLARE_BY_ACCOUNT, str(actor.account_id)))
        else:
            self._keys.append((Rule.DECLARE_BY_PHONE, phone))

    async def begin(self) -> None:
        """Counts it. Raises TooManyRequests."""
        for rule, key in self._keys:
            await self._limits.hit(rule, key)

    async def give_back(self) -> None:
        """It was the repeat of a call that is counted already."""
        for rule, key in self._keys:
            await self._limits.give_back(rule, key)
