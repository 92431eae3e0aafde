"""The floor's application: a path for each kind of work, each of which is its statements and nothing else."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import orjson

from bench.peers.floor.work import Work

POOL = 16
"""As many connections as the program's own service login has."""

_HEAD = [(b"content-type", b"application/json")]


def create_app() -> Callable[[Any, Any, Any], Awaitable[None]]:
    """The ASGI application; the pool opens and closes with it."""
    work: Work | None = None

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal work
        if scope["type"] == "lifespan":
            await receive()
            pool = await open_pool()
            work = Work(pool)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await pool.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        assert work is not None
        body = b""
        while True:
            message = await receive()
            body += message["body"]
            if not message.get("more_body"):
                break
        data = await answer_of(work, scope["path"], orjson.loads(body).get("variables") or {})
        # asyncpg's UUIDs are of a class of their own, which orjson asks about.
        answer = orjson.dumps({"data": data}, default=str)
        length = (b"content-length", str(len(answer)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [*_HEAD, length]})
        await send({"type": "http.response.body", "body": answer})

    return app


async def answer_of(work: Work, path: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The data of a path. Raises ValueError for one that has no work."""
    match path:
        case "/declare":
            given = variables["input"]
            person = given["people"][0]
            receipt, _ = await work.declare(
                given["idempotencyKey"],
                given["address"]["areaCode"],
                person["sex"],
                person["symptoms"],
                person.get("nationalId"),
            )
            return {"declare": receipt}
        case "/list":
            return {"declarations": {"nodes": await work.declarations(50)}}
        case "/worklist":
            return {"worklist": {"nodes": await work.worklist(50)}}
        case "/summary":
            area, *children = await work.summary()
            return {"areaSummary": {**area, "children": children}}
    raise ValueError(path)


async def open_pool() -> "asyncpg.Pool[asyncpg.Record]":
    """The connections, of the login and the database that the environment names."""
    return await asyncpg.create_pool(
        host=os.environ["PEER_SOCKET"],
        user=os.environ["PEER_LOGIN"],
        database=os.environ["PEER_DATABASE"],
        min_size=POOL,
        max_size=POOL,
        connection_class=_PlainConnection,
        server_settings={"jit": "off", "timezone": "UTC"},
    )


class _PlainConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """A connection that nobody changes, so that giving it back costs no round trip."""

    def get_reset_query(self) -> str:
        """Nothing to reset."""
        return ""
