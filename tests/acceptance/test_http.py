"""GraphQL over HTTP as its specification has it, where the audits of tests/clients do not look."""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from multidict import CIMultiDict

from tests.acceptance.client import Api, Reply

JSON, NEWER, EVENTS = "application/json", "application/graphql-response+json", "text/event-stream"
MODE = "{ installation { mode } }"
METHODS = "GET, HEAD, OPTIONS, POST"


async def get(api: Api, accept: str = JSON, method: str = "GET", **parameters: str) -> Reply:
    """An operation in the URL."""
    headers = {"accept": accept} | ({"authorization": f"Bearer {api.token}"} if api.token else {})
    url = f"{api.url}/graphql?{urlencode(parameters)}"
    async with api.session.request(method, url, headers=headers) as response:
        return Reply(response.status, dict(response.headers), await response.read())


async def test_head_says_what_get_would_and_has_no_body(api: Api) -> None:
    shown, told = await get(api, query=MODE), await get(api, method="HEAD", query=MODE)
    assert (told.status, told.body) == (200, b"")
    for name in ("Content-Type", "Content-Length", "Vary", "Cache-Control"):
        assert told.headers[name] == shown.headers[name]
    assert (await get(api, EVENTS, "HEAD", query=MODE)).headers["Content-Type"] == f"{JSON}; charset=utf-8"


async def test_options_names_the_methods(api: Api) -> None:
    reply = await get(api, method="OPTIONS")
    assert (reply.status, reply.headers["Allow"], reply.body) == (204, METHODS, b"")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "QUERY"])
async def test_every_other_method_is_refused_with_those_there_are(api: Api, method: str) -> None:
    reply = await get(api, method=method, query=MODE)
    assert (reply.status, reply.headers["Allow"], reply.code) == (405, METHODS, "BAD_REQUEST")


@pytest.mark.parametrize("accept", [JSON, NEWER, EVENTS])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_mutation_in_a_url_is_refused_and_not_done(api: Api, station: Api, accept: str, method: str) -> None:
    reply = await get(station, accept, method, query="mutation { signOut { signedOut } }")
    assert (reply.status, reply.headers["Allow"]) == (405, "POST")
    two = {"query": "query A { me { id } } mutation B { signOut { signedOut } }", "operationName": "B"}
    assert (await get(station, accept, method, **two)).status == 405
    assert (await station.data("{ me { displayName } }"))["me"]["displayName"] == "Station"


@pytest.mark.parametrize("accept", [JSON, NEWER])
async def test_a_subscription_as_json_is_told_how_it_is_possible(station: Api, accept: str) -> None:
    reply = await station.ask("subscription { alerts { cursor } }", accept=accept)
    assert reply.code == "BAD_REQUEST"
    assert "text/event-stream" in reply.json["errors"][0]["message"]


async def test_a_url_carries_variables_a_name_and_extensions(api: Api) -> None:
    query = "query A($code: String!) { area(code: $code) { code } } query B { installation { mode } }"
    named = {"query": query, "variables": '{"code": "79"}', "operationName": "A", "extensions": '{"x": [1]}'}
    assert (await get(api, **named)).data == {"area": {"code": "79"}}
    assert (await get(api, query=MODE, variables="", operationName="", extensions="")).status == 200
    assert (await get(api, query=MODE, variables="null", extensions="null", unknown="1")).status == 200


@pytest.mark.parametrize(
    "query",
    [
        "",
        "query=",
        "query=%7B%7D&query=%7B%7D",
        "query=%7B+me%7Bid%7D+%7D&variables=1",
        "query=%7B+me%7Bid%7D+%7D&variables=%7B",
        "query=%7B+me%7Bid%7D+%7D&extensions=%5B%5D",
        "query=%7B+me%7Bid%7D+%7D&variables=%7B%7D&variables=%7B%7D",
    ],
)
async def test_a_url_that_is_no_request_is_a_bad_request_in_every_type(api: Api, query: str) -> None:
    for accept in (JSON, NEWER):
        reply = await api.get(f"/graphql?{query}", accept=accept)
        assert (reply.status, reply.code) == (400, "BAD_REQUEST")
        assert "data" not in reply.json


