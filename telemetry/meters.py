"""What a process counts of itself, in memory: read by whoever scrapes it, and begun anew with the process.

No label is anything of a person, and each has few values: names of the API's fields, codes, gateways of the settings.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import product
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.process_collector import ProcessCollector

Outcome = Literal["answered", "refused", "failed"]
OUTCOMES: tuple[Outcome, ...] = ("answered", "refused", "failed")

Sent = Literal["taken", "refused", "failed"]
SENT: tuple[Sent, ...] = ("taken", "refused", "failed")

Admitted = Literal["admitted", "waited", "returned", "refused"]
ADMITTED: tuple[Admitted, ...] = ("admitted", "waited", "returned", "refused")

_SOCKET = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_OPERATION = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_GATEWAY = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meters:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        """Everything is at nought."""
        # Never the library's own registry: two runtimes in one process would share, and count each other's.
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._declared = Counter(
            "khaibao_declarations", "Declarations (people) taken by this process.", registry=self._registry
        )
        self._operations = Counter(
            "khaibao_operations",
            "Operations by root field (one with several counts under each) and by what came of it.",
            ["kind", "field", "outcome"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "khaibao_operation_seconds",
            "From a query or mutation read to its answer ready.",
            ["kind", "field"],
            buckets=_OPERATION,
            registry=self._registry,
        )
        self._refusals = Counter(
            "khaibao_refusals",
            "Refusals and errors by the code that the caller was told.",
            ["code"],
            registry=self._registry,
        )
        self._delivered = Histogram(
            "khaibao_commit_to_socket_seconds",
            "From an alert's event written to its frame handed to a subscriber's socket; live events only.",
            buckets=_SOCKET,
            registry=self._registry,
        )
        self._slow = Counter(
            "khaibao_slow_subscribers",
            "Subscribers closed because they did not read: their queue was full, or their socket took nothing.",
            ["where"],
            registry=self._registry,
        )
        self._messages = Counter(
            "khaibao_messages",
            "Messages given to a gateway by this process, each try, by priority and by what it said.",
            ["gateway", "priority", "outcome"],
            registry=self._registry,
        )
        self._gateway = Histogram(
            "khaibao_gateway_seconds",
            "How long a gateway took to answer over one message.",
            ["gateway"],
            buckets=_GATEWAY,
            registry=self._registry,
        )
        self._admission = Counter(
            "khaibao_admission",
            "Operations and sockets by lane, and by whether they were let in at once, waited first or were told to "
            "come back; returned are those who came in their time, besides.",
            ["lane", "outcome"],
            registry=self._registry,
        )
        self._limit = Gauge(
            "khaibao_admission_limit", "Operations that this process works on at once.", registry=self._registry
        )
        self._working = Gauge(
            "khaibao_admission_working", "Operations at work, by lane.", ["lane"], registry=self._registry
        )
        self._waiting = Gauge(
            "khaibao_admission_waiting", "Operations waiting for their turn.", ["lane"], registry=self._registry
        )
        self._refused: dict[str, Counter] = {}
        self._lanes: dict[tuple[str, Admitted], Counter] = {}
        self._late, self._late_at = 0.0, time.monotonic()
        self._known: dict[tuple[str, str, Outcome], Counter] = {}
        self._timed: dict[tuple[str, str], Histogram] = {}
        for where in ("queue", "socket"):
            self._slow.labels(where)

    def expect(self, operations: Iterable[tuple[str, str]], gateways: Iterable[str], priorities: Iterable[int]) -> None:
        """Shows these at nought: what is not there before the first has no rate when the first comes."""
        for (kind, field), outcome in product(operations, OUTCOMES):
            self._operations.labels(kind, field, outcome)
        for gateway in gateways:
            self._gateway.labels(gateway)
            for priority, sent in product(priorities, SENT):
                self._messages.labels(gateway, str(priority), sent)

    def declared(self, people: int) -> None:
        """A declaration of so many people was committed."""
        self._declared.inc(people)

    def operation(self, kind: str, fields: Iterable[str], outcome: Outcome, seconds: float | None) -> None:
        """An operation has ended; `seconds` None where its length says nothing, as a subscription's."""
        for field in fields:
            known = self._known.get((kind, field, outcome))
            if known is None:
                known = self._known[kind, field, outcome] = self._operations.labels(kind, field, outcome)
            known.inc()
            if seconds is not None:
                timed = self._timed.get((kind, field))
                if timed is None:
                    timed = self._timed[kind, field] = self._seconds.labels(kind, field)
                timed.observe(seconds)

    def refused(self, code: str) -> None:
        """A caller was told this code."""
        known = self._refused.get(code)
        if known is None:
            known = self._refused[code] = self._refusals.labels(code)
        known.inc()

    def delivered(self, seconds: float, times: int = 1) -> None:
        """An event reached a socket, or so many of them at once, so long after it was written."""
        # Two clocks are compared, and the one in between follows the database's only once a second.
        late = max(0.0, seconds)
        for _ in range(times):
            self._delivered.observe(late)
        self._late, self._late_at = max(late, self.lateness), time.monotonic()

    @property
    def lateness(self) -> float:
        """How late events reach their sockets: the latest of late, halved with each second since."""
        return float(self._late * 0.5 ** (time.monotonic() - self._late_at))

    def slow(self, where: Literal["queue", "socket"]) -> None:
        """A subscriber was closed because it did not read."""
        self._slow.labels(where).inc()

    def sent(self, gateway: str, priority: int, outcome: Sent, seconds: float) -> None:
        """A gateway was given a message of this priority, and has answered or not."""
        self._messages.labels(gateway, str(priority), outcome).inc()
        self._gateway.labels(gateway).observe(seconds)

    def admission(self, lane: str, outcome: Admitted) -> None:
        """Somebody was let in, or told to come back."""
        known = self._lanes.get((lane, outcome))
        if known is None:
            known = self._lanes[lane, outcome] = self._admission.labels(lane, outcome)
        known.inc()

    def follow_admission(
        self, standing: Callable[[], tuple[int, Mapping[str, tuple[int, int]]]], lanes: Iterable[str]
    ) -> None:
        """Shows how many may be at work at once, and of each lane how many are and wait; asked when looked at."""
        self._limit.set_function(lambda: standing()[0])
        for lane in lanes:
            for outcome in ADMITTED:
                self._lanes[lane, outcome] = self._admission.labels(lane, outcome)
            for gauge, place in ((self._working, 0), (self._waiting, 1)):
                gauge.labels(lane).set_function(partial(_of_lane, standing, lane, place))

    def collect(self) -> Iterable[Metric]:
        """All of it as it stands."""
        return self._registry.collect()


def _of_lane(standing: Callable[[], tuple[int, Mapping[str, tuple[int, int]]]], lane: str, place: int) -> float:
    return float(standing()[1][lane][place])
