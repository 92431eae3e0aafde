"""Connections that come all at once are taken up all at once, and nobody is greeted behind a closed door."""

import asyncio
import socket
from functools import partial
from typing import cast

import pytest

from commands.listening import PortTaken, free_address
from process.accepting_loop import AcceptingLoop, bound_for_several

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
    await until_nobody_listens(("127.0.0.1", port))
    return turns


async def until_nobody_listens(address: tuple[str, int]) -> None:
    async with asyncio.timeout(5):
        while True:
            await asyncio.sleep(0.01)  # The kernel greets until the last descriptor is closed, and says so to nobody.
            probe = socket.socket()
            try:
                probe.connect(address)
            except ConnectionRefusedError:
                return
            finally:
                probe.close()


def test_a_crowd_is_taken_up_in_a_few_turns_and_a_closed_server_greets_nobody() -> None:
    with asyncio.Runner(loop_factory=AcceptingLoop) as runner:
        # libuv alone takes as many turns as there are connections.
        assert runner.run(turns_until_all_are_greeted()) < MANY / 5


async def greeted_by_each_of_several(processes: int) -> list[int]:
    """How many of MANY connections each listener of one address has greeted."""

    class Counting(Greeting):
        def __init__(self, number: int) -> None:
            self.number = number

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            counted[self.number] += 1

    Greeting.greeted, counted = 0, [0] * processes
    loop = asyncio.get_running_loop()
    clients = []
    with bound_for_several("127.0.0.1", 0) or socket.socket() as several:
        # Handed over to each process, as a supervisor does; and listened on by none of them.
        servers = [
            await loop.create_server(partial(Counting, number), sock=several, backlog=MANY)
            for number in range(processes)
        ]
        try:
            for _ in range(MANY):
                client = socket.socket()
                client.connect(several.getsockname())
                clients.append(client)
            async with asyncio.timeout(5):
                while Greeting.greeted < MANY:  # noqa: ASYNC110 - three hundred greetings set no event each
                    await asyncio.sleep(0)  # One turn of the loop.
        finally:
            for client in clients:
                client.close()
            for server in servers:
                server.close()
        await until_nobody_listens(several.getsockname())
    return counted


def test_what_comes_to_several_processes_is_dealt_out_evenly() -> None:
    with asyncio.Runner(loop_factory=AcceptingLoop) as runner:
        counted = runner.run(greeted_by_each_of_several(3))
    assert sum(counted) == MANY
    # By chance, of a hundred each: that one has under sixty happens once in a million runs.
    assert min(counted) > 60


def test_an_address_of_several_is_taken_for_everybody_else() -> None:
    with bound_for_several("127.0.0.1", 0) or socket.socket() as several:
        several.listen()
        with pytest.raises(PortTaken):
            free_address(*several.getsockname())


@pytest.mark.parametrize("times", [3])
def test_loops_come_and_go(times: int) -> None:
    for _ in range(times):
        with asyncio.Runner(loop_factory=AcceptingLoop) as runner:
            runner.run(turns_until_all_are_greeted())
