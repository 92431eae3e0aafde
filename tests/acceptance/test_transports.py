"""The three protocols, as a client's library would notice them."""

from typing import Any

import orjson
import pytest

from tests.acceptance.client import Api, closing

ME = "{ me { displayName } installation { mode } }"
BODY = orjson.dumps({"query": ME})
RESPONSE = "application/graphql-response+json"


@pytest.mark.parametrize(
    ("accept", "medium"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, application/json;q=0.9", RESPONSE),
        (f"{RESPONSE}, application/json, text/event-stream", RESPONSE),
        ("application/json, multipart/mixed, text/event-stream", "application/json"),
    ],
)
async def test_the_answer_is_of_the_type_that_is_preferred(api: Api, accept: str, medium: str) -> None:
    reply = await api.post(BODY, accept=accept)
    assert (reply.status, reply.headers["Content-Type"]) == (200, f"{medium}; charset=utf-8")


@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (RESPONSE, 400)])
async def test_what_is_refused_before_it_runs_has_no_data(api: Api, accept: str, status: int) -> None:
    reply = await api.post(b'{"query":"{ nothing }"}', accept=accept)
    assert (reply.status, "data" in reply.json) == (status, False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"accept": "text/html"}, 406),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "x-application/jsonx"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"content_type": "application/json; charset=latin-1"}, 415),
        ({"content_encoding": "gzip"}, 415),
    ],
)
async def test_what_is_not_spoken_here_is_refused_as_json(api: Api, headers: dict[str, str], status: int) -> None:
    reply = await api.post(BODY, **headers)
    assert (reply.status, reply.code) == (status, "BAD_REQUEST")


async def test_a_get_reads_and_never_writes(api: Api) -> None:
    reply = await api.get("/graphql?query=%7Binstallation%7Bmode%7D%7D")
    assert reply.data == {"installation": {"mode": "TEST"}}
    assert (await api.get("/graphql?query=mutation%7BsignOut%7BsignedOut%7D%7D")).code == "BAD_REQUEST"
    assert (await api.get("/graphql")).status == 400
    assert (await api.get("/graphql?query=%FF")).status == 400


async def test_another_method_is_not_allowed(api: Api) -> None:
    async with api.session.put(f"{api.url}/graphql", data=BODY) as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")


async def test_a_socket_runs_queries_and_mutations_too(station: Api) -> None:
    async with station.socket() as socket:
        await socket.subscribe("1", ME)
        assert (await socket.next("1"))["me"] == {"displayName": "Station"}
        assert (await socket.message("1"))["type"] == "complete"
        await socket.send({"type": "ping"})
        assert (await socket.receive())["type"] == "pong"


async def test_a_bad_document_ends_its_operation_and_not_its_neighbours(station: Api) -> None:
    async with station.socket() as socket:
        await socket.subscribe("live", "subscription { areaSummary { declared } }")
        await socket.next("live")
        for id, query in enumerate(("{", "{ nothing }", "", "query A { me { id } } query B { me { id } }")):
            await socket.subscribe(str(id), query)
            assert await socket.error(str(id)) == "BAD_REQUEST"
        await socket.send({"id": "live", "type": "complete"})
        await socket.subscribe("live", ME)
        while "me" not in (await socket.next("live")):
            pass


CLOSINGS: list[tuple[list[Any], int]] = [
    (["null"], 4400),
    (["[]"], 4400),
    (['"x"'], 4400),
    (["{"], 4400),
    ([b"\x00"], 4400),
    (['{"type":"nothing"}'], 4400),
    (['{"type":"connection_init","payload":1}'], 4400),
    (['{"type":"connection_init"}', '{"type":"subscribe","id":1,"payload":{}}'], 4400),
    (['{"type":"connection_init"}', '{"type":"subscribe","id":"1"}'], 4400),
    (['{"type":"connection_init"}', '{"type":"connection_init"}'], 4429),
    (['{"type":"subscribe","id":"1","payload":{"query":"{ me { id } }"}}'], 4401),
    (['{"type":"connection_init","payload":{"authorization":"Bearer forged"}}'], 4403),
]


@pytest.mark.parametrize(("messages", "code"), CLOSINGS, ids=str)
async def test_what_breaks_the_protocol_closes_the_socket_with_its_code(
    api: Api, messages: list[Any], code: int
) -> None:
    async with api.raw_socket() as connection:
        for message in messages:
            await connection.send(message)
        assert await closing(connection) == code


async def test_an_id_that_is_taken_closes_the_socket(station: Api) -> None:
    async with station.socket() as socket:
        for _ in range(2):
            await socket.subscribe("1", "subscription { alerts { cursor } }")
        assert await closing(socket.connection) == 4409


async def test_one_socket_has_no_end_of_operations(station: Api) -> None:
    async with station.socket() as socket:
        for id in range(51):
            await socket.subscribe(str(id), "subscription { alerts { cursor } }")
        assert await socket.error("50") == "RATE_LIMITED"


async def test_the_front_and_the_health_are_json(api: Api) -> None:
    assert (await api.get("/")).json["graphql"] == "/graphql"
    assert (await api.get("/health/live")).json == {"status": "live"}
    ready = await api.get("/health/ready")
    assert (ready.status, ready.json["reasons"]) == (200, [])
