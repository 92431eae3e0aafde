"""How many connections a worker wants: the suite's work on servers whose pools differ, in turns."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench.demo_server import demo_server
from bench.sizes import prepare
from bench.suite import Plan, Rounds, bodies_of, ours, take_round
from bench.work import WORKS


async def measure_pools(plan: Plan, sizes: Sequence[int], tell: Callable[[str], None]) -> dict[str, Any]:
    """The figures of each kind of work for each size, which both logins are given.

    Each server has a database of its own, loaded alike; what declaring adds to one, it adds to all. Raises NotStarted
    and LoadFailed.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="khaibao-pools-")))
        programs = {}
        for place, size in enumerate(sizes):
            tell(f"starting a server with pools of {size}, and {plan.cases:,} cases")
            more = {"KHAIBAO_POOL_SIZE": str(size), "KHAIBAO_SERVICE_POOL_SIZE": str(size)}
            programs[size] = await stack.enter_async_context(demo_server(plan.port + place, more=more))
            await prepare(programs[size], plan.cases)
        servers = {size: await ours(plan, program) for size, program in programs.items()}
        bodies = await bodies_of(plan, programs[sizes[0]], folder)
        found = {name: {size: Rounds() for size in sizes} for name in plan.works}
        for name in plan.works:
            for number in range(plan.rounds + 1):
                tell(f"{name}: round {number} of {plan.rounds}" if number else f"{name}: warming up")
                start = number % len(sizes)
                for size in [*sizes[start:], *sizes[:start]]:
                    one = programs[size], servers[size], WORKS[name], bodies[name], found[name][size]
                    await take_round(plan, *one, warm=number == 0)
        return {
            "clients": plan.clients,
            "postgresql": await programs[sizes[0]].version(),
            "works": {name: {size: one.record() for size, one in each.items()} for name, each in found.items()},
        }
