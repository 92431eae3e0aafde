"""graphql-transport-ws to the letter, over real sockets: what is said, what is refused, and with which code."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import asyncpg
import orjson
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from models.migrate import plain
from tests.acceptance.client import PATIENCE, Api, Socket, closing
from tests.acceptance.conftest import Place, serving

ME = "{ me { displayName } }"
ALERTS = "{ alerts(first: 1) { nodes { id } } }"
LIVE = "subscription { alerts { cursor } }"
SUMMARY = "subscription { areaSummary { declared } }"
INIT = {"type": "connection_init"}
PING = {"type": "ping"}


def said(**message: Any) -> str:
    """A message as a client writes it."""
    return orjson.dumps(message).decode()


def subscribe(id: object = "1", **payload: Any) -> str:
    """A subscribe message, the payload's query being ME unless it says otherwise."""
    return said(type="subscribe", id=id, payload={"query": ME, **payload})


async def receive(connection: ClientConnection) -> Any:
    """The next message."""
    async with asyncio.timeout(PATIENCE):
        return orjson.loads(await connection.recv())


async def reason(connection: ClientConnection) -> tuple[int, str]:
    """The code that the server closes with, and what it says."""
    return await closing(connection), connection.close_reason or ""


ACK = said(**INIT)
BROKEN: list[tuple[str, list[Any], int]] = [
    ("null", ["null"], 4400),
    ("an array", ["[]"], 4400),
    ("an array of messages", [f"[{ACK}]"], 4400),
    ("a string", ['"connection_init"'], 4400),
    ("a number", ["1"], 4400),
    ("nothing", [""], 4400),
    ("no JSON", ["{"], 4400),
    ("two messages", [ACK + ACK], 4400),
    ("half a character", ['{"type":"connection_init","payload":{"x":"\\ud800"}}'], 4400),
    ("too deep", ['{"type":"ping","payload":' + '{"x":' * 5_000 + "1" + "}" * 5_001], 4400),
    ("no number", ['{"type":"ping","payload":{"x":NaN}}'], 4400),
    ("a binary frame", [b"\x00"], 4400),
    ("a message in a binary frame", [ACK.encode()], 4400),
    ("an empty binary frame", [b""], 4400),
    ("no type", ["{}"], 4400),
    ("a type of another kind", ['{"type":1}'], 4400),
    ("an unknown type", ['{"type":"start"}'], 4400),
    ("a server's type", ['{"type":"next","id":"1","payload":{}}'], 4400),
    ("an init of another kind", ['{"type":"connection_init","payload":"x"}'], 4400),
    ("an init with an array", ['{"type":"connection_init","payload":[]}'], 4400),
    ("a token that is no text", ['{"type":"connection_init","payload":{"authorization":1}}'], 4400),
    ("a ping of another kind", ['{"type":"ping","payload":1}'], 4400),
    ("a pong of another kind", ['{"type":"pong","payload":[]}'], 4400),
    ("a number as id", [ACK, subscribe(1)], 4400),
    ("null as id", [ACK, subscribe(None)], 4400),
    ("an array as id", [ACK, subscribe(["1"])], 4400),
    ("an object as id", [ACK, subscribe({})], 4400),
    ("an empty id", [ACK, subscribe("")], 4400),
    ("no id", [ACK, said(type="subscribe", payload={"query": ME})], 4400),
    ("no payload", [ACK, said(type="subscribe", id="1")], 4400),
    ("null as payload", [ACK, said(type="subscribe", id="1", payload=None)], 4400),
    ("an array as payload", [ACK, said(type="subscribe", id="1", payload=[])], 4400),
    ("a text as payload", [ACK, said(type="subscribe", id="1", payload=ME)], 4400),
    ("no query", [ACK, said(type="subscribe", id="1", payload={})], 4400),
    ("a query of another kind", [ACK, subscribe(query=[ME])], 4400),
    ("variables of another kind", [ACK, subscribe(variables=[])], 4400),
    ("variables as text", [ACK, subscribe(variables="{}")], 4400),
    ("a name of another kind", [ACK, subscribe(operationName=1)], 4400),
    ("extensions of another kind", [ACK, subscribe(extensions=[])], 4400),
    ("complete without an id", [ACK, said(type="complete")], 4400),
    ("complete with an empty id", [ACK, said(type="complete", id="")], 4400),
    ("complete with a number", [ACK, said(type="complete", id=1)], 4400),
    ("subscribe before init", [subscribe()], 4401),
    ("subscribe after a ping", [said(**PING), subscribe()], 4401),
    ("a forged token", [said(type="connection_init", payload={"authorization": "Bearer forged"})], 4403),
    ("another scheme", [said(type="connection_init", payload={"Authorization": "Basic eDp5"})], 4403),
    ("an id that is taken", [ACK, subscribe(query=SUMMARY), subscribe(query=SUMMARY)], 4409),
    ("two inits", [ACK, ACK], 4429),
    ("two inits, the second with a token", [ACK, said(type="connection_init", payload={"authorization": "x"})], 4429),
]


