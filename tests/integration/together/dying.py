"""A process that declares without a pause, sixty-four at a time, and says of each receipt that it has it."""

import asyncio
import sys
from datetime import timedelta

from access.actor import ANONYMOUS
from access.keys import Key
from access.passwords import Passwords
from access.pseudonym import Pseudonymiser
from access.sealing import Sealer
from alerts.hub import Hub
from clock import Clock
from models.database import DatabaseUrls, connect, service_connection
from models.state import Mode
from services.declare import declare
from services.protocols import Protocols
from services.runtime import Runtime
from tests.integration.conftest import MOMENT
from tests.integration.made import BREATHLESS, HEALTHY, TIRED, household, person, wards
from triage.protocol import bundled


async def declare_without_end(urls: DatabaseUrls, run: str) -> None:
    """Declares until somebody ends the process."""
    await connect(urls)
    key, clock = Key("test", b"k" * 32), Clock()
    clock.follow(MOMENT, timedelta())
    protocols = Protocols(bundled(), pinned="covid19-hcmc-2022-03-17")
    hub = Hub("memory://", service_connection, clock.now)
    runtime = Runtime(clock, hub, Sealer(key), Pseudonymiser(key), Passwords(cheap=True), protocols, mode=Mode.TEST)
    places = await wards(8)

    async def one_after_another(number: int) -> None:
        for turn in range(10**6):
            name = f"{run} {number} {turn}"
            reports = [person((HEALTHY, TIRED, BREATHLESS)[(number + turn) % 3]) for _ in range(1 + turn % 2)]
            phone = f"+8491{number:03}{turn % 10_000:04}"
            order = household(*reports, ward=places[(number + turn) % 8], phone=phone, key=name)
            await declare(runtime, ANONYMOUS, order)
            print(name, flush=True)

    await asyncio.gather(*(one_after_another(number) for number in range(64)))


if __name__ == "__main__":
    asyncio.run(declare_without_end(DatabaseUrls(*sys.argv[1:4]), sys.argv[4]))
