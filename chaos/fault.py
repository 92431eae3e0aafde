"""The faults that a run knows, and the schedule that a seed draws of them."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is done to a part. The text is what a person reads."""

    SERVER_KILLED = "server killed with -9"
    SERVER_PAUSED = "server stopped for a while"
    WORKER_KILLED = "worker killed with -9"
    DATABASE_KILLED = "PostgreSQL killed with -9"
    DATABASE_STOPPED = "PostgreSQL stopped at once"
    BROKER_KILLED = "Redis killed with -9"
    DATABASE_CUT = "a server's database connections cut"
    DATABASE_STALLED = "a server's database connections stalled"
    CLIENTS_CUT = "a server's client connections cut"
    CLIENTS_STALLED = "a server's client connections stalled"
    GATEWAY_ERRORS = "gateway answers with errors"
    GATEWAY_SLOW = "gateway answers late"
    GATEWAY_LOST = "gateway's replies are lost"
    SUBSCRIBER_CUT = "a subscriber cut off"
    SUBSCRIBER_SILENT = "subscribers read nothing"


@dataclass(frozen=True, slots=True)
class Weight:
    """How often a kind comes in a deck of faults, and for how many seconds it lasts; 0 is a moment."""

    times: int
    seconds: tuple[float, float] = (0.0, 0.0)


WEIGHTS = {
    Kind.SERVER_KILLED: Weight(2),
    Kind.SERVER_PAUSED: Weight(1, (10.0, 10.0)),
    Kind.WORKER_KILLED: Weight(1),
    Kind.DATABASE_KILLED: Weight(1),
    Kind.DATABASE_STOPPED: Weight(1),
    Kind.BROKER_KILLED: Weight(1),
    Kind.DATABASE_CUT: Weight(4),
    Kind.DATABASE_STALLED: Weight(2, (1.0, 6.0)),
    Kind.CLIENTS_CUT: Weight(4),
    Kind.CLIENTS_STALLED: Weight(2, (1.0, 6.0)),
    Kind.GATEWAY_ERRORS: Weight(2, (1.0, 4.0)),
    Kind.GATEWAY_SLOW: Weight(1, (2.0, 5.0)),
    Kind.GATEWAY_LOST: Weight(2, (1.0, 4.0)),
    Kind.SUBSCRIBER_CUT: Weight(4),
    # Longer than a server waits for a socket that takes nothing.
    Kind.SUBSCRIBER_SILENT: Weight(1, (15.0, 19.0)),
}
"""One deck; a run goes through as many, each shuffled, as its time takes, so that every kind comes early."""

SPACING = 1.75
"""Seconds from one fault to the next, on average."""

# What leaves somebody's work lying for as long as a lease, or lasts long, comes early enough for its end to be seen.
_EARLY = {
    Kind.SERVER_KILLED: 8.0,
    Kind.WORKER_KILLED: 8.0,
    Kind.SERVER_PAUSED: 12.0,
    Kind.SUBSCRIBER_SILENT: 20.0,
    Kind.DATABASE_STALLED: 7.0,
    Kind.CLIENTS_STALLED: 7.0,
    Kind.GATEWAY_SLOW: 6.0,
    Kind.DATABASE_KILLED: 6.0,
    Kind.DATABASE_STOPPED: 6.0,
}
_LONG = (Kind.SERVER_PAUSED, Kind.SUBSCRIBER_SILENT)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: so many seconds after the run's begin, for so long; `target` is taken modulo the parts there are."""

    kind: Kind
    at: float
    seconds: float
    target: int


def draw_schedule(seed: int, seconds: float, kinds: Collection[Kind], spacing: float = SPACING) -> list[Fault]:
    """The faults of a run in their order. The same seed, length and kinds give the same faults, on any machine."""
    draw = random.Random(f"chaos {seed}")
    faults: list[Fault] = []
    deck: list[Kind] = []
    at = 0.0
    while True:
        at += draw.uniform(0.5, 1.5) * spacing
        deck = deck or _deck(kinds, draw)
        kind = next((one for one in deck if at <= seconds - _EARLY.get(one, 4.0)), None)
        if kind is None:
            if at > seconds - 4.0 or not deck:
                return faults
            # Only what takes longer is left of this deck.
            deck = []
            continue
        deck.remove(kind)
        lasts = draw.uniform(*WEIGHTS[kind].seconds)
        faults.append(Fault(kind, at, lasts, draw.randrange(1 << 16)))


def hanging(seconds: float) -> Fault:
    """Who may fall silent does so at once and for so long: for a run that is to show a queue without a bound."""
    return Fault(Kind.SUBSCRIBER_SILENT, 0.0, seconds, 0)


def _deck(kinds: Collection[Kind], draw: random.Random) -> list[Kind]:
    deck = [kind for kind in WEIGHTS if kind in kinds for _ in range(WEIGHTS[kind].times)]
    draw.shuffle(deck)
    # What lasts long comes soon, or a short run would have no room left for it.
    for kind in (kind for kind in _LONG if kind in deck):
        deck.remove(kind)
        deck.insert(draw.randrange(min(4, len(deck) + 1)), kind)
    return deck
