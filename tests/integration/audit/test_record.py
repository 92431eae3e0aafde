"""What a line says of who acted, and from where."""

import os
import pwd
from dataclasses import replace

from access.actor import ANONYMOUS
from access.trail import record
from commands.outcome import OPERATOR
from models.audit import Audit
from models.database import service_connection, service_transaction
from models.identifier import uuid7
from models.state import Role
from services.declare import declare
from services.runtime import Runtime
from tests.integration.made import account, household, wards


async def test_whoever_sits_at_the_console_is_named_by_the_operating_system(runtime: Runtime) -> None:
    async with service_transaction() as connection:
        await record(connection, OPERATOR, "areas.import", runtime.clock.now(), [], detail={"rows": 3})
    row = await Audit.get(action="areas.import", using_db=service_connection())
    name = str(row.detail["operator"])
    assert name.partition(" for ")[0] == pwd.getpwuid(os.getuid()).pw_name
    assert (row.actor, row.account_id, row.detail["rows"]) == ("ACCOUNT", None, 3)


async def test_a_line_has_the_session_the_request_and_the_place_it_came_from(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    nurse = await account(runtime, Role.STATION_STAFF, ward)
    here = replace(nurse, session_id=uuid7(), origin="k.here", request_id="request")
    async with service_transaction() as connection:
        await record(connection, here, "test", runtime.clock.now(), [])
    row = await Audit.get(action="test", using_db=service_connection())
    assert (row.account_id, row.session_id, row.origin, row.request_id) == (
        here.account_id,
        here.session_id,
        "k.here",
        "request",
    )


async def test_a_declaration_says_it_too(runtime: Runtime) -> None:
    (ward, *_) = await wards()
    session = uuid7()
    resident = replace(ANONYMOUS, session_id=session, origin="k.there", request_id="request")
    await declare(runtime, resident, household(ward=ward))
    row = await Audit.get(action="declare", using_db=service_connection())
    assert (row.session_id, row.origin, row.request_id) == (session, "k.there", "request")
