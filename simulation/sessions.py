"""The sessions of a run: their tokens live for minutes and a run may take hours, so each is refreshed in time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from simulation.client import Client, Refused, Unreachable
from simulation.keep_alive import Endpoint
from simulation.made_up_address import made_up_address
from simulation.operations import REFRESH, SIGN_IN

# Of a token's life: late enough to be rare, early enough for a second try.
_PART = 0.6


async def _nobody(name: str) -> None:
    """For a run that keeps no socket open."""


class Sessions(Mapping[str, str]):
    """The newest token of each account, by the account's name."""

    def __init__(self, endpoint: Endpoint, password: str) -> None:
        self._endpoint = endpoint
        self._password = password
        self._tokens: dict[str, str] = {}
        self._refresh_tokens: dict[str, str] = {}
        self._due: dict[str, float] = {}
        self.tell: Callable[[str], Awaitable[None]] = _nobody
        """Awaited with an account's name when it has a newer token."""

    def __getitem__(self, name: str) -> str:
        """The token. Raises KeyError for an account that was not signed in."""
        return self._tokens[name]

    def __iter__(self) -> Iterator[str]:
        """The names of the accounts."""
        return iter(self._tokens)

    def __len__(self) -> int:
        """How many are signed in."""
        return len(self._tokens)

    async def sign_in(self, client: Client, name: str) -> None:
        """Opens a session. Raises Refused for a wrong name or password."""
        given = {"input": {"username": name, "password": self._password}}
        session = (await client.call(SIGN_IN, given, address=made_up_address(name)))["signIn"]
        if session["__typename"] != "Session":
            raise Refused(session["code"], f"{name}: {session['message']}")
        self._take(name, session)

    async def keep(self) -> None:
        """Refreshes each in time, until it is cancelled. Raises Refused where an account is not let in any more."""
        # No patience: a refresh token that is shown twice ends its session, also where the first answer was lost.
        impatient, patient = Client(self._endpoint, patience=0.0), Client(self._endpoint)
        try:
            while self._due:
                name = min(self._due, key=self._due.__getitem__)
                await asyncio.sleep(max(0.0, self._due[name] - time.monotonic()))
                if not await self._refreshed(impatient, name):
                    await self.sign_in(patient, name)
                await self.tell(name)
        finally:
            impatient.close()
            patient.close()

    async def _refreshed(self, client: Client, name: str) -> bool:
        try:
            given = {"input": {"refreshToken": self._refresh_tokens[name]}}
            session = (await client.call(REFRESH, given, address=made_up_address(name)))["refreshSession"]
        except (Refused, Unreachable):
            return False
        if session["__typename"] == "Session":
            self._take(name, session)
            return True
        return False

    def _take(self, name: str, session: dict[str, Any]) -> None:
        life = datetime.fromisoformat(session["expiresAt"]) - datetime.now(UTC)
        self._tokens[name], self._refresh_tokens[name] = session["token"], session["refreshToken"]
        self._due[name] = time.monotonic() + max(1.0, life.total_seconds() * _PART)
