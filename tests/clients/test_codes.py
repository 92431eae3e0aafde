"""What docs/clients.md says of the codes that a socket is closed with is what graphql-ws does."""

import re
from collections.abc import Iterator

import orjson
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.acceptance.conftest import ROOT
from tests.clients.program import Program

pytestmark = pytest.mark.clients

CUT = 1006
"""No code at all: the connection broke."""


def rows() -> Iterator[tuple[int, bool]]:
    """The codes of the page's table, and whether a client comes back after each."""
    page = (ROOT / "docs" / "clients.md").read_text()
    for codes, does in re.findall(r"^\| ([0-9, ]+) \|.*\| (comes back|gives up).*\|$", page, re.MULTILINE):
        yield from ((int(code), does == "comes back") for code in codes.split(","))


@pytest.mark.parametrize(("code", "back"), sorted(set(rows()) - {(CUT, True)}))
async def test_a_client_does_what_the_page_says(code: int, back: bool) -> None:
    sockets = 0

    async def closes_once(socket: ServerConnection) -> None:
        nonlocal sockets
        sockets += 1
        await socket.recv()
        await socket.send('{"type": "connection_ack"}')
        asked = orjson.loads(await socket.recv())
        if sockets == 1:
            await socket.close(code)
            return
        await socket.send(orjson.dumps({"type": "next", "id": asked["id"], "payload": {"data": None}}).decode())
        await socket.wait_closed()

    async with serve(closes_once, "127.0.0.1", 0, subprotocols=[Subprotocol("graphql-transport-ws")]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with Program.running("codes", url=f"ws://127.0.0.1:{port}") as program:
            assert await program.next("closed") == code
            await program.next("back" if back else "gives up")


def test_the_page_has_every_code() -> None:
    assert {code for code, _ in rows()} >= {
        1001,
        1006,
        1011,
        1012,
        1013,
        4400,
        4401,
        4403,
        4406,
        4408,
        4409,
        4410,
        4429,
    }
