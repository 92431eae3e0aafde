"""The clients of a run, in a process of their own: `python -m overload.storm` takes a line of JSON for each phase.

Open-loop: the next one comes when they come, whatever became of those before, and has waited from that moment on, also
where the clients themselves were behind. A share of the refused comes back when they are told to, with their place; the
others are never seen again.
"""

import base64
import gc
import heapq
import random
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any

import orjson

from overload.line import Lines, Request, now
from simulation.made_up_address import made_up_address

DECLARING = 0.70
"""The share of requests that are declarations; the others are reads, most of them the public's."""
_READING = 0.88
_FRESH = 0.05
"""The share that opens a connection of its own, and closes it. Before an installation stands a proxy that keeps its own
to the servers; it opens new ones where all are taken, and some stations come without one."""

_GIVE_UP = 5.0
_PAUSE = 0.25
_TICK = 0.002
_SWEEP = 0.5
_TRIES = 8


class Storm:
    """Everybody who comes in one phase."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._lines = Lines(job["host"], job["port"])
        self._host = job["host"]
        self._templates = [self._template(*(base64.b64decode(part) for part in parts)) for parts in job["templates"]]
        public, staff = (text.encode() for text in job["reads"])
        self._public = self._head(len(public)), public
        self._staff = [(self._head(len(staff), token), staff) for token in job["tokens"]]
        # A thousand addresses are behind all numbers, and each is the same whenever it is asked for.
        self._addresses = [made_up_address(f"{number}").encode() for number in range(4096)]
        self._number = job["number"]
        self._draw = random.Random(job["seed"])
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def phase(self, told: dict[str, Any]) -> dict[str, Any]:
        """One phase, and what became of it."""
        self._told = told
        self._begun = now()
        self._outcomes: dict[str, array[float]] = {}
        self._acknowledged: list[str] = []
        self._odd: Counter[str] = Counter()
        self._patients: list[tuple[float, float, int]] = []
        self._arrived = 0
        self._late: array[float] = array("d")
        self._sweeps = self._begun + _SWEEP
        end = self._begun + told["seconds"]
        if told["do"] == "closed":
            self._closed(end, told["clients"])
        else:
            self._open(end, told["rate"])
        until = now() + _GIVE_UP + 1
        while self._lines.under_way and now() < until:
            self._turn(_TICK)
        return {
            "arrived": self._arrived,
            "outcomes": {name: list(values) for name, values in self._outcomes.items()},
            "acknowledged": self._acknowledged,
            "odd": dict(self._odd.most_common(8)),
            "patients": self._patients,
            "late": sorted(self._late)[int(len(self._late) * 0.99)] if self._late else 0.0,
            "unanswered": self._lines.under_way,
        }

    def _closed(self, end: float, clients: int) -> None:
        def come() -> None:
            if now() < end:
                request = self._drawn()
                answered = request.answered

                def again(request: Request, status: int, body: bytes) -> None:
                    answered(request, status, body)
                    if status == 200:
                        come()
                    else:
                        self._call_at(now() + _PAUSE, come)

                request.answered = again
                self._send(request, now())

        for _ in range(clients):
            come()
        while now() < end:
            self._turn(_TICK)

    def _open(self, end: float, rate: float) -> None:
        due = self._begun
        while due < end:
            at = now()
            while due <= at and due < end:
                self._late.append(at - due)
                self._send(self._drawn(), due)
                due += self._draw.expovariate(rate)
            # All that has come meanwhile is asked for at once: asking for each would cost more than the rest.
            time.sleep(_TICK)
            self._turn(0.0)

    def _turn(self, seconds: float) -> None:
        at = now()
        while self._later and self._later[0][0] <= at:
            heapq.heappop(self._later)[2]()
        if at >= self._sweeps:
            self._sweeps = at + _SWEEP
            self._lines.expire(at - _GIVE_UP)
        self._lines.poll(seconds)

    def _call_at(self, at: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._later, (at, next(self._order), call))

    def _drawn(self) -> Request:
        self._arrived += 1
        self._number += 1
        share = self._draw.random()
        if share < DECLARING:
            request = self._declare(self._number)
        elif share < _READING:
            request = self._read("public", *self._public)
        else:
            request = self._read("staff", *self._draw.choice(self._staff))
        request.fresh = self._draw.random() < _FRESH
        return request

    def _declare(self, number: int) -> Request:
        key = _key(number)
        begins, head, middle, tail = self._templates[number % len(self._templates)]
        parts = (begins, self._address(number), head, key.encode(), middle, _phone(number), tail)
        return Request("declare", b"".join(parts), self._answered, key)

    def _return(self, number: int, slip: str) -> Request:
        """The same declaration once more, with the slip that it was given."""
        _, head, middle, tail = self._templates[number % len(self._templates)]
        body = head.partition(_BODY)[2] + _key(number).encode() + middle + _phone(number) + tail
        body = b'{"extensions":{"place":"%b"},%b' % (slip.encode(), body[1:])
        begins, ends = self._head(len(body))
        return Request("declare", b"".join((begins, self._address(number), ends, body)), self._answered, _key(number))

    def _read(self, kind: str, head: tuple[bytes, bytes], body: bytes) -> Request:
        content = b"".join((head[0], self._address(self._number), head[1], body))
        return Request(kind, content, self._answered)

    def _address(self, number: int) -> bytes:
        return self._addresses[number % len(self._addresses)]

    def _template(self, head: bytes, middle: bytes, tail: bytes) -> tuple[bytes, bytes, bytes, bytes]:
        length = len(head) + len(_key(0)) + len(middle) + len(_phone(0)) + len(tail)
        begins, ends = self._head(length)
        return begins, ends + head, middle, tail

    def _head(self, length: int, token: str | None = None) -> tuple[bytes, bytes]:
        """The head of a request, in two parts: between them goes the address that a proxy would forward."""
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        begins = (
            f"POST /graphql HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
            f"Accept: application/graphql-response+json\r\n{authorization}X-Forwarded-For: "
        )
        return begins.encode(), b"\r\nContent-Length: %d%b" % (length, _BODY)

    def _send(self, request: Request, due: float) -> None:
        request.sent = due
        request.first = request.first or due
        self._lines.send(request)

    def _answered(self, request: Request, status: int, body: bytes) -> None:
        at = now()
        outcome = "answered"
        if status == 503 or b'"OVERLOADED"' in body:
            outcome = "refused"
            self._refused(request, body)
        elif status == 0:
            outcome = "silence"
        elif status != 200 or (request.kind == "declare" and b'"Receipt"' not in body):
            outcome = "odd"
            self._odd[body[:160].decode("utf-8", "replace")] += 1
        elif request.kind == "declare":
            self._acknowledged.append(request.key)
            if request.tries:
                self._patients.append((request.first, at, request.tries))
        name = f"{'returned' if request.tries else request.kind} {outcome}"
        found = self._outcomes.get(name)
        if found is None:
            found = self._outcomes[name] = array("d")
        found.append(request.sent - self._begun)
        found.append(at - request.sent)

    def _refused(self, request: Request, body: bytes) -> None:
        if request.kind != "declare" or not (request.tries or self._draw.random() < self._told.get("patient", 0.0)):
            return
        if request.tries >= _TRIES:
            self._patients.append((request.first, 0.0, request.tries))
            return
        told = orjson.loads(body)["errors"][0]["extensions"]
        again = self._return(int(request.key.partition("-")[2]), told["place"])
        again.first, again.tries = request.first, request.tries + 1
        due = now() + told["retryAfter"]
        self._call_at(due, lambda: self._send(again, due))


_BODY = b"\r\n\r\n"


def _key(number: int) -> str:
    """Of one length, so that a request's length does not depend on whose it is."""
    return f"storm-{number:08d}"


def _phone(number: int) -> bytes:
    return b"+8495%07d" % (number % 10_000_000)


def main() -> None:
    """Phases until there are no more."""
    storm = Storm(orjson.loads(sys.stdin.buffer.readline()))
    gc.collect()
    gc.freeze()
    gc.disable()
    while line := sys.stdin.buffer.readline():
        found = storm.phase(orjson.loads(line))
        sys.stdout.buffer.write(orjson.dumps(found) + b"\n")
        sys.stdout.flush()
        gc.collect()


if __name__ == "__main__":
    main()