@pytest.mark.parametrize(("messages", "code"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
async def test_what_breaks_the_protocol_closes_the_socket(
    api: Api, station: Api, messages: list[Any], code: int
) -> None:
    async with (station if code == 4409 else api).raw_socket() as connection:
        if code == 4409:
            messages = [said(**INIT, payload={"authorization": f"Bearer {station.token}"}), *messages[1:]]
        for message in messages:
            await connection.send(message)
        assert await closing(connection) == code


async def test_an_id_of_any_length_and_script_can_be_named_in_the_reason(station: Api) -> None:
    async with station.socket() as socket:
        for _ in range(2):
            await socket.subscribe("🏥" * 400, LIVE)
        code, why = await reason(socket.connection)
    assert (code, why.startswith("Subscriber for 🏥🏥")) == (4409, True)


async def test_a_ping_has_its_pong_with_its_payload_also_before_the_init(api: Api) -> None:
    async with api.raw_socket() as connection:
        for message, answer in (
            (PING, {"type": "pong"}),
            ({**PING, "payload": None}, {"type": "pong"}),
            ({**PING, "payload": {"n": 1}}, {"type": "pong", "payload": {"n": 1}}),
        ):
            await connection.send(said(**message))
            assert await receive(connection) == answer
        await connection.send(said(type="pong", payload={"unasked": True}))
        await connection.send(ACK)
        assert await receive(connection) == {"type": "connection_ack"}


@pytest.mark.parametrize("payload", ["absent", None, {}, {"anything": [1]}])
async def test_an_init_may_say_nothing(api: Api, payload: Any) -> None:
    async with api.raw_socket() as connection:
        await connection.send(ACK if payload == "absent" else said(**INIT, payload=payload))
        assert await receive(connection) == {"type": "connection_ack"}


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
async def test_who_is_there_is_said_in_the_init_in_any_case(api: Api, tokens: dict[str, str], name: str) -> None:
    async with api.raw_socket() as connection:
        await connection.send(said(**INIT, payload={name: f"Bearer {tokens['station']}"}))
        assert await receive(connection) == {"type": "connection_ack"}
        await connection.send(subscribe())
        assert (await receive(connection))["payload"] == {"data": {"me": {"displayName": "Station"}}}


async def test_what_is_sent_while_the_init_is_in_flight_waits_for_it(api: Api, tokens: dict[str, str]) -> None:
    async with api.raw_socket() as connection:
        await connection.send(said(**INIT, payload={"authorization": f"Bearer {tokens['station']}"}))
        await connection.send(subscribe())
        await connection.send(said(**PING))
        assert await receive(connection) == {"type": "connection_ack"}
        heard = [await receive(connection) for _ in range(3)]
    assert {"type": "pong"} in heard
    assert [one["type"] for one in heard if "id" in one] == ["next", "complete"]


async def test_an_operation_after_a_refused_init_never_runs(api: Api) -> None:
    async with api.raw_socket() as connection:
        await connection.send(said(**INIT, payload={"authorization": "Bearer forged"}))
        await connection.send(subscribe())
        with pytest.raises(ConnectionClosed):
            await receive(connection)
        assert await reason(connection) == (4403, "UNAUTHENTICATED")


async def test_a_query_a_mutation_and_their_refusals(station: Api) -> None:
    async with station.socket() as socket:
        await socket.subscribe("q", ME)
        assert (await socket.next("q"))["me"] == {"displayName": "Station"}
        assert await socket.message("q") == {"id": "q", "type": "complete"}
        await socket.subscribe("m", 'mutation { acknowledgeAlert(input: {id: "x"}) { __typename } }')
        # It ran, and has an answer; only what was never run is an error.
        ran = await socket.message("m")
        assert (ran["type"], "data" in ran["payload"]) == ("next", True)
        assert (await socket.message("m"))["type"] == "complete"
        for id, query in (("syntax", "{"), ("unknown", "{ nothing }"), ("empty", ""), ("blank", " ")):
            await socket.subscribe(id, query)
            assert await socket.error(id) == "BAD_REQUEST"
        # After an error there is no complete: the next message of all is the pong.
        await socket.send(PING)
        assert (await socket.receive())["type"] == "pong"


async def test_a_fault_in_one_operation_leaves_its_neighbours_alone(station: Api) -> None:
    async with station.socket() as socket:
        await socket.subscribe("live", SUMMARY)
        await socket.next("live")
        await socket.subscribe("bad", "subscription {")
        assert await socket.error("bad") == "BAD_REQUEST"
        await socket.subscribe("none", "subscription { areaSummary(area: 1) { declared } }")
        assert await socket.error("none") == "BAD_REQUEST"
        await socket.subscribe("live-2", SUMMARY)
        assert "declared" in (await socket.next("live-2"))["areaSummary"]


async def test_who_completes_hears_no_more_and_may_use_the_id_again(station: Api) -> None:
    async with station.socket() as socket:
        await socket.subscribe("1", SUMMARY)
        await socket.next("1")
        for _ in range(5):
            await socket.send({"type": "complete", "id": "1"})
            await socket.subscribe("1", ME)
            assert "me" in await socket.next("1")
            assert (await socket.message("1"))["type"] == "complete"
        # Ended already, never begun, ended twice: none of it is anybody's business.
        for id in ("1", "1", "never"):
            await socket.send({"type": "complete", "id": id})
        await socket.send(PING)
        assert (await socket.receive())["type"] == "pong"


async def test_what_is_completed_before_its_answer_has_none(station: Api) -> None:
    async with station.socket() as socket:
        for number in range(40):
            await socket.subscribe(str(number), ME)
            await socket.send({"type": "complete", "id": str(number)})
        await socket.subscribe("last", ME)
        await socket.next("last")
        # Whatever had been on its way when its end was read had been sent in full.
        for messages in socket.waiting.values():
            assert [one["type"] for one in messages] in (["next"], ["next", "complete"], ["complete"], [])


async def test_a_message_that_is_too_long_closes_the_socket_and_says_so(api: Api) -> None:
    async with api.raw_socket() as connection:
        await connection.send(subscribe(query="#" * 2_000_000))
        assert await closing(connection) == 1009
    async with api.raw_socket() as connection:
        await connection.send(["#" * 400_000 for _ in range(4)])
        assert await closing(connection) == 1009


async def test_a_message_in_thousands_of_pieces_of_nothing_is_too_long(api: Api) -> None:
    begun, piece = b"\x01\x80\0\0\0\0", b"\x00\x80\0\0\0\0"
    async with raw(api) as (reader, writer), asyncio.timeout(PATIENCE):
        writer.write(begun + piece * 5_000)
        heard = await reader.read(-1)
    assert heard == frame_of_server(1009, b"TOO_LARGE")


async def test_who_is_still_sending_when_told_why_is_not_cut_off(api: Api) -> None:
    piece = frame(0x0, b"#" * 400_000, last=False)
    async with raw(api) as (reader, writer), asyncio.timeout(PATIENCE):
        writer.write(frame(0x1, b"#" * 400_000, last=False) + piece + piece)
        # To the end of what it says: by then all has happened there, and a reset would throw away what is unread.
        heard = await reader.read(-1)
        assert (heard[0], heard[2:4]) == (0x88, struct.pack("!H", 1009))
        for _ in range(20):
            writer.write(piece)
            await writer.drain()


async def test_what_is_no_utf8_closes_the_socket(api: Api) -> None:
    async with api.raw_socket() as connection:
        await connection.send(b"\xff\xfe", text=True)
        assert await closing(connection) == 1007


async def test_who_only_asks_and_never_reads_is_not_answered_without_end(api: Api) -> None:
    ping = frame(0x9, b"x" * 125)
    async with raw(api) as (reader, writer), asyncio.timeout(PATIENCE * 2):
        for _ in range(100):
            writer.write(ping * 2_000)
            await writer.drain()
        writer.write(frame(0x8, struct.pack("!H", 1000)))
        answered = len(await reader.read(-1))
    assert 0 < answered < 100 * 2_000 * 127 / 2
    assert (await api.get("/health/live")).status == 200


@asynccontextmanager
async def raw(api: Api) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A socket of which nothing is read but what a test reads."""
    host, port = api.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**16)
    writer.write(
        f"GET /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
    )
    try:
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        yield reader, writer
    finally:
        writer.transport.abort()


def frame(kind: int, payload: bytes, *, last: bool = True) -> bytes:
    """A frame as a client sends it."""
    mask = os.urandom(4)
    size = len(payload)
    first = kind | (0x80 if last else 0)
    head = bytes([first, 0x80 | size]) if size < 126 else struct.pack("!BBQ", first, 0xFF, size)
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


def frame_of_server(code: int, reason: bytes) -> bytes:
    """The frame by which the server closes."""
    return struct.pack("!BBH", 0x88, 2 + len(reason), code) + reason


STRICT = {
    "KHAIBAO_TRUSTED_PROXIES": "127.0.0.1",
    "KHAIBAO_MAX_SOCKETS_BY_ADDRESS": "4",
    "KHAIBAO_MAX_SOCKETS_BY_ACCOUNT": "3",
    "KHAIBAO_MAX_OPERATIONS_BY_SOCKET": "4",
    "KHAIBAO_MAX_OPERATIONS_BY_ACCOUNT": "7",
    "KHAIBAO_MAX_SUBSCRIPTIONS_BY_SOCKET": "2",
    "KHAIBAO_MAX_SUBSCRIPTIONS_BY_ACCOUNT": "3",
}

# Apart from the bounds above: on a busy machine a socket of their tests would be closed for its silence.
HURRIED = {
    "KHAIBAO_SOCKET_INIT_SECONDS": "0.5",
    "KHAIBAO_SOCKET_IDLE_SECONDS": "0.8",
    "KHAIBAO_SOCKET_SEND_SECONDS": "0.5",
}


@pytest.fixture(scope="module")
async def hurried(place: Place) -> AsyncIterator[Api]:
    """A server that waits for nobody longer than a test can."""
    async with serving(replace(place, more=HURRIED)) as url, aiohttp.ClientSession() as session:
        yield Api(url, session)


@pytest.fixture(scope="module")
async def strict(place: Place) -> AsyncIterator[Api]:
    """A server with bounds that a test can reach."""
    async with serving(replace(place, more=STRICT)) as url, aiohttp.ClientSession() as session:
        yield Api(url, session)


async def limit(socket: Socket, id: str) -> tuple[str, str]:
    """The code and the bound of the error that an operation ends with."""
    message = await socket.message(id)
    assert message["type"] == "error", message
    extensions = message["payload"][0]["extensions"]
    assert extensions["retryAfter"] >= 1
    return extensions["code"], extensions["limit"]


async def test_who_never_says_who_is_there_is_closed(hurried: Api) -> None:
    async with hurried.raw_socket() as connection:
        await connection.send(said(**PING))
        assert await reason(connection) == (4408, "Connection initialisation timeout")


async def test_one_socket_and_one_account_have_so_many_subscriptions(strict: Api, tokens: dict[str, str]) -> None:
    api = strict.acting(tokens["centre"])
    async with api.socket() as first, api.socket() as second, api.events(SUMMARY) as events:
        await anext(events)
        for id in "12":
            await first.subscribe(id, SUMMARY)
            await first.next(id)
        await first.subscribe("3", SUMMARY)
        assert await limit(first, "3") == ("RATE_LIMITED", "SOCKET_SUBSCRIPTIONS")
        await second.subscribe("1", SUMMARY)
        assert await limit(second, "1") == ("RATE_LIMITED", "ACCOUNT_SUBSCRIPTIONS")
        async with api.session.post(
            f"{api.url}/graphql",
            json={"query": SUMMARY},
            headers={"Accept": "text/event-stream", "Authorization": f"Bearer {api.token}"},
        ) as response:
            assert b'"limit":"ACCOUNT_SUBSCRIPTIONS"' in await response.read()
        # What ends makes room, and what is short has room all the while.
        await second.subscribe("q", ME)
        await second.next("q")
        await first.send({"type": "complete", "id": "1"})
        await until_watched(second)


async def until_watched(socket: Socket) -> None:
    """Returns when there is room for a subscription."""
    async with asyncio.timeout(PATIENCE):
        number = 0
        while True:
            number += 1
            await socket.subscribe(f"again {number}", SUMMARY)
            if (await socket.message(f"again {number}"))["type"] == "next":
                return


async def test_one_socket_and_one_account_have_so_many_operations(
    strict: Api, tokens: dict[str, str], place: Place
) -> None:
    api, room = strict.acting(tokens["committee"]), "RATE_LIMITED"
    owner = await asyncpg.connect(plain(place.urls.owner))
    try:
        async with api.socket() as first, api.socket() as second:
            async with owner.transaction():
                # Each that wants to read alerts stays until this is over, so that all are there at once.
                await owner.execute("LOCK TABLE alert IN ACCESS EXCLUSIVE MODE")
                for id in "123456":
                    await first.subscribe(id, ALERTS)
                assert [await limit(first, id) for id in "56"] == [(room, "SOCKET_OPERATIONS")] * 2
                for id in "12345":
                    await second.subscribe(id, ALERTS)
                assert [await limit(second, id) for id in "45"] == [(room, "ACCOUNT_OPERATIONS")] * 2
            for socket, ids in ((first, "1234"), (second, "123")):
                for id in ids:
                    await socket.next(id)
                    assert (await socket.message(id))["type"] == "complete"
            # A refusal has ended its own operation and nothing else, and whatever ends makes room.
            for id in "1234":
                await first.subscribe(id, ME)
            for id in "1234":
                await first.next(id)
    finally:
        await owner.close()


async def test_an_account_has_so_many_sockets(strict: Api, tokens: dict[str, str]) -> None:
    api = strict.acting(tokens["department"])
    async with api.socket(), api.socket():
        async with api.socket() as third:
            async with api.raw_socket() as fourth:
                await fourth.send(said(**INIT, payload={"authorization": f"Bearer {api.token}"}))
                assert await reason(fourth) == (1013, "RATE_LIMITED limit=ACCOUNT_SOCKETS retryAfter=30")
            await third.subscribe("1", ME)
            await third.next("1")
        await until_admitted(api)


async def until_admitted(api: Api) -> None:
    """Returns when there is room for a socket."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with api.raw_socket() as connection:
                await connection.send(said(**INIT, payload={"authorization": f"Bearer {api.token}"}))
                try:
                    assert (await receive(connection))["type"] == "connection_ack"
                except ConnectionClosed:
                    continue
                return


async def test_an_address_has_so_many_sockets_and_its_neighbour_as_many(strict: Api) -> None:
    headers = {"X-Forwarded-For": "203.0.113.50"}
    url = f"{strict.url}/graphql"
    protocols = ["graphql-transport-ws"]
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(url, headers=headers, protocols=protocols) for _ in range(4)]
        fifth = await session.ws_connect(url, headers=headers, protocols=protocols)
        message = await fifth.receive(PATIENCE)
        assert (message.data, message.extra) == (1013, "RATE_LIMITED limit=ADDRESS_SOCKETS retryAfter=30")
        other = await session.ws_connect(url, headers={"X-Forwarded-For": "203.0.113.51"}, protocols=protocols)
        await other.send_str(ACK)
        assert orjson.loads((await other.receive(PATIENCE)).data) == {"type": "connection_ack"}
        for socket in (*sockets, fifth, other):
            await socket.close()


async def test_where_nothing_runs_and_no_ping_is_answered_the_socket_ends(hurried: Api) -> None:
    async with hurried.socket() as socket:
        assert (await socket.receive())["type"] == "ping"
        assert await reason(socket.connection) == (4410, "IDLE")


async def test_who_answers_pings_or_listens_to_something_stays(hurried: Api, tokens: dict[str, str]) -> None:
    async with hurried.socket() as socket:
        for _ in range(4):
            assert (await socket.receive())["type"] == "ping"
            await socket.send({"type": "pong"})
    async with hurried.acting(tokens["city"]).socket() as listening, hurried.socket() as idle:
        await listening.subscribe("1", LIVE)
        assert (await closing(idle.connection)) == 4410
        # As long as it took the other one: nobody asked this one for anything.
        await listening.subscribe("2", ME)
        assert "me" in await listening.next("2")
        assert listening.waiting.get("") in (None, [])


async def test_who_reads_nothing_is_closed_with_a_code_to_come_back_after(hurried: Api) -> None:
    asked = frame(0x1, said(type="ping", payload={"x": "y" * 500_000}).encode())
    async with raw(hurried) as (reader, writer), asyncio.timeout(PATIENCE * 2):
        writer.write(frame(0x1, ACK.encode()))
        await _flood(writer, asked)
        heard = await reader.read(-1)
    assert heard.endswith(frame_of_server(1013, b"SLOW_SUBSCRIBER"))


async def _flood(writer: asyncio.StreamWriter, asked: bytes) -> None:
    # Until the server reads no more, which is what it does while it waits for us.
    for _ in range(60):
        writer.write(asked)
        try:
            async with asyncio.timeout(1.5):
                await writer.drain()
        except TimeoutError:
            return


async def test_a_token_in_the_handshake_s_header_serves_where_the_init_has_none(
    api: Api, tokens: dict[str, str]
) -> None:
    headers = {"Authorization": f"Bearer {tokens['station']}"}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{api.url}/graphql", headers=headers, protocols=["graphql-transport-ws"]) as socket,
    ):
        await socket.send_str(ACK)
        await socket.receive(PATIENCE)
        await socket.send_str(subscribe())
        answer = orjson.loads((await socket.receive(PATIENCE)).data)
    assert answer["payload"] == {"data": {"me": {"displayName": "Station"}}}


async def test_another_protocol_is_not_spoken(api: Api) -> None:
    async with aiohttp.ClientSession() as session:
        for protocols in ([], ["graphql-ws"]):
            async with session.ws_connect(f"{api.url}/graphql", protocols=protocols) as socket:
                assert (await socket.receive(PATIENCE)).data == 4406
