"""The clients of a run, in a process of their own: `python -m overload.storm` takes a line of JSON for each phase.

Open-loop: the next one comes when they come, whatever became of those before. A share of the refused comes back when
they are told to, with their place; the others are never seen again.
"""

import asyncio
import base64
import gc
import random
import sys
from array import array
from collections import Counter, deque
from typing import Any

import orjson
import uvloop

from overload.line import Line, Request, now
from simulation.made_up_address import made_up_address

DECLARING = 0.70
"""The share of requests that are declarations; the others are reads, most of them the public's."""
_READING = 0.88

_GIVE_UP = 5.0
_PAUSE = 0.25
_LINES = 1_800
_TICK = 0.002
_TRIES = 8
_LAST = 3.0


class Storm:
    """Everybody who comes in one phase."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._host, self._port = job["host"], job["port"]
        self._templates = [tuple(base64.b64decode(part) for part in parts) for parts in job["templates"]]
        self._reads = [text.encode() for text in job["reads"]]
        self._tokens = job["tokens"]
        self._free: deque[Line] = deque()
        self._lines: set[Line] = set()
        self._number = job["number"]
        self._draw = random.Random(job["seed"])

    async def phase(self, told: dict[str, Any]) -> dict[str, Any]:
        """One phase, and what became of it."""
        self._told = told
        self._begun = now()
        self._outcomes: dict[str, array[float]] = {}
        self._acknowledged: list[str] = []
        self._odd: Counter[str] = Counter()
        self._patients: list[tuple[float, float, int]] = []
        self._waiting = self._arrived = 0
        self._late: array[float] = array("d")
        cleaning = asyncio.create_task(self._clean())
        try:
            if told["do"] == "closed":
                await self._closed(told["seconds"], told["clients"])
            else:
                await self._open(told["rate"], told["seconds"])
            until = now() + _GIVE_UP + 1
            while self._waiting and now() < until:  # noqa: ASYNC110 - ten thousand answers set no event each
                await asyncio.sleep(0.01)
        finally:
            cleaning.cancel()
        return {
            "arrived": self._arrived,
            "outcomes": {name: list(values) for name, values in self._outcomes.items()},
            "acknowledged": self._acknowledged,
            "odd": dict(self._odd.most_common(8)),
            "patients": self._patients,
            "late": sorted(self._late)[int(len(self._late) * 0.99)] if self._late else 0.0,
            "unanswered": self._waiting,
        }

    async def _closed(self, seconds: float, clients: int) -> None:
        end = now() + seconds

        async def one() -> None:
            while now() < end:
                if not await self._and_wait(self._drawn()):
                    await asyncio.sleep(_PAUSE)

        await asyncio.gather(*(one() for _ in range(clients)))

    async def _and_wait(self, request: Request) -> bool:
        done = asyncio.get_running_loop().create_future()
        answered = request.answered

        def told(request: Request, status: int, body: bytes) -> None:
            answered(request, status, body)
            if not done.done():
                done.set_result(status == 200)

        request.answered = told
        self._send(request)
        return bool(await done)

    async def _open(self, rate: float, seconds: float) -> None:
        due = begun = now()
        while due < begun + seconds:
            while due <= now():
                self._late.append(now() - due)
                self._send(self._drawn())
                due += self._draw.expovariate(rate)
            await asyncio.sleep(_TICK)

    def _drawn(self) -> Request:
        self._arrived += 1
        self._number += 1
        share = self._draw.random()
        if share < DECLARING:
            key = f"storm-{self._number}"
            return self._declare(key, self._number)
        if share < _READING:
            return self._read("public", self._reads[0], None)
        return self._read("staff", self._reads[1], self._draw.choice(self._tokens))

    def _declare(self, key: str, number: int, slip: str | None = None) -> Request:
        head, middle, tail = self._templates[number % len(self._templates)]
        body = b"%b%b%b+8495%07d%b" % (head, key.encode(), middle, number % 10_000_000, tail)
        if slip:
            body = b'{"extensions":{"place":"%b"},%b' % (slip.encode(), body[1:])
        return Request("declare", self._http(body, f"{number}"), self._answered, key, slip)

    def _read(self, kind: str, body: bytes, token: str | None) -> Request:
        return Request(kind, self._http(body, f"{self._number % 4096}", token), self._answered)

    def _http(self, body: bytes, who: str, token: str | None = None) -> bytes:
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        return (
            f"POST /graphql HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
            f"Accept: application/graphql-response+json\r\n{authorization}"
            f"X-Forwarded-For: {made_up_address(who)}\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def _send(self, request: Request) -> None:
        self._waiting += 1
        request.sent = now()
        request.first = request.first or request.sent
        if self._free:
            self._free.pop().send(request)
        elif len(self._lines) < _LINES:
            line = Line(self._back, request)
            self._lines.add(line)
            opening = asyncio.get_running_loop().create_connection(lambda: line, self._host, self._port)
            asyncio.ensure_future(opening).add_done_callback(lambda done: self._opened(line, done))
        else:
            self._odd["no connection left"] += 1
            request.answered(request, 0, b"")

    def _opened(self, line: Line, done: "asyncio.Future[Any]") -> None:
        if not done.cancelled() and (error := done.exception()) is not None:
            self._odd[f"connect {type(error).__name__}"] += 1
            line.connection_lost(None)

    def _back(self, line: Line, usable: bool) -> None:
        if usable:
            self._free.append(line)
        elif line in self._lines:
            self._lines.discard(line)
            if line in self._free:
                self._free.remove(line)

    async def _clean(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            for line in list(self._lines):
                line.expire(now() - _GIVE_UP)

    def _answered(self, request: Request, status: int, body: bytes) -> None:
        at = now()
        self._waiting -= 1
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
        found = self._outcomes.setdefault(name, array("d"))
        found.append(request.sent - self._begun)
        found.append(at - request.sent)

    def _refused(self, request: Request, body: bytes) -> None:
        if request.kind != "declare" or not (request.tries or self._draw.random() < self._told.get("patient", 0.0)):
            return
        if request.tries >= _TRIES:
            self._patients.append((request.first, 0.0, request.tries))
            return
        told = orjson.loads(body)["errors"][0]["extensions"]
        again = self._declare(request.key, int(request.key.partition("-")[2]), told["place"])
        again.first, again.tries = request.first, request.tries + 1
        asyncio.get_running_loop().call_later(told["retryAfter"], self._send, again)


async def main() -> None:
    """Phases until there are no more."""
    reader = asyncio.StreamReader(limit=2**27)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    storm = Storm(orjson.loads(await reader.readline()))
    gc.collect()
    gc.freeze()
    gc.disable()
    while line := await reader.readline():
        found = await storm.phase(orjson.loads(line))
        sys.stdout.buffer.write(orjson.dumps(found) + b"\n")
        sys.stdout.flush()
        gc.collect()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
