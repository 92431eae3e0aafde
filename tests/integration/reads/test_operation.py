"""One operation reads one moment, and leaves nothing open."""

import asyncio

import pytest

from access.actor import ANONYMOUS, Actor
from access.jurisdiction import Jurisdiction
from models.database import application_connection
from models.declaration import Declaration
from models.state import Role
from services.declare import declare
from services.operation import Operation, OperationClosed
from services.runtime import Runtime
from tests.integration.made import household, wards

EVERYBODY = Actor("ACCOUNT", role=Role.DEPARTMENT, jurisdiction=Jurisdiction(-(2**31), 2**31 - 1))


async def counted(operation: Operation) -> int:
    async with operation.reading() as connection:
        return await Declaration.all().using_db(connection).count()


async def test_everything_in_an_operation_is_of_one_moment(runtime: Runtime) -> None:
    (ward, *_) = await wards(1)
    operation = Operation(EVERYBODY)
    before = await counted(operation)
    await declare(runtime, ANONYMOUS, household(ward=ward))
    assert (before, await counted(operation)) == (0, 0)
    await operation.refresh()
    assert await counted(operation) == 1
    await operation.close()


async def test_readers_of_one_operation_take_turns(runtime: Runtime) -> None:
    operation = Operation(EVERYBODY)
    assert await asyncio.gather(*(counted(operation) for _ in range(20))) == [0] * 20
    await operation.close()


async def test_a_closed_operation_opens_no_other_snapshot(runtime: Runtime) -> None:
    operation = Operation(EVERYBODY)
    await counted(operation)
    await operation.close()
    await operation.close()
    with pytest.raises(OperationClosed):
        await counted(operation)


async def test_an_operation_gives_its_connection_back_also_after_a_failure(runtime: Runtime) -> None:
    # More than the pool has: one that was kept would make a later one wait for ever.
    async with asyncio.timeout(20):
        for _ in range(30):
            operation = Operation(EVERYBODY)
            with pytest.raises(ZeroDivisionError):
                await failing(operation)
            await operation.close()


async def failing(operation: Operation) -> None:
    async with operation.reading() as connection:
        await connection.execute_query("SELECT 1")
        raise ZeroDivisionError


async def test_an_operation_whose_connection_was_cut_still_closes(runtime: Runtime) -> None:
    operation = Operation(EVERYBODY)
    async with operation.reading() as connection:
        _, rows = await connection.execute_query("SELECT pg_backend_pid() AS pid")
    await application_connection().execute_query("SELECT pg_terminate_backend($1)", [rows[0]["pid"]])
    await operation.close()
    another = Operation(EVERYBODY)
    assert await counted(another) == 0
    await another.close()


async def test_a_snapshot_cannot_write(runtime: Runtime) -> None:
    operation = Operation(EVERYBODY)
    async with operation.reading() as connection:
        _, rows = await connection.execute_query("SHOW transaction_read_only")
    assert rows[0]["transaction_read_only"] == "on"
    await operation.close()
