"""Whether what a committee looks at grows slower with the past: the same questions at 10,000 and at 1,000,000 cases."""

import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

from bench.demo_server import DemoServer, demo_server
from bench.history import load_history
from bench.rounds import figure
from simulation.calendar_of_march import FIRST_MOMENT
from simulation.client import Client, request
from simulation.moved_clock import MovedClock
from simulation.operations import INSTALLATION
from simulation.staff import ADMINISTRATOR, sign_in

_CITY = "committee-79"
_DISTRICT = "committee-769"
_MOMENT = FIRST_MOMENT.replace(day=18, hour=12)

_FIGURES = (
    "declared confirmed active severe highRisk alerts { open overdue medianTimeToAcknowledge p90TimeToAcknowledge }"
)
_NODE = "id kind danger state raisedAt dueAt area { name } station { name } case { ageBand }"
_PAGE = f"alerts(first: 50) {{ cursor nodes {{ {_NODE} }} }}"
_WEEKS = 'areaSummary(from: "2022-03-01", to: "2022-03-18")'
QUESTIONS = {
    "summary_of_the_city": (_CITY, f"{{ areaSummary {{ {_FIGURES} }} }}"),
    "summary_of_the_city_with_districts": (
        _CITY,
        f"{{ areaSummary {{ {_FIGURES} children {{ area {{ name }} {_FIGURES} }} }} }}",
    ),
    "summary_of_the_city_by_day": (
        _CITY,
        f"{{ {_WEEKS} {{ {_FIGURES} byDay {{ date declared severe highRisk }} }} }}",
    ),
    "fifty_alerts_of_the_city": (_CITY, f"{{ {_PAGE} }}"),
    "fifty_alerts_of_a_district": (_DISTRICT, f"{{ {_PAGE} }}"),
    "fifty_open_alerts_of_the_city": (
        _CITY,
        "{ " + _PAGE.replace("first: 50", "first: 50, states: [RAISED, ESCALATED]") + " }",
    ),
}


async def measure_sizes(port: int, *, small: int, large: int, rounds: int, asks: int = 40) -> dict[str, Any]:
    """Asks each question of two servers in turns, so that what else the machine does meets both alike.

    The ratio is of the medians of the rounds; the noise is what the ratio of single rounds ranged over.
    """
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(demo_server(port + place)) for place in range(2)]
        for server, cases in zip(servers, (small, large), strict=True):
            await prepare(server, cases)
        found: dict[str, Any] = {"postgresql": await servers[0].version()}
        for name, (account, document) in QUESTIONS.items():
            sides = [await asker(server, account, document) for server in servers]
            for client, body, token in sides:
                await ask(client, body, token, asks)
            times = [[await ask(*side, asks) for side in sides] for _ in range(rounds)]
            for client, _, _ in sides:
                client.close()
            found[name] = {
                f"ms_at_{small}": figure([one[0] for one in times]).record(),
                f"ms_at_{large}": figure([one[1] for one in times]).record(),
                "ratio": figure([one[1] / one[0] for one in times]).record(),
            }
        return found


async def prepare(server: DemoServer, cases: int, tell: Callable[[str], None] | None = None) -> None:
    """Loads a past of so many cases and moves the clock to its end; `tell` hears how far it is."""
    await load_history(server, cases, tell)
    await move_to_end(server)


async def move_to_end(server: DemoServer) -> None:
    """Moves the clock to the end of the past."""
    token = (await sign_in(server.endpoint, [ADMINISTRATOR], server.password))[ADMINISTRATOR]
    client = Client(server.endpoint)
    await MovedClock(client, lambda: token).move(_MOMENT)
    client.close()


async def seconds_behind(server: DemoServer) -> float:
    """By how much the installation's clock is behind ours."""
    client = Client(server.endpoint)
    now = (await client.call(INSTALLATION))["installation"]["now"]
    client.close()
    return time.time() - datetime.fromisoformat(now).timestamp()


async def asker(server: DemoServer, account: str, document: str) -> tuple[Client, bytes, str]:
    """A client, the request of a document, and the token of a demo account."""
    token = (await sign_in(server.endpoint, [account], server.password))[account]
    return Client(server.endpoint), request(document), token


async def ask(client: Client, body: bytes, token: str, times: int) -> float:
    """The median of so many answers in milliseconds."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        await client.send(body, token)
        taken.append((time.perf_counter() - begun) * 1000)
    return figure(taken).middle
