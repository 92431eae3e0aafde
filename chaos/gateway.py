"""`python -m chaos.gateway`: an SMS gateway that errs, dawdles and loses its answers, and notes whatever it took.

It writes a line for each message before it answers, so that the log is what it can be held to. What it is to do wrong
is posted to /mood, and /taken tells how many messages it took.
"""

import asyncio
import hashlib
import random
import sys
from pathlib import Path
from typing import IO

import orjson
from aiohttp import web

MOODS = ("well", "errors", "slow", "lost")
_ERRORS = (500, 502, 503, 429, 403)


class Gateway:
    """The gateway; `log` is a file that is only written to."""

    def __init__(self, log: IO[bytes], seed: int) -> None:
        self._log = log
        self._draw = random.Random(f"gateway {seed}")
        self._mood = "well"
        self.taken = 0

    async def sms(self, request: web.Request) -> web.StreamResponse:
        """Takes a message, or not."""
        body = await request.read()
        mood = self._mood
        if mood == "errors":
            return web.Response(status=self._draw.choice(_ERRORS), text="out of order")
        self._take(request.headers.get("idempotency-key", ""), body)
        if mood == "lost":
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if mood == "slow":
            # Some later than anybody waits.
            await asyncio.sleep(self._draw.choice((0.5, 2.0, 5.0, 9.0)))
        return web.json_response({"id": f"gw-{self.taken}"})

    async def mood(self, request: web.Request) -> web.Response:
        """What it is to do from now on."""
        wanted = (await request.read()).decode()
        if wanted not in MOODS:
            return web.Response(status=400)
        self._mood = wanted
        return web.Response()

    async def told(self, _: web.Request) -> web.Response:
        """How many messages it took."""
        return web.json_response({"taken": self.taken})

    def _take(self, key: str, body: bytes) -> None:
        self.taken += 1
        message = orjson.loads(body)
        # No text and no number: a log of a run may be looked at by anybody.
        digest = hashlib.sha256(f"{message['to']} {message['text']}".encode()).hexdigest()[:24]
        self._log.write(orjson.dumps({"key": key, "id": message["id"], "says": digest}) + b"\n")
        self._log.flush()


def main() -> None:
    """`python -m chaos.gateway PORT LOG SEED`."""
    port, log, seed = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    with log.open("ab") as file:
        gateway = Gateway(file, seed)
        application = web.Application()
        application.router.add_post("/sms", gateway.sms)
        application.router.add_post("/mood", gateway.mood)
        application.router.add_get("/taken", gateway.told)
        web.run_app(application, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()
