"""Declaring through the API at 32 clients, with every station and committee listening meanwhile."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bench.demo_server import DemoServer
from bench.rounds import figure
from simulation.answering import Answering
from simulation.audience import Audience, Seat, seats
from simulation.calendar_of_march import ZONE
from simulation.client import Client
from simulation.course import Course
from simulation.declaring import declare_body
from simulation.household import Household
from simulation.latency import latency
from simulation.made_up_address import made_up_address
from simulation.moved_clock import MovedClock
from simulation.population import draw_households
from simulation.quota import quota
from simulation.staff import ADMINISTRATOR, sign_in
from simulation.tree import Tree, read_tree
from simulation.ward import Ward

CLIENTS = 32
NOON = datetime(2022, 3, 18, 12, 0, tzinfo=ZONE)
"""The moment of every measurement, to which the clock of its server is moved."""
# As many as are drawn beforehand; a faster machine runs out of people and fails, so there is room above what was seen.
_MOST_A_SECOND = 4000
_WAYS = (("households", False, None), ("one_person_a_call", True, None), ("households_at_400_a_second", False, 400.0))


@dataclass(slots=True)
class Round:
    """What one round measured."""

    calls: int = 0
    people: int = 0
    seconds: list[float] = field(default_factory=list)


async def measure_declaring(server: DemoServer, *, seconds: float, rounds: int, warm_up: float = 5.0) -> dict[str, Any]:
    """People and calls a second, the time of a call, and the time from commit to socket meanwhile.

    Three times: by households as residents send them (2.4 people a call) and by one person a call, both as fast as 32
    clients can that wait for their answers; and by households at 400 people a second. A refusal is an error.
    """
    client = Client(server.endpoint)
    token = (await sign_in(server.endpoint, [ADMINISTRATOR], server.password))[ADMINISTRATOR]
    clock = MovedClock(client, lambda: token)
    await clock.move(NOON)
    tree = await read_tree(client, token)
    found: dict[str, Any] = {}
    for seed, (name, alone, rate) in enumerate(_WAYS):
        wanted = int((seconds * rounds + warm_up) * _MOST_A_SECOND)
        sent = iter(bodies(seed, wanted, tree.wards, alone))
        course = Course(wanted)
        async with _listening(server, tree, course, clock, client) as audience:
            await _round(server, sent, warm_up, course, rate)
            course.commit_seconds.clear()
            done = [await _round(server, sent, seconds, course, rate) for _ in range(rounds)]
            await asyncio.sleep(1.0)
            found[name] = _record(done, seconds, course, audience)
    client.close()
    return found


def bodies(
    seed: int, people: int, wards: Sequence[Ward], alone: bool, symptoms: tuple[str, ...] | None = None
) -> list[tuple[int, str, bytes]]:
    """Requests of so many people, all of one day: with how many people, from which phone, and the body.

    `symptoms` are everybody's, where they are given.
    """
    households = (on_the_day(household, symptoms) for household in draw_households(seed, quota(people), wards))
    if alone:
        households = (
            replace(household, number=household.number * 10 + place, people=(person,))
            for household in households
            for place, person in enumerate(household.people)
        )
    run = f"bench-{seed}"
    return [(len(one.people), one.phone, declare_body(one, run)) for one in households]


def on_the_day(household: Household, symptoms: tuple[str, ...] | None = None) -> Household:
    """The household as if it declared on the day of the measurement: its tests move along.

    `symptoms` are everybody's, where they are given.
    """
    later: timedelta = NOON.date() - household.day
    people = tuple(
        replace(
            person,
            test_on=person.test_on + later,
            onset_on=person.onset_on + later if person.onset_on else None,
            symptoms=person.symptoms if symptoms is None else symptoms,
        )
        for person in household.people
    )
    return replace(household, day=NOON.date(), people=people)


async def _round(
    server: DemoServer,
    bodies: Iterator[tuple[int, str, bytes]],
    seconds: float,
    course: Course,
    rate: float | None,
) -> Round:
    done = Round()
    begun = time.monotonic()
    end = begun + seconds
    handed_out = 0

    async def one_after_another(client: Client) -> None:
        nonlocal handed_out
        while time.monotonic() < end:
            people, phone, body = next(bodies)
            handed_out += people
            if rate is not None:
                await asyncio.sleep(max(0.0, begun + handed_out / rate - time.monotonic()))
            sent = course.sent_at[phone] = time.monotonic()
            answer = (await client.send(body, address=made_up_address(phone)))["declare"]
            if answer["__typename"] != "Receipt":
                raise RuntimeError(f"refused: {answer}")
            done.seconds.append(time.monotonic() - sent)
            done.calls += 1
            done.people += people

    clients = [Client(server.endpoint) for _ in range(CLIENTS)]
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(one_after_another(client))
    for client in clients:
        client.close()
    return done


@asynccontextmanager
async def _listening(server: DemoServer, tree: Tree, course: Course, clock: MovedClock, client: Client) -> Any:
    listeners: list[Seat] = seats(tree, None, lambda ward: 0)
    tokens = await sign_in(server.endpoint, [seat.account for seat in listeners], server.password)
    audience = Audience(server.endpoint, tokens, course, Answering(0, NOON), clock)
    await audience.prepare(listeners, [], client)
    running = asyncio.create_task(audience.run())
    try:
        await audience.opened()
        yield audience
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _record(done: list[Round], seconds: float, course: Course, audience: Audience) -> dict[str, Any]:
    together = [value for one in done for value in one.seconds]
    return {
        "people_a_second": figure([one.people / seconds for one in done]).record(),
        "calls_a_second": figure([one.calls / seconds for one in done]).record(),
        "declare_ms": latency(together).record(),
        "commit_to_socket_ms": latency(course.commit_seconds).record(),
        "alerts_heard_at_stations": course.arrived,
        "sockets": len(audience.sockets),
        "rounds": len(done),
        "seconds_a_round": seconds,
    }
