"""An installation of its own, in which days go by: its server, who acts there, and its clock."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import orjson
import pytest

from commands.session import runtime_on
from models.embedded import EmbeddedPostgres
from services.runtime import Runtime
from tests.acceptance.asking import do
from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import Place, furnish, serving, sign_in
from tests.acceptance.test_verification import ask, verify


@dataclass
class Story:
    """One installation. Everybody signs in anew, for days go by between."""

    place: Place
    api: Api

    async def acting(self, name: str) -> Api:
        """An account."""
        return self.api.acting(await sign_in(self.api, name))

    async def resident(self, phone: str) -> Api:
        """Whoever holds the phone, proven anew: by the newest code, not the one of another day."""
        before = len(self._codes(phone))
        assert (await ask(self.api, phone))["__typename"] == "VerificationSent"
        codes = await until(lambda: self._codes_beyond(phone, before))
        session = await verify(self.api, phone, codes[-1])
        return self.api.acting(session["token"])

    async def _codes_beyond(self, phone: str, count: int) -> list[str]:
        codes = self._codes(phone)
        return codes if len(codes) > count else []

    def _codes(self, phone: str) -> list[str]:
        return [code for text in self.texts(phone) for code in re.findall(r"\b\d{6}\b", text)]

    def texts(self, phone: str) -> list[str]:
        """The text messages that have gone to a phone."""
        file = self.place.folder / "sms.log"
        lines = map(orjson.loads, file.read_bytes().splitlines() if file.exists() else [])
        return [line["text"] for line in lines if line["to"] == phone]

    async def sweep(self, look: Callable[[Runtime], Awaitable[object]]) -> None:
        """What the server does by itself within a minute, by another process now."""
        async with runtime_on(self.place.settings, self.place.urls) as runtime:
            await look(runtime)

    async def clock(self, moment: datetime) -> None:
        """Lets the time go by."""
        await do(await self.acting("administrator"), "moveClock", to=moment.isoformat())


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    """What is looked for, as soon as it is there: what the program does by itself it does within seconds."""
    async with asyncio.timeout(PATIENCE * 2):
        while not (found := await look()):  # noqa: ASYNC110 - what a sweep of the server does sets no event here
            await asyncio.sleep(0.1)
        return found


@asynccontextmanager
async def telling(
    postgres: EmbeddedPostgres, folders: pytest.TempPathFactory, name: str, **settings: str
) -> AsyncIterator[Story]:
    """A fresh installation of this name, and a server with these further settings."""
    urls = await postgres.database(f"khaibao_{name}", fresh=True)
    place = Place(folders.mktemp(name), urls, settings)
    await furnish(place)
    async with serving(place) as url, aiohttp.ClientSession() as session:
        yield Story(place, Api(url, session))
