"""Following the database's clock, and moving it where an installation is only played."""

from datetime import datetime, timedelta

from access.actor import Actor
from access.policy import Action, may
from clock import Clock
from models.database import service_transaction
from models.installation import Installation
from models.state import Mode
from services.problem import NotFound
from services.runtime import Runtime

# The clock's reading and the offset in one statement: between two of them the offset could have changed.
_CLOCK = "SELECT clock_timestamp() AS at, clock_offset_us FROM installation WHERE id = 1"
_MOVE = """
WITH moved AS (UPDATE installation SET clock_offset_us = $1 WHERE id = 1 RETURNING clock_offset_us)
SELECT clock_timestamp() AS at, clock_offset_us FROM moved
"""


async def follow_clock(clock: Clock) -> None:
    """Sets this process's clock by the database's. To be called at start and every second or so."""
    before = clock.readings
    async with service_transaction() as connection:
        _, rows = await connection.execute_query(_CLOCK)
    if clock.readings != before:
        # It was moved while this was read: the old offset would throw it back for a second.
        return
    clock.follow(rows[0]["at"], timedelta(microseconds=rows[0]["clock_offset_us"]))


async def move_clock(runtime: Runtime, actor: Actor, to: datetime) -> datetime:
    """Moves the installation's clock to a moment; only where it is a demo or a test, everywhere else NotFound."""
    if runtime.mode not in (Mode.DEMO, Mode.TEST) or not may(actor, Action.MOVE_CLOCK):
        raise NotFound
    async with service_transaction() as connection:
        await Installation.select_for_update().using_db(connection).get(id=1)
        _, rows = await connection.execute_query("SELECT clock_timestamp() AS at")
        offset = to - rows[0]["at"]
        _, rows = await connection.execute_query(_MOVE, [offset // timedelta(microseconds=1)])
    runtime.clock.follow(rows[0]["at"], timedelta(microseconds=rows[0]["clock_offset_us"]))
    return runtime.clock.now()
