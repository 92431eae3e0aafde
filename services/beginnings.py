"""Where those who begin to watch alerts may begin: their area and their cursor, looked up for all at once."""

from collections.abc import Callable
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.at_once import AtOnce
from access.policy import Action
from access.visible import scope
from alerts import log
from models.database import service_connection
from services.cursor import read_alert_cursor
from services.problem import CursorExpired, InvalidCursor, NotFound

# What areas there are is nobody's secret, nor how far the log reaches; within an actor's bounds that would seem to
# begin with the first event of their own ward, and a good cursor from before it would be refused as too old.
_AREAS = "SELECT id, lo FROM area WHERE id = ANY($1::text[])"


@dataclass(frozen=True, slots=True)
class _Asked:
    """An area's id, None where that was not asked; and a position in the log or None."""

    area: str | None
    cursor: int | None


@dataclass(frozen=True, slots=True)
class _Found:
    """The area's first number, None where there is none; how far the log reaches; and whether something is missing."""

    lo: int | None
    position: int
    missed: bool


class Beginnings:
    """Of a process."""

    def __init__(self, database: Callable[[], AsyncpgDBClient] = service_connection) -> None:
        """`database` gives the connection to ask with."""
        self._database = database
        self._asked: AtOnce[_Asked, _Found] = AtOnce(self._ask)

    async def find(self, actor: Actor, area_id: str | None, after: str | None) -> tuple[str, int | None]:
        """The area's id and the position of the cursor, None without one. An area of None is the actor's own.

        Raises NotFound for an area that is unknown or outside the actor's jurisdiction for seeing alerts, InvalidCursor
        for a cursor that is none of this log, CursorExpired where events after it have been taken away.
        """
        where, wanted = scope(actor, Action.SEE_ALERTS), actor.area_id if area_id is None else area_id
        # A text with a NUL is no identifier, and PostgreSQL refuses to be asked about it.
        if where.empty or wanted is None or "\0" in wanted:
            raise NotFound
        cursor = None if after is None else _read(after)
        # Their own area everybody has whose standing was looked up, with its range.
        if area_id is None and after is None:
            return wanted, None
        found = await self._asked.ask(_Asked(area_id, cursor), patient=True)
        if area_id is not None and (found.lo is None or not where.covers(found.lo)):
            raise NotFound
        if after is not None and (cursor is None or cursor > found.position):
            raise InvalidCursor
        if found.missed:
            raise CursorExpired
        return wanted, cursor

    async def _ask(self, asked: list[_Asked]) -> list[_Found]:
        connection = self._database()
        areas: dict[str | None, int] = {}
        if named := {one.area for one in asked if one.area is not None}:
            _, rows = await connection.execute_query(_AREAS, [list(named)])
            areas = {row["id"]: row["lo"] for row in rows}
        cursors = [one.cursor for one in asked if one.cursor is not None]
        position, floor = await log.reach(connection, min(cursors)) if cursors else (0, 0)
        return [_Found(areas.get(one.area), position, one.cursor is not None and one.cursor < floor) for one in asked]


def _read(after: str) -> int | None:
    """The position of a cursor; None where it is no cursor. Told only after the area was found."""
    try:
        return read_alert_cursor(after)
    except InvalidCursor:
        return None
