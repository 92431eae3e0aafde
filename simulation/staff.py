"""The accounts of a demo installation: who they are, and signing all of them in."""

import asyncio
from collections.abc import Iterable
from typing import Literal

from simulation.client import Client, Refused
from simulation.keep_alive import Endpoint
from simulation.made_up_address import made_up_address
from simulation.operations import SIGN_IN

Level = Literal["station", "centre", "committee", "department", "administrator"]

ADMINISTRATOR = "administrator"
DEPARTMENT = "department"

_AT_ONCE = 8


def username(level: Level, code: str) -> str:
    """The name of a demo account: by the national code of its area, as in station-26734 and committee-760."""
    return level if level in (ADMINISTRATOR, DEPARTMENT) else f"{level}-{code}"


async def sign_in(endpoint: Endpoint, names: Iterable[str], password: str) -> dict[str, str]:
    """The tokens of the accounts, by name. Raises Refused (in a group) for a wrong name or password."""
    tokens: dict[str, str] = {}
    waiting = iter(dict.fromkeys(names))

    async def one_after_another() -> None:
        client = Client(endpoint)
        try:
            for name in waiting:
                given = {"input": {"username": name, "password": password}}
                data = await client.call(SIGN_IN, given, address=made_up_address(name))
                if data["signIn"]["__typename"] != "Session":
                    raise Refused(data["signIn"]["code"], f"{name}: {data['signIn']['message']}")
                tokens[name] = data["signIn"]["token"]
        finally:
            client.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(one_after_another())
    return tokens
