"""The bounds of a request on every transport: refused before work is done, ended in the database, told to nobody."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import orjson
import pytest

from graph.manifest import Entry, sha256, written
from models.migrate import plain
from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import Place, serving
from tests.acceptance.everywhere import TRANSPORTS, code_of, error_of, over
from tests.acceptance.outage import Way

ME = "query Me { me { displayName } }"
MODE = "query Mode { installation { mode } }"
ALERTS = "query Alerts { alerts(first: 5) { nodes { id } } }"
PRODUCTION = {
    "KHAIBAO_INTROSPECTION": "false",
    "KHAIBAO_SUGGESTIONS": "false",
    "KHAIBAO_EXPLORER": "false",
    "KHAIBAO_OPERATION_SECONDS": "1",
    "KHAIBAO_MAX_BATCH": "3",
    "KHAIBAO_MAX_PAGE": "60",
    "KHAIBAO_PERSISTED_QUERIES": "true",
}


@pytest.fixture(scope="module")
async def strict(place: Place, api: Api) -> AsyncIterator[Api]:
    """A server as production has it, and with little time."""
    async with serving(place, 1, **PRODUCTION) as url:
        yield Api(url, api.session)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"query": "{ " + "me { id } " * 300 + "}"}, "tokens"),
    ({"query": '{ area(code: "' + "x" * 21_000 + '") { id } }'}, "bytes"),
    ({"query": "{a" * 60 + "}" * 60}, "brackets"),
    ({"query": "{ me @a @b @c @d @e { id } }"}, "One place"),
    ({"query": "{ " + " ".join(f"a{n}: me {{ id }}" for n in range(31)) + " }"}, "aliases"),
    ({"query": "{ me " + "@include(if: true) " * 51 + "{ id } }"}, "directives"),
    ({"query": "query ($n: Int) { areas(first: $n) { nodes { id } } }", "variables": {"n": 61}}, "page"),
    ({"query": "{ areas(first: 61) { nodes { id } } }"}, "page"),
    ({"query": ME, "variables": {"x": [[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]}}, "nested"),
    ({"query": ME, "variables": {"x": [1] * 2_001}}, "values"),
    ({"query": " ".join(f"query Q{n} {{ me {{ id }} }}" for n in range(11)), "operationName": "Q1"}, "operations"),
]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(("request_", "word"), REFUSED, ids=[word for _, word in REFUSED])
async def test_a_bound_holds_on_every_transport(
    strict: Api, transport: str, request_: dict[str, Any], word: str
) -> None:
    error = error_of(await over(transport, strict, request_))
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert word in error["message"]


async def test_an_honest_page_in_a_variable_is_not_refused_for_what_it_might_have_been(api: Api) -> None:
    wide = "query ($n: Int) { areas(first: $n) { nodes { children { children { children { id name } } } } } }"
    assert len((await api.data(wide, {"n": 2}))["areas"]["nodes"]) == 2
    assert (await api.ask(wide, {"n": 100})).code == "QUERY_TOO_COMPLEX"


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("query", ["{ __schema { description } }", '{ __type(name: "Query") { name } }'])
async def test_the_schema_is_not_told(strict: Api, transport: str, query: str) -> None:
    assert "Introspection is off" in error_of(await over(transport, strict, {"query": query}))["message"]


SUGGESTED: list[dict[str, Any]] = [
    {"query": "{ alertz { cursor } }"},
    {"query": "{ me { displayNam } }"},
    {"query": "{ areas(frist: 1) { nodes { id } } }"},
    {"query": "query ($x: Aree) { me { id } }"},
    {"query": "{ alerts(states: [RAISD]) { cursor } }"},
    {"query": "{ me @inclue(if: true) { id } }"},
    {"query": "{ me @include(fi: true) { id } }"},
    {"query": "query ($s: [AlertState!]) { alerts(states: $s) { cursor } }", "variables": {"s": ["RAISD"]}},
    {
        "query": "query ($i: SignInInput!) { me { id } }",
        "variables": {"i": {"usernam": "x", "password": "y"}},
    },
    {
        "query": "subscription ($k: [AlertKind!]) { alerts(kinds: $k) { cursor } }",
        "variables": {"k": ["SEVER"]},
    },
]


@pytest.mark.parametrize("transport", ["POST", "SSE", "WEBSOCKET"])
@pytest.mark.parametrize("request_", SUGGESTED, ids=lambda request_: str(request_)[10:60])
async def test_no_message_says_what_was_meant(strict: Api, transport: str, request_: dict[str, Any]) -> None:
    payload = await over(transport, strict, request_)
    assert payload["errors"]
    assert "mean" not in orjson.dumps(payload).decode()


async def test_there_is_no_explorer(strict: Api) -> None:
    assert (await strict.get("/explorer")).status == 404
    assert "explorer" not in (await strict.get("/")).json


async def test_an_array_of_operations_is_refused_by_default_and_bounded_where_it_is_taken(
    api: Api, strict: Api
) -> None:
    several = [{"query": MODE}, {"query": "{ nothing }"}, {"query": ME}]
    assert (await api.post(orjson.dumps(several))).code == "BAD_REQUEST"
    reply = await strict.post(orjson.dumps(several))
    assert reply.status == 200
    mode, wrong, me = reply.json
    assert (mode["data"], me["data"]) == ({"installation": {"mode": "TEST"}}, {"me": None})
    assert code_of(wrong) == "BAD_REQUEST"
    for refused in ([], [*several, {"query": ME}], [several]):
        reply = await strict.post(orjson.dumps(refused))
        assert (reply.status, reply.code) == (400, "BAD_REQUEST")
    assert (await strict.post(orjson.dumps(several), accept="text/event-stream")).status == 406


@pytest.mark.parametrize("transport", ["POST", "GET", "SSE", "WEBSOCKET"])
async def test_what_takes_too_long_is_ended_in_the_database_too(
    strict: Api, tokens: dict[str, str], place: Place, transport: str
) -> None:
    async with _locked(place, "alert"), _activity(place) as activity:
        waiting = asyncio.create_task(over(transport, strict.acting(tokens["station"]), {"query": ALERTS}))
        async with asyncio.timeout(PATIENCE):
            while not await _waiting(activity):  # noqa: ASYNC110 - PostgreSQL tells nobody that somebody waits
                await asyncio.sleep(0.01)
        error = error_of(await waiting)
        assert error["extensions"]["code"] == "OVERLOADED"
        assert error["extensions"]["retryAfter"] > 0
        assert error["extensions"]["requestId"]
        # The lock is still held: nobody waits for it any more.
        assert await _waiting(activity) == 0
    assert "errors" not in await over(transport, strict.acting(tokens["station"]), {"query": ALERTS})


async def test_a_subscription_that_cannot_begin_in_time_ends(strict: Api, place: Place, tokens: dict[str, str]) -> None:
    async with strict.acting(tokens["station"]).socket() as socket, _locked(place, "station"):
        await socket.subscribe("1", "subscription { areaSummary { stations { station { name } } } }")
        assert await socket.error("1") == "OVERLOADED"


async def test_a_subscription_may_wait_for_an_event_longer_than_an_operation_may_take(
    strict: Api, tokens: dict[str, str]
) -> None:
    async with strict.acting(tokens["station"]).socket() as socket:
        await socket.subscribe("1", "subscription { alerts { cursor } }")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
                await socket.message("1")


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_fault_of_ours_is_named_by_its_request_id_alone(
    api: Api, tokens: dict[str, str], place: Place, transport: str
) -> None:
    async with _renamed(place, "alert"):
        payload = await over(transport, api.acting(tokens["station"]), {"query": ALERTS})
    error = error_of(payload)
    assert error["extensions"]["code"] == "INTERNAL"
    assert len(error["extensions"]["requestId"]) == 32
    _says_nothing_of_the_inside(payload)


async def test_a_fault_of_ours_in_a_subscription_is_named_by_its_request_id_alone(
    api: Api, tokens: dict[str, str], place: Place
) -> None:
    query = "subscription { areaSummary { declared stations { station { name } } } }"
    async with _renamed(place, "area_count"):
        for transport in ("SSE", "WEBSOCKET"):
            payload = await over(transport, api.acting(tokens["station"]), {"query": query})
            assert code_of(payload) == "INTERNAL"
            _says_nothing_of_the_inside(payload)


async def test_a_database_that_is_away_is_no_story_for_clients(api: Api, tokens: dict[str, str], place: Place) -> None:
    with tempfile.TemporaryDirectory() as folder:
        way = Way(Path(folder), place.urls)
        await way.open()
        async with serving(replace(place, urls=way.urls)) as url:
            cut = Api(url, api.session)
            await way.close()
            for transport in TRANSPORTS:
                payload = await over(transport, cut, {"query": '{ area(code: "79") { name } }'})
                assert code_of(payload) == "UNAVAILABLE"
                assert error_of(payload)["extensions"]["requestId"]
                _says_nothing_of_the_inside(payload)
                assert folder not in str(payload)
        await way.close()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_document_is_kept_by_its_hash(strict: Api, transport: str) -> None:
    query = f"query Over{transport} {{ installation {{ mode }} }}"
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(query)}}}
    unknown = error_of(await over(transport, strict, named))
    assert (unknown["message"], unknown["extensions"]["code"]) == (
        *("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND"),
    )
    other = {"query": query + " ", **named}
    assert code_of(await over(transport, strict, other)) == "BAD_REQUEST"
    assert code_of(await over(transport, strict, named)) == "PERSISTED_QUERY_NOT_FOUND"
    sent = await over(transport, strict, {"query": query, **named})
    assert sent == await over(transport, strict, named) == {"data": {"installation": {"mode": "TEST"}}}


async def test_a_server_that_keeps_no_documents_says_so(api: Api) -> None:
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
    reply = await api.post(orjson.dumps(named))
    assert (reply.status, reply.code) == (200, "PERSISTED_QUERY_NOT_SUPPORTED")
    for wrong in ({"version": 2, "sha256Hash": "0" * 64}, {"version": 1, "sha256Hash": "x"}, 1, {}):
        reply = await api.post(orjson.dumps({"query": ME, "extensions": {"persistedQuery": wrong}}))
        assert (reply.status, reply.code) == (400, "BAD_REQUEST")
    for both in ({"query": ME, "documentId": "x"}, {"documentId": ""}, {"documentId": 1}):
        assert (await api.post(orjson.dumps(both))).code == "BAD_REQUEST"


@pytest.mark.parametrize("flat", [True, False])
async def test_only_the_manifest_s_operations_run(place: Place, api: Api, tmp_path: Path, flat: bool) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_bytes(written([_entry(ME), _entry(ALERTS)], flat=flat))
    async with serving(place, KHAIBAO_TRUSTED_DOCUMENTS=str(manifest)) as url:
        trusting = Api(url, api.session)
        for transport in TRANSPORTS:
            for known in (
                {"query": ME},
                {"documentId": sha256(ME)},
                {"documentId": f"sha256:{sha256(ME)}"},
                {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(ME)}}},
            ):
                assert await over(transport, trusting, known) == {"data": {"me": None}}
            assert code_of(await over(transport, trusting, {"documentId": sha256(ALERTS)})) == "UNAUTHENTICATED"
            for other in (
                {"query": MODE},
                {"query": ME + " "},
                {"query": "{"},
                {"query": "{ __schema { description } }"},
            ):
                assert code_of(await over(transport, trusting, other)) == "DOCUMENT_NOT_TRUSTED"
            assert code_of(await over(transport, trusting, {"documentId": sha256(MODE)})) == "PERSISTED_QUERY_NOT_FOUND"
        manifest.write_bytes(b"{")
        assert "data" in await over("POST", trusting, {"query": ME})
        _replace(manifest, written([_entry(MODE)], flat=flat))
        async with asyncio.timeout(PATIENCE):
            named = {"documentId": sha256(MODE)}
            while "errors" in await over("POST", trusting, named):  # noqa: ASYNC110 - the file is looked at once a second
                await asyncio.sleep(0.05)
        assert code_of(await over("POST", trusting, {"query": ME})) == "DOCUMENT_NOT_TRUSTED"


async def test_in_the_mode_log_everything_runs_and_what_is_unknown_is_logged_by_its_hash(
    place: Place, api: Api, tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_bytes(written([_entry(ME)]))
    known = set(place.folder.glob("server-*.log"))
    async with serving(place, KHAIBAO_TRUSTED_DOCUMENTS=str(manifest), KHAIBAO_TRUSTED_DOCUMENTS_MODE="log") as url:
        trusting = Api(url, api.session)
        for query in (ME, MODE, MODE):
            assert "data" in await over("POST", trusting, {"query": query})
    [log] = set(place.folder.glob("server-*.log")) - known
    lines = [line for line in log.read_text().splitlines() if "document_not_trusted" in line]
    assert [orjson.loads(line)["sha256"] for line in lines] == [sha256(MODE)]


def _entry(query: str) -> Entry:
    return Entry(sha256(query), query, query.split()[1], "query")


def _replace(path: Path, content: bytes) -> None:
    # As a release does it: what reads meanwhile finds the old one or the new one, and no half.
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.replace(path)


def _says_nothing_of_the_inside(payload: object) -> None:
    text = str(payload).lower()
    for word in ("relation", "does not exist", "select", "asyncpg", "postgres", ".py", "traceback", "socket", "/tmp"):
        assert word not in text


@asynccontextmanager
async def _locked(place: Place, table: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Holds a table so that whoever reads it waits."""
    owner = await asyncpg.connect(plain(place.urls.owner))
    try:
        async with owner.transaction():
            await owner.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield owner
    finally:
        await owner.close()


@asynccontextmanager
async def _renamed(place: Place, table: str) -> AsyncIterator[None]:
    """Takes a table away under the feet of the server, and puts it back."""
    owner = await asyncpg.connect(plain(place.urls.owner))
    try:
        await owner.execute(f"ALTER TABLE {table} RENAME TO {table}_elsewhere")
        try:
            yield
        finally:
            await owner.execute(f"ALTER TABLE {table}_elsewhere RENAME TO {table}")
    finally:
        await owner.close()


@asynccontextmanager
async def _activity(place: Place) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection that sees what every login does, which the server's own logins may not."""
    parts = urlsplit(place.urls.owner)
    superuser = await asyncpg.connect(host=parse_qs(parts.query)["host"][0], user="postgres", database=parts.path[1:])
    try:
        yield superuser
    finally:
        await superuser.close()


async def _waiting(activity: "asyncpg.Connection[asyncpg.Record]") -> int:
    """How many statements of people who ask the API wait for a lock; the relay's and the hub's are of another login."""
    count: int = await activity.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'khaibao' AND wait_event_type = 'Lock'"
        " AND state = 'active' AND datname = current_database() AND usename = 'khaibao_app'"
    )
    return count
