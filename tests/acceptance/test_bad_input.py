"""Whatever is sent: a clear error with a stable code, never a 500, never a word of the inside."""

import gzip
from io import BytesIO
from typing import Any

import orjson
import pytest

from graph.global_id import global_id
from tests.acceptance.client import Api
from tests.acceptance.declaring import DECLARE, declare, household, person
from tests.acceptance.test_alerts import ALERTS, OPEN

ME = "{ me { displayName } }"
DOUBLING = " ".join(
    ["query { installation { ...F0 } }"]
    + [f"fragment F{n} on Installation {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40)]
    + ["fragment F40 on Installation { a: mode b: mode }"]
)
DEEP = '{ area(code: "79") ' + "{ parent " * 60 + "{ id }" + " }" * 60 + " }"
WIDE = "{ areas(first: 100) { nodes { children { children { children { id name code level } } } } } }"

NOT_REQUESTS = [
    b"",
    b"null",
    b"1",
    b'"x"',
    b"true",
    b"[]",
    b'[{"query":"{ me { id } }"}]',
    b"{",
    b"\xff\xfe",
    b'{"query":"\xff"}',
    b'{"query":"\\ud800"}',
    b'{"query":null}',
    b'{"query":1}',
    b'{"query":""}',
    b'{"query":"{ me { id } }","variables":[]}',
    b'{"query":"{ me { id } }","variables":"x"}',
    b'{"query":"{ me { id } }","operationName":1}',
    b'{"query":"{ me { id } }","operationName":"\\udfff"}',
    b'{"query":"{ me { id } }","extensions":[]}',
    b'{"query":"{ me { id } }","variables":{"x":NaN}}',
    b'{"query":"{ me { id } }","variables":{"x":1e400}}',
    b'{"query":"{ me { id } }","variables":' + b'{"x":' * 50_000 + b"1" + b"}" * 50_001,
    b'{"query":"{ me { id } }","variables":{"x":' + b"9" * 10_000 + b"}}",
    b'{"query":"{ me { id } }","variables":{"x":"\\udc00"}}',
    b'{"query":"{ me { id } }","variables":{"\\ud800":1}}',
    b'{"query":"{ me { id } }","variables":{"x":Infinity}}',
    b'{"query":"{ me { id } }","variables":{"x":-Infinity}}',
    b'{"query":"{ me { id } }","variables":{"x":0x1}}',
    b'{"query":"{ me { id } }","variables":{"x":\'y\'}}',
    b'{"query":"{ me { id } }",}',
    b'{"query":"{ me { id } }"}{}',
    b'{"query":"{ me { id } }"}\0',
    b'{"query":"{ me { id } }","query":null}',
    b'{"query":"{ me { id } }","variables":{},"variables":[]}',
    b"\xef\xbb\xbf" + b'{"query":"{ me { id } }"}',
    '{"query":"{ me { id } }"}'.encode("utf-16"),
    b"[" * 50_000,
    b"-" * 100_000,
    b'"' * 100_001,
    gzip.compress(b'{"query":"{ me { id } }"}'),
]


@pytest.mark.parametrize("body", NOT_REQUESTS, ids=lambda body: repr(body[:40]))
async def test_what_is_no_request_is_a_bad_request(api: Api, body: bytes) -> None:
    reply = await api.post(body)
    assert (reply.status, reply.code) == (400, "BAD_REQUEST")
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"


DOCUMENTS: list[tuple[str, str]] = [
    ("{", "BAD_REQUEST"),
    ("{ nothing }", "BAD_REQUEST"),
    ("{ me { displayName } ", "BAD_REQUEST"),
    ("query A { me { id } } query B { me { id } }", "BAD_REQUEST"),
    ("subscription { alerts { cursor } }", "BAD_REQUEST"),
    ("query ($x: Int!) { areas(first: $x) { nodes { id } } }", "BAD_REQUEST"),
    ("{ areas(first: 1000) { nodes { id } } }", "BAD_REQUEST"),
    ("{ areas(first: 12345678901) { nodes { id } } }", "BAD_REQUEST"),
    ('{ protocol(at: "0000-00-00") { version } }', "BAD_REQUEST"),
    ('{ protocol(at: "2022-02-29") { version } }', "BAD_REQUEST"),
    ("{ areas(first: 2147483648) { nodes { id } } }", "BAD_REQUEST"),
    ("{ areas(first: 9007199254740993) { nodes { id } } }", "BAD_REQUEST"),
    ("{ areas(first: 1e400) { nodes { id } } }", "BAD_REQUEST"),
    ("{ areas(first: NaN) { nodes { id } } }", "BAD_REQUEST"),
    (f"{{ areas(first: {'9' * 10_000}) {{ nodes {{ id }} }} }}", "BAD_REQUEST"),
    ('{ protocol(at: "1900-02-29") { version } }', "BAD_REQUEST"),
    ('{ protocol(at: "10000-01-01") { version } }', "BAD_REQUEST"),
    ('{ protocol(at: "2022-03-18T00:00:00") { version } }', "BAD_REQUEST"),
    ('{ area(code: "\\uD800") { id } }', "BAD_REQUEST"),
    ('{ area(code: "\\u{110000}") { id } }', "BAD_REQUEST"),
    ("{ me { id } } \u202e", "BAD_REQUEST"),
    ("{ me\0 { id } }", "BAD_REQUEST"),
    ('{ area(code: "\\u0000") { id } }', "BAD_REQUEST"),
    ('{ area(code: "nowhere") { id } }', "NOT_FOUND"),
    ('{ area(code: "a code of more than sixteen") { id } }', "NOT_FOUND"),
    ("{ __typename @stream }", "BAD_REQUEST"),
    ("{ me { id @stream(initialCount: -1) } ... @defer { __typename } }", "BAD_REQUEST"),
    ('{ node(id: "bm90aGluZw") { id } }', "NOT_FOUND"),
    (f'{{ areas(root: "{global_id("Area", "x" * 100)}") {{ nodes {{ id }} }} }}', "NOT_FOUND"),
    (f'{{ node(id: "{global_id("Station", "x" * 100)}") {{ id }} }}', "NOT_FOUND"),
    ('{ node(id: "\\u0000") { id } }', "NOT_FOUND"),
    ('{ areas(root: "QXJlYTp4") { nodes { id } } }', "NOT_FOUND"),
    ('{ areas(after: "x") { nodes { id } } }', "INVALID_CURSOR"),
    ("{ alerts { cursor } }", "UNAUTHENTICATED"),
    ("{ cases { nodes { id } } }", "UNAUTHENTICATED"),
    ("{ areaSummary { declared } }", "UNAUTHENTICATED"),
    ('mutation { acknowledgeAlert(input: {id: "x"}) { __typename } }', "UNAUTHENTICATED"),
    ("{ " + " ".join(f"a{n}: installation {{ mode }}" for n in range(1_000)) + " }", "QUERY_TOO_COMPLEX"),
    ("{ " + " ".join(f"a{n}: installation {{ mode }}" for n in range(100)) + " }", "QUERY_TOO_COMPLEX"),
    ("{ me { " + "id " * 20_000 + "} }", "QUERY_TOO_COMPLEX"),
    ("{a" * 400 + "}" * 400, "QUERY_TOO_COMPLEX"),
    ("#\n" * 20_000 + ME, "QUERY_TOO_COMPLEX"),
    (DOUBLING, "QUERY_TOO_COMPLEX"),
    (DEEP, "QUERY_TOO_COMPLEX"),
    (WIDE, "QUERY_TOO_COMPLEX"),
]


@pytest.mark.parametrize(("query", "code"), DOCUMENTS, ids=lambda value: str(value)[:40])
async def test_a_refusal_has_its_code(api: Api, query: str, code: str) -> None:
    reply = await api.ask(query)
    assert (reply.code, reply.status < 500) == (code, True)
    assert "Traceback" not in reply.body.decode()


async def test_a_body_of_ten_megabytes_is_too_large(api: Api) -> None:
    reply = await api.post(BytesIO(orjson.dumps({"query": ME, "variables": {"x": "y" * 10_000_000}})))
    assert (reply.status, reply.code) == (413, "TOO_LARGE")


async def test_of_a_key_that_is_there_twice_the_last_counts_as_in_every_reader_of_json(api: Api) -> None:
    reply = await api.post(b'{"query":"{ nothing }","query":"{ installation { mode } }"}')
    assert reply.data == {"installation": {"mode": "TEST"}}


@pytest.mark.parametrize("token", ["forged", "Ω", "x" * 5_000, "a b c"])
async def test_a_forged_token_is_no_session(api: Api, token: str) -> None:
    reply = await api.ask(ME, authorization=f"Bearer {token}")
    assert (reply.status, reply.code) == (401, "UNAUTHENTICATED")
    assert reply.headers["WWW-Authenticate"] == "Bearer"


async def test_a_bearer_without_a_token_is_nobody_yet(api: Api) -> None:
    assert (await api.data(ME, authorization="Bearer ")) == {"me": None}
    assert (await api.ask(ME, authorization="Basic eDp5")).code == "UNAUTHENTICATED"


async def test_a_cursor_of_another_list_is_no_cursor_here(api: Api, station: Api) -> None:
    page = (await api.data("{ areas(first: 1) { pageInfo { endCursor } } }"))["areas"]["pageInfo"]["endCursor"]
    position = (await station.data("{ alerts(first: 1) { cursor } }"))["alerts"]["cursor"]
    assert (await station.ask(OPEN, {"after": page})).code == "INVALID_CURSOR"
    assert (await station.ask(OPEN, {"after": position})).code == "INVALID_CURSOR"
    async with station.socket() as socket:
        for id, after in enumerate((page, "nonsense", "\0", "WyJsb2ciLDk5OTk5OTk5XQ")):
            await socket.subscribe(str(id), ALERTS, {"after": after})
            assert await socket.error(str(id)) == "INVALID_CURSOR"


async def test_a_page_size_out_of_bounds_says_the_bounds(api: Api) -> None:
    reply = await api.ask("{ areas(first: 0) { nodes { id } } }", accept_language="en")
    [field] = reply.json["errors"][0]["extensions"]["fields"]
    assert field == {"path": "first", "code": "OUT_OF_BOUNDS", "message": "This must be from 1 to 100."}


ODD_INPUTS: list[dict[str, Any]] = [
    {"people": []},
    {"people": None},
    {"disease": "plague"},
    {"disease": "\0"},
    {"idempotencyKey": "x" * 10_000},
    {"idempotencyKey": 5.5},
    {"idempotencyKey": "key\u202e"},
    {"unknown": 1},
    {"people": {}},
    {"people": [None]},
    {"people": [[]]},
    {"people": [person(fullName="\u200b")]},
    {"people": [person(fullName="An\0")]},
    {"people": [person(fullName="\u202enhìB")]},
    {"people": [person(fullName="Bì\u200bnh")]},
    {"people": [person(fullName="x" * 500_000)]},
    {"people": [person(birthDate="0000-00-00")]},
    {"people": [person(birthDate="2021-02-29")]},
    {"people": [person(birthDate="0001-01-01")]},
    {"people": [person(birthDate="9999-12-31")]},
    {"people": [person(birthDate="10000-01-01")]},
    {"people": [person(birthYear=2**31)]},
    {"people": [person(birthYear=-1)]},
    {"people": [person(test={"kind": "\0", "takenOn": "2022-03-17"})]},
    {"people": [person(test={"kind": "rapid_antigen", "takenOn": "0001-01-01"})]},
    {"people": [person(symptoms=["cough"] * 1_000)]},
    {"people": [person(symptoms=["\0"])]},
    {"people": [person(vitals={"spo2": 10**15})]},
    {"people": [person(vitals={"spo2": -1})]},
    {"people": [person(vitals={"temperature": 1e308})]},
    {"people": [person(vitals={"temperature": "36"})]},
    {"address": {"areaCode": "79", "street": "x"}},
    {"address": {"areaCode": "\u202e", "street": "\u202e"}},
    {"contact": {"phone": "☎" * 1_000, "declaredBy": "x"}},
    {"contact": {"phone": "0912345678", "declaredBy": "x", "email": "@"}},
]


@pytest.mark.parametrize("odd", ODD_INPUTS, ids=lambda odd: repr(odd)[:60])
async def test_an_odd_declaration_is_a_typed_refusal(api: Api, odd: dict[str, Any]) -> None:
    reply = await api.ask(DECLARE, {"input": household(**odd)})
    assert reply.status == 200
    answer = {} if "errors" in reply.json else reply.data["declare"]
    assert answer.get("code") == "INVALID_INPUT" or reply.code in ("BAD_REQUEST", "QUERY_TOO_COMPLEX")
    assert all(fault["path"] and fault["message"] for fault in answer.get("fields", ()))


async def test_what_no_column_holds_is_named_by_its_place_wherever_it_stands(api: Api, station: Api) -> None:
    reply = await api.ask("query ($x: String!) { area(code: $x) { id } }", {"x": "\0"}, accept_language="en")
    [field] = reply.json["errors"][0]["extensions"]["fields"]
    assert (field["path"], field["code"]) == ("code", "BAD_CHARACTER")
    both = "query ($x: String!) { area(code: $x) { id } again: area(code: $x) { id } areas { nodes { id } } }"
    reply = await api.ask(both, {"x": "\0"})
    assert {error["extensions"]["code"] for error in reply.json["errors"]} == {"BAD_REQUEST"}
    reply = await station.ask('{ areaSummary(disease: "\\u0000") { children { declared } } }', accept_language="en")
    assert [field["path"] for field in reply.json["errors"][0]["extensions"]["fields"]] == ["disease"]
    release = (
        "mutation ($input: RecordReleaseTestInput!) { recordReleaseTest(input: $input) "
        "{ __typename ... on InvalidInput { fields { path code message } } } }"
    )
    case = (await declare(api))["declarations"][0]["case"]["id"]
    for kind, code in (("\0", "BAD_CHARACTER"), ("x" * 5_000, "TOO_LONG")):
        odd = {"caseId": case, "kind": kind, "takenOn": "2022-03-18", "result": "NEGATIVE"}
        answer = (await station.data(release, {"input": odd}))["recordReleaseTest"]
        assert [(fault["path"], fault["code"]) for fault in answer["fields"]] == [("kind", code)]


async def test_eleven_people_are_too_many(api: Api) -> None:
    many = household()["people"] * 11
    answer = (await api.data(DECLARE, {"input": household(people=many)}))["declare"]
    assert ("people", "OUT_OF_BOUNDS") in {(fault["path"], fault["code"]) for fault in answer["fields"]}
