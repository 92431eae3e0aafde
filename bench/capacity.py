"""How many cores a load takes, from measured service times: queues played through, not guessed."""

import heapq
import random
from dataclasses import dataclass
from typing import Any

from simulation.latency import nearest_rank

_SPREAD = 0.6
"""Of the logarithm of a service time: its p99 is four times its median, which is what was measured."""
_ARRIVALS = 20_000


@dataclass(frozen=True, slots=True)
class Times:
    """Processor microseconds that one thing takes in the program (`server`) and in PostgreSQL (`database`)."""

    declare: tuple[float, float]
    read: tuple[float, float]
    delivery: float


@dataclass(frozen=True, slots=True)
class Demand:
    """What comes in a second at the worst moment, how many screens are open, and how many texts go out a second."""

    name: str
    declarations: float
    reads: float
    screens: int
    deliveries: float
    texts: float


DEMANDS = (
    Demand("a city of 9 million, ten times its worst day", 30, 60, 700, 60, 30),
    Demand("a country of 100 million, its worst day", 120, 400, 25_000, 300, 150),
    Demand("CoWIN's opening", 740, 1_500, 25_000, 1_500, 14_500_000 / (3 * 3600)),
)
TEXTS_OF_A_RELAY = 550.0
"""Texts that one relay hands on in a second to a gateway that answers at once (docs/decisions/0019)."""
PROMISED = 0.25
"""Seconds within which 99 of 100 are to be answered."""


def plan(times: Times, demand: Demand, seed: int = 1) -> dict[str, Any]:
    """How many cores of serving, cores of PostgreSQL and relays the demand takes, and what they keep waiting."""
    kinds = ((demand.declarations, times.declare), (demand.reads, times.read))
    served = [(rate, server) for rate, (server, _) in kinds] + [(demand.deliveries, times.delivery)]
    stored = [(rate, database) for rate, (_, database) in kinds]
    cores, waited = enough(served, seed)
    database, database_waited = enough(stored, seed)
    return {
        "demand": demand.name,
        "serving_cores": cores,
        "serving_p99_ms": round(waited * 1000, 1),
        "database_cores": database,
        "database_p99_ms": round(database_waited * 1000, 1),
        "relays": -(-int(demand.texts) // int(TEXTS_OF_A_RELAY)),
    }


def enough(load: list[tuple[float, float]], seed: int) -> tuple[int, float]:
    """The fewest cores that answer 99 of 100 within the promise, and their p99 in seconds.

    `load` has a rate a second and microseconds for each kind.
    """
    busy = sum(rate * us for rate, us in load) / 1e6
    # Two cores of three at most: what comes is not as even as what is drawn here.
    cores = max(1, -(-int(busy * 1_500) // 1_000))
    while (waited := response(load, cores, seed)) > PROMISED:
        cores += 1
    return cores, waited


def response(load: list[tuple[float, float]], cores: int, seed: int) -> float:
    """The p99 in seconds of what comes at random to so many cores, first come first served."""
    draw = random.Random(f"capacity {seed}")
    rates, services = [rate for rate, _ in load], [us / 1e6 for _, us in load]
    kinds = draw.choices(range(len(load)), rates, k=_ARRIVALS)
    free = [0.0] * cores
    now, taken = 0.0, []
    for kind in kinds:
        now += draw.expovariate(sum(rates))
        begins = max(now, heapq.heappop(free))
        # Of a lognormal the mean is what was measured, so its middle lies lower.
        ends = begins + services[kind] * draw.lognormvariate(-_SPREAD * _SPREAD / 2, _SPREAD)
        heapq.heappush(free, ends)
        taken.append(ends - now)
    taken.sort()
    return taken[nearest_rank(len(taken), 99)]
