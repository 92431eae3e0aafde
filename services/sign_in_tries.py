"""Slowing down whoever guesses passwords, without locking out those whose they are."""

from access.actor import Actor
from models.account import Session
from models.database import service_connection
from services.limit_rules import Rule
from services.problem import TooManyRequests
from services.runtime import Runtime


class SignInTries:
    """The tries at one account's name from one place. Only those that fail are counted against the name."""

    def __init__(self, runtime: Runtime, caller: Actor, name: str) -> None:
        """`name` is the account's name as it is compared; whether there is one makes no difference."""
        self._limits, self._origin, self._name = runtime.limits, caller.origin, name

    async def begin(self) -> None:
        """Before the password is looked at. Raises TooManyRequests."""
        await self._limits.hit(Rule.SIGN_IN_BY_ADDRESS, self._origin)
        await self.look_again()

    async def look_again(self) -> None:
        """After it was: of a thousand guesses that waited together, the right one must not be told from the others.

        Raises TooManyRequests.
        """
        await self._limits.check(Rule.SIGN_IN_BY_NAME_AND_ADDRESS, self._name, self._origin or "")
        try:
            await self._limits.check(Rule.SIGN_IN_BY_NAME, self._name)
        except TooManyRequests:
            # Somebody tries this name from many places; its owner comes from where they have been before.
            if not await self._known_here():
                raise

    async def failed(self) -> None:
        """The password, or the code of the second factor, was wrong."""
        await self._limits.miss(Rule.SIGN_IN_BY_NAME_AND_ADDRESS, self._name, self._origin or "")
        await self._limits.miss(Rule.SIGN_IN_BY_NAME, self._name)

    async def _known_here(self) -> bool:
        if self._origin is None or "\0" in self._name:
            return False
        here = Session.filter(account__username=self._name, origin=self._origin).using_db(service_connection())
        return bool(await here.exists())