# The document, the status for clients of the newer type, and whether there is a key data: for JSON it is always 200.
ANSWERS: list[tuple[dict[str, Any], int, Any]] = [
    ({"query": MODE}, 200, {"installation": {"mode": "TEST"}}),
    (
        {"query": '{ installation { mode } area(code: "nowhere") { id } }'},
        200,
        {"installation": {"mode": "TEST"}, "area": None},
    ),
    ({"query": "{ alerts { cursor } }"}, 200, None),
    ({"query": "{"}, 400, "absent"),
    ({"query": "{ nothing }"}, 400, "absent"),
    ({"query": "fragment F on Installation { mode }"}, 400, "absent"),
    ({"query": "query ($x: Int!) { areas(first: $x) { nodes { id } } }", "variables": {"x": "y"}}, 400, "absent"),
    ({"query": "query A { me { id } } query B { me { id } }"}, 400, "absent"),
    ({"query": "query A { me { id } } query B { me { id } }", "operationName": "C"}, 400, "absent"),
    ({"query": "query A { me { id } }", "operationName": "C"}, 400, "absent"),
    ({"query": "query A { installation { mode } } query B { me { id } }", "operationName": "B"}, 200, {"me": None}),
    ({"query": "subscription { alerts { cursor } }"}, 400, "absent"),
    ({"query": MODE, "extensions": {"anything": {"at": ["all"]}}}, 200, {"installation": {"mode": "TEST"}}),
    ({"query": MODE, "id": 7, "more": None}, 200, {"installation": {"mode": "TEST"}}),
]


@pytest.mark.parametrize(("sent", "status", "data"), ANSWERS, ids=str)
async def test_the_status_says_whether_there_are_data(api: Api, sent: dict[str, Any], status: int, data: Any) -> None:
    for accept, expected in ((NEWER, status), (JSON, 200)):
        reply = await api.post(orjson.dumps(sent), accept=accept)
        assert (reply.status, reply.json.get("data", "absent")) == (expected, data)
        assert reply.headers["Content-Type"] == f"{accept}; charset=utf-8"


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json;charset=UTF-8", 200),
        ('Application/JSON; charset="utf-8"', 200),
        ("application/json; profile=x; charset=utf8", 200),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=iso-8859-1", 415),
        ("application/graphql", 415),
        ("application/graphql-response+json", 415),
        ("text/json", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
        ("application/json, text/plain", 415),
    ],
)
async def test_a_body_is_json_in_utf_8_and_says_so(api: Api, content_type: str, status: int) -> None:
    reply = await api.post(orjson.dumps({"query": MODE}), content_type=content_type)
    assert reply.status == status


async def test_text_of_every_script_arrives_as_it_was_sent(api: Api) -> None:
    query = "query ($name: String!) { __type(name: $name) { name } __typename }"
    reply = await api.post(orjson.dumps({"query": query, "variables": {"name": "Người 🏃 мир 界"}}))
    assert reply.json["data"] == {"__type": None, "__typename": "Query"}
    refused = await api.post('{"query": "{ người }"}'.encode(), accept_language="en")
    assert refused.code == "BAD_REQUEST"


async def test_an_answer_depends_on_what_it_says_it_does_and_is_kept_by_nobody(api: Api) -> None:
    for reply in (
        await api.ask(MODE),
        await api.ask("{"),
        await get(api, query=MODE),
        await get(api, EVENTS, query=MODE),
    ):
        assert reply.headers["Cache-Control"].startswith("no-store")
        for name in ("Accept", "Accept-Language", "Authorization"):
            assert name in reply.headers["Vary"].split(", ")
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


async def test_accept_in_several_lines_is_one_list(api: Api) -> None:
    headers = CIMultiDict([("accept", "text/html"), ("accept", f"{JSON};q=0.5"), ("accept", f"{NEWER};q=0.7")])
    async with api.session.get(f"{api.url}/graphql?{urlencode({'query': MODE})}", headers=headers) as response:
        assert response.headers["Content-Type"] == f"{NEWER}; charset=utf-8"
