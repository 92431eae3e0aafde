"""Connections that come all at once are taken up all at once, and nobody is greeted behind a closed door."""

import asyncio
import socket
from typing import cast

import pytest

from process.accepting_loop import AcceptingLoop

MANY = 300


class Greeting(asyncio.Protocol):
    """Says one letter and counts."""

    greeted = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        Greeting.greeted += 1
        cast(asyncio.Transport, transport).write(b"x")


async def turns_until_all_are_greeted() -> int:
    Greeting.greeted = 0
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Greeting, "127.0.0.1", 0, backlog=MANY)
    port = server.sockets[0].getsockname()[1]
    clients = []
    try:
        for _ in range(MANY):
            client = socket.socket()
            client.connect(("127.0.0.1", port))
            clients.append(client)
        turns = 0
        while Greeting.greeted < MANY:
            turns += 1
            await asyncio.sleep(0)
        for client in clients:
            client.settimeout(5.0)
            assert await asyncio.to_thread(client.recv, 1) == b"x"
    finally:
        for client in clients:
            client.close()
        server.close()
    async with asyncio.timeout(5):
        while True:
            await asyncio.sleep(0.01)  # The kernel greets until the last descriptor is closed, and says so to nobody.
            probe = socket.socket()
            try:
                probe.connect(("127.0.0.1", port))
            except ConnectionRefusedError:
                return turns
            finally:
                probe.close()


def test_a_crowd_is_taken_up_in_a_few_turns_and_a_closed_server_greets_nobody() -> None:
    with asyncio.Runner(loop_factory=AcceptingLoop) as runner:
        # libuv alone takes as many turns as there are connections.
        assert runner.run(turns_until_all_are_greeted()) < MANY / 5


@pytest.mark.parametrize("times", [3])
def test_loops_come_and_go(times: int) -> None:
    for _ in range(times):
        with asyncio.Runner(loop_factory=AcceptingLoop) as runner:
            runner.run(turns_until_all_are_greeted())
