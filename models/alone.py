"""Reading without a transaction: one statement, told the reader's bounds in itself, and a moment of its own."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.at_hand import Runner
from models.bounds import NOTHING, Bounds
from models.database import APPLICATION, application_at_hand
from telemetry.doing import part

TOLD = "{told}"
"""Stands in a statement where `rows` puts the condition that tells the bounds, where they are not told yet."""


_ACCESS_VERSION = "(SELECT coalesce(max(access_version), 0) FROM installation)"


class Outdated(Exception):
    """Something was taken from somebody since the reader was looked up: who it is has to be asked again."""


class Alone:
    """Within an actor's bounds, for who reads a single time: each statement is a transaction and a moment of its own.

    There is no BEGIN to wait for and no COMMIT, and the plan is kept: only for statements whose plan is the same for
    every range of areas, such as those of `services.danger_order`.

    With a `version` the first statement demands that this is the installation's access version in its own snapshot, and
    so that the reader still stands as they did when they were looked up, as of that version. What comes after it is as
    after a look.
    """

    def __init__(self, bounds: Bounds, version: int | None = None) -> None:
        """Opens nothing."""
        self._bounds, self._version = bounds, version
        self.has_read = False
        """Whether a statement has been answered, and so found the version to be what was demanded."""

    @property
    def sight(self) -> Hashable:
        """The same for two who are answered alike by the same statement at the same moment."""
        return self._bounds, self._demanded

    def is_answered(self) -> None:
        """Takes note that another of the same sight has read for this one, in a statement that began after it asked."""
        self.has_read = True

    @property
    def _demanded(self) -> int | None:
        return None if self.has_read else self._version

    async def rows(self, statement: str, values: Sequence[object]) -> Sequence[Any]:
        """What a SELECT finds; TOLD has to stand in it as a condition of its outermost query. Raises Outdated."""
        version = self._demanded
        told = _told(statement, len(values), version is not None)
        every = [*values, *self._bounds.values()]
        with part("transaction", login=APPLICATION):
            found = await _found(application_at_hand(), told, every if version is None else [*every, version])
            # Nothing was there, or it was kept back. The version only grows: where it is still the same it was then.
            if version is not None and not found and await _access_version() != version:
                raise Outdated
        self.has_read = True
        return found


async def _access_version() -> int:
    return int((await _found(application_at_hand(), f"SELECT {_ACCESS_VERSION} AS version", []))[0]["version"])


@lru_cache(maxsize=1_000)
def _told(statement: str, values: int, demanding: bool) -> str:
    """The statement of `Alone`: behind its own values come those of the bounds, and then the version."""
    condition = Bounds.condition(values + 1)
    if demanding:
        condition += f" AND ${values + 1 + len(NOTHING.values())}::bigint = {_ACCESS_VERSION}"
    told = statement.replace(TOLD, condition)
    if told == statement:
        raise ValueError("a statement without its place for the bounds would find nothing")
    return told


async def rows(reader: AsyncpgDBClient | Alone, statement: str, values: Sequence[object]) -> Sequence[Any]:
    """What a SELECT with TOLD in it finds, by a transaction that was told its bounds, or `Alone`."""
    if isinstance(reader, Alone):
        return await reader.rows(statement, values)
    return await _found(reader, statement.replace(TOLD, "true"), list(values))


async def _found(connection: Runner, statement: str, values: list[object]) -> Sequence[Any]:
    found: Sequence[Any] = (await connection.execute_query(statement, values))[1]
    return found
