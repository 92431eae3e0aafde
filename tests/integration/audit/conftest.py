"""What the tests of the trail share."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from models.database import DatabaseUrls
from models.migrate import plain

Owner = Callable[..., Awaitable[str]]


@pytest.fixture
def owner(urls: DatabaseUrls) -> Owner:
    """Runs a statement as the owner, who can do what no login of the program can."""

    async def execute(sql: str, *arguments: object) -> str:
        connection = await asyncpg.connect(plain(urls.owner))
        try:
            return str(await connection.execute(sql, *arguments))
        finally:
            await connection.close()

    return execute
