"""Residents who declare and screens that watch while servers come and go, and what each of them was told."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp
import orjson
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.acceptance.client import PATIENCE, Api, Reply
from tests.acceptance.declaring import DECLARE, breathless, household
from tests.acceptance.test_alerts import ALERTS

AGAIN = frozenset({429, 502, 503, 504})
"""Statuses that tell a client to send the same once more."""

_AWAY = (OSError, TimeoutError, aiohttp.ClientError, ConnectionClosed, InvalidHandshake, InvalidMessage)
_PAUSE = 0.05


@dataclass
class Ledger:
    """What the clients were told, in the order in which they were told it."""

    cases: list[str] = field(default_factory=list)
    """The cases of the receipts that arrived."""
    again: Counter[str] = field(default_factory=Counter)
    """Why something was sent once more."""
    unanswered: list[Any] = field(default_factory=list)
    """Answers that neither settle a request nor say that it may be sent again."""
    heard: list[list[str]] = field(default_factory=list)
    """For each screen the cases of the alerts that it got."""
    closings: Counter[int] = field(default_factory=Counter)
    """The codes that sockets were closed with."""

    def all_heard(self) -> bool:
        """Whether every screen has an alert of every receipt."""
        return all(set(self.cases) <= set(one) for one in self.heard)


@asynccontextmanager
async def load(
    urls: Sequence[str], token: str, after: str, *, residents: int = 4, screens: int = 4, ledger: Ledger
) -> AsyncIterator[None]:
    """Declares and watches for as long as it is open; then every screen is given time to hear the rest.

    `urls` are servers of one installation, of which each client takes another when one is away.
    """
    stop = asyncio.Event()
    timeout = aiohttp.ClientTimeout(total=PATIENCE * 2)
    async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as watching:
        apis = [Api(url, session, token) for url in urls]
        ledger.heard.extend([] for _ in range(screens))
        watches = [watching.create_task(_watch(apis, after, heard, ledger)) for heard in ledger.heard]
        try:
            async with asyncio.TaskGroup() as declaring:
                for number in range(residents):
                    declaring.create_task(_declare(apis[number:] + apis[:number], ledger, stop))
                try:
                    yield
                finally:
                    stop.set()
            async with asyncio.timeout(PATIENCE * 2):
                while not ledger.all_heard():  # noqa: ASYNC110 - each screen hears by itself
                    await asyncio.sleep(_PAUSE)
        finally:
            for watch in watches:
                watch.cancel()


async def _declare(apis: Sequence[Api], ledger: Ledger, stop: asyncio.Event) -> None:
    turns = count()
    while not stop.is_set():
        sent = {"input": household(breathless())}
        reply = None
        while reply is None:
            # A resident does not give up: the same under the same key, here or elsewhere.
            reply = await _sent(apis[next(turns) % len(apis)].acting(None), sent, ledger)
        answer = reply.json.get("data") or {}
        if (answer.get("declare") or {}).get("__typename") == "Receipt":
            ledger.cases += [one["case"]["id"] for one in answer["declare"]["declarations"]]
        else:
            ledger.unanswered.append((reply.status, reply.body))


async def _sent(api: Api, sent: dict[str, Any], ledger: Ledger) -> Reply | None:
    """The answer; None where there was none, or one that says to try again."""
    try:
        reply = await api.ask(DECLARE, sent)
    except _AWAY as error:
        ledger.again[type(error).__name__] += 1
        await asyncio.sleep(_PAUSE)
        return None
    if reply.status in AGAIN:
        ledger.again[str(reply.status)] += 1
        await asyncio.sleep(_PAUSE)
        return None
    return reply


async def _watch(apis: Sequence[Api], after: str, heard: list[str], ledger: Ledger) -> None:
    for turn in count():
        try:
            async with apis[turn % len(apis)].socket() as socket:
                await socket.subscribe("1", ALERTS, {"after": after})
                while True:
                    message = orjson.loads(await socket.connection.recv())
                    if message["type"] != "next":
                        ledger.closings[0] += 1
                        break
                    event = message["payload"]["data"]["alerts"]
                    after = event["cursor"]
                    if event["change"] == "RAISED":
                        heard.append(event["alert"]["case"]["id"])
        except ConnectionClosed as closed:
            ledger.closings[closed.rcvd.code if closed.rcvd else 1006] += 1
        except (*_AWAY, AssertionError):
            ledger.closings[-1] += 1
        await asyncio.sleep(_PAUSE)
