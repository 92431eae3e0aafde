"""The accounts of a demo installation: who they are, and signing all of them in."""

import asyncio
from collections.abc import Iterable
from typing import Literal

from simulation.client import Client
from simulation.keep_alive import Endpoint
from simulation.sessions import Sessions

Level = Literal["station", "centre", "committee", "hospital", "department", "administrator"]

ADMINISTRATOR = "administrator"
DEPARTMENT = "department"

_AT_ONCE = 8


def username(level: Level, code: str) -> str:
    """The name of a demo account: by the national code of its area, as in station-26734 and committee-760."""
    return level if level in (ADMINISTRATOR, DEPARTMENT) else f"{level}-{code}"


async def sign_in(endpoint: Endpoint, names: Iterable[str], password: str) -> Sessions:
    """The sessions of the accounts, by name. Raises Refused (in a group) for a wrong name or password."""
    sessions = Sessions(endpoint, password)
    waiting = iter(dict.fromkeys(names))

    async def one_after_another() -> None:
        client = Client(endpoint)
        try:
            for name in waiting:
                await sessions.sign_in(client, name)
        finally:
            client.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(one_after_another())
    return sessions
