"""What checking in and taking an alert cost with many at once, in this process and without GraphQL.

Alerts also as one account takes many in one call, which shares a transaction: the most that sharing could give.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import orjson

from access.actor import Actor
from access.jurisdiction import Jurisdiction
from bench.rounds import figure
from bench.together import Server, analyze, city, orders, version_of, wards
from models.account import Account
from models.alert import Alert
from models.area import Area
from models.database import service_connection
from models.identifier import uuid7
from models.state import OPEN_ALERT_STATES, Role
from services.acknowledge import acknowledge_all
from services.check_in import check_in
from services.check_in_report import CheckInReport
from services.declare import declare
from services.runtime import Runtime

_AT_ONCE = 32
_SHARED = 32
"""Alerts in one call of those that share a transaction."""

Act: TypeAlias = Callable[[], Awaitable[int]]
"""Does it once, and gives how many were done; 0 where there is nothing left to be done."""


@dataclass(frozen=True, slots=True)
class Round:
    """Of one round: how many a second, and microseconds of processor for each, ours and the database's."""

    per_second: float
    ours: float
    database: float


async def measure_acts(*, seconds: float, rounds: int, people: int) -> dict[str, Any]:
    """Check-ins and acknowledgements a second at 32 clients, and their processor time; in turns."""
    with tempfile.TemporaryDirectory(prefix="khaibao-bench-", ignore_cleanup_errors=True) as folder:
        async with city(Path(folder)) as (runtime, server):
            residents = [one async for one in _ill(runtime, people)]
            staff = await _staff(runtime)
            await analyze(server)
            open_alerts = await _open_alerts()
            acts = {
                "check_in": _check_in(runtime, residents),
                "acknowledge": _acknowledge(runtime, staff, open_alerts, 1),
                "acknowledge_32_in_one_call": _acknowledge(runtime, staff, open_alerts, _SHARED),
            }
            found: dict[str, list[Round]] = {name: [] for name in acts}
            for _ in range(rounds):
                for name, act in acts.items():
                    found[name].append(await _round(act, seconds, server))
            version = await version_of(server)
    return {
        "postgresql": version,
        "at_once": _AT_ONCE,
        **{name: _record(each) for name, each in found.items()},
        "load_after": [round(value, 2) for value in os.getloadavg()],
    }


async def _ill(runtime: Runtime, people: int) -> AsyncIterator[tuple[Actor, UUID]]:
    """Declares so many who call somebody: each with the declaration by which they check in."""
    sent = orders(runtime, await wards(), 1.0)
    done = 0
    while done < people:
        part = [next(sent) for _ in range(256)]
        for actor, receipt in await asyncio.gather(*(_declared(runtime, *one) for one in part)):
            yield actor, receipt
            done += 1


async def _declared(runtime: Runtime, actor: Actor, household: Any) -> tuple[Actor, UUID]:
    (first, *_) = household.people
    severe = replace(first, report=replace(first.report, symptoms=("chest_pain",)))
    receipt = await declare(runtime, actor, replace(household, people=(severe,)))
    return actor, receipt.people[0].id


async def _staff(runtime: Runtime) -> Actor:
    """Somebody of a station that answers for all of the city: whose alerts they are is not what is measured."""
    root = await Area.filter(parent_id=None).using_db(service_connection()).first()
    if root is None:
        raise LookupError("there is no city")
    made = await Account.create(
        using_db=service_connection(),
        username="bench",
        password_hash="none",
        display_name="bench",
        role=Role.STATION_STAFF,
        area_id=root.id,
        created_at=runtime.clock.now(),
    )
    reach = Jurisdiction(root.lo, root.hi)
    return Actor("ACCOUNT", account_id=made.id, role=made.role, area_id=root.id, jurisdiction=reach)


async def _open_alerts() -> list[UUID]:
    open_ones = Alert.filter(state__in=OPEN_ALERT_STATES).using_db(service_connection())
    return [id for (id,) in await open_ones.values_list("id")]


def _check_in(runtime: Runtime, residents: Sequence[tuple[Actor, UUID]]) -> Act:
    turn = count()

    async def once() -> int:
        actor, declaration_id = residents[next(turn) % len(residents)]
        report = CheckInReport(str(uuid7()), ("cough",), {"spo2": 97.0}, orjson.dumps(["cough"]))
        await check_in(runtime, actor, report, declaration_id=declaration_id)
        return 1

    return once


def _acknowledge(runtime: Runtime, staff: Actor, alerts: list[UUID], shared: int) -> Act:
    async def once() -> int:
        taken = [alerts.pop() for _ in range(min(shared, len(alerts)))]
        if taken:
            await acknowledge_all(runtime, staff, taken)
        return len(taken)

    return once


async def _round(act: Act, seconds: float, server: Server) -> Round:
    done, begun = 0, time.monotonic()
    ours, database = time.process_time(), server.processor_seconds()
    end = begun + seconds

    async def one_after_another() -> None:
        nonlocal done
        while time.monotonic() < end and (more := await act()):
            done += more

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(one_after_another())
    took = time.monotonic() - begun
    ours, database = time.process_time() - ours, server.processor_seconds() - database
    return Round(done / took, ours / max(done, 1) * 1e6, database / max(done, 1) * 1e6)


def _record(rounds: Sequence[Round]) -> dict[str, Any]:
    return {
        "per_second": figure([one.per_second for one in rounds]).record(),
        "our_us": figure([one.ours for one in rounds]).record(),
        "database_us": figure([one.database for one in rounds]).record(),
    }
