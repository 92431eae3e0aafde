"""What a page in a browser may do here, and what a page of strangers may not."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.acceptance.client import PATIENCE, Api
from tests.acceptance.conftest import Place, serving

FRONTEND, STRANGER = "https://khaibao.example", "https://stranger.example"
BODY = b'{"query":"{ installation { mode } }"}'
SIGN_OUT = "mutation { signOut { __typename } }"
NEEDED = "authorization,content-type,khaibao-place,last-event-id"
PATHS = ("/", "/graphql", "/uploads", "/evidence/x", "/certificates/x", "/health/live", "/explorer", "/nowhere")


@pytest.fixture(scope="module")
async def listed(place: Place) -> AsyncIterator[Api]:
    """A server behind TLS that one frontend's pages may call, in production."""
    more = {"KHAIBAO_WEB_ORIGINS": f"{FRONTEND},http://localhost:3000", "KHAIBAO_HSTS_SECONDS": "31536000"}
    async with serving(replace(place, more=more)) as url, aiohttp.ClientSession() as session:
        yield Api(url, session)


def shared(headers: dict[str, str]) -> dict[str, str]:
    """The headers by which a server lets a page read."""
    return {name.lower(): value for name, value in headers.items() if name.lower().startswith("access-control-")}


async def preflight(
    api: Api, path: str, origin: str, method: str = "POST", headers: str = "content-type"
) -> tuple[int, dict[str, str], str]:
    """What a browser hears that asks whether a page may."""
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    async with api.session.options(f"{api.url}{path}", headers=asked) as response:
        return response.status, shared(dict(response.headers)), response.headers.get("Vary", "")


@pytest.mark.parametrize("path", ["/graphql", "/uploads"])
async def test_a_page_of_the_list_may_send_and_read(listed: Api, path: str) -> None:
    status, headers, vary = await preflight(listed, path, FRONTEND, headers=NEEDED)
    assert (status, headers["access-control-allow-origin"]) == (200, FRONTEND)
    assert headers["access-control-allow-methods"] == "GET, POST"
    assert "authorization" in headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in headers
    assert "Origin" in vary
    reply = await listed.post(BODY, origin=FRONTEND)
    assert reply.data == {"installation": {"mode": "TEST"}}
    assert shared(reply.headers) == {
        "access-control-allow-origin": FRONTEND,
        "access-control-expose-headers": "Retry-After, X-Request-Id",
    }
    assert "Origin" in reply.headers["Vary"]


@pytest.mark.parametrize(
    ("method", "headers"), [("DELETE", "content-type"), ("PUT", "content-type"), ("POST", "x-anything")]
)
async def test_only_what_is_needed_is_allowed(listed: Api, method: str, headers: str) -> None:
    assert (await preflight(listed, "/graphql", FRONTEND, method, headers))[0] == 400


@pytest.mark.parametrize("origin", [STRANGER, "null", FRONTEND + ".stranger.example", FRONTEND.upper(), "http://x"])
async def test_a_stranger_s_page_may_not_even_ask(listed: Api, origin: str) -> None:
    _, headers, vary = await preflight(listed, "/graphql", origin)
    assert (headers, vary) == ({}, "Origin")
    reply = await listed.post(BODY, origin=origin)
    assert (shared(reply.headers), "Origin" in reply.headers["Vary"].split(", ")) == ({}, True)


async def test_where_no_page_has_anything_to_ask_for_the_list_does_not_count(listed: Api) -> None:
    for path in ("/health/ready", "/metrics", "/explorer", "/"):
        assert shared((await listed.get(path, origin=FRONTEND)).headers) == {}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
async def test_what_a_page_may_send_without_asking_changes_nothing(listed: Api, kind: str) -> None:
    body = orjson.dumps({"query": SIGN_OUT})
    for origin in (STRANGER, FRONTEND, listed.url):
        reply = await listed.post(body, content_type=kind, origin=origin)
        assert (reply.status, reply.code) == (415, "BAD_REQUEST")
        async with listed.session.post(
            f"{listed.url}/uploads", data=b"x", headers={"Content-Type": kind, "Origin": origin}
        ) as response:
            # A ticket goes in a header, for which a browser asks first; no address and no form can carry it.
            assert response.status == 401


@pytest.mark.parametrize("accept", ["*/*", "text/event-stream", "text/html, text/event-stream;q=0.9"])
async def test_an_address_changes_nothing_however_it_is_fetched(listed: Api, accept: str) -> None:
    reply = await listed.get("/graphql?query=mutation%7BsignOut%7B__typename%7D%7D", accept=accept, origin=STRANGER)
    assert b"BAD_REQUEST" in reply.body
    assert b'"data"' not in reply.body


async def test_a_body_without_a_kind_is_refused(listed: Api) -> None:
    async with listed.session.post(f"{listed.url}/graphql", data=BODY, skip_auto_headers=["Content-Type"]) as response:
        assert response.status == 415


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_says_what_it_is_not(listed: Api, path: str) -> None:
    headers = {name.lower(): value for name, value in (await listed.get(path)).headers.items()}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "geolocation=()" in headers["permissions-policy"]
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "set-cookie" not in headers
    assert "server" not in headers


async def test_nothing_is_said_of_https_unless_it_was_set(api: Api) -> None:
    assert "Strict-Transport-Security" not in (await api.get("/")).headers


async def test_a_cookie_is_nobody_s_and_none_is_given(listed: Api, tokens: dict[str, str]) -> None:
    cookie = f"token={tokens['station']}; session={tokens['station']}; Authorization=Bearer {tokens['station']}"
    reply = await listed.ask("{ me { displayName } }", cookie=cookie)
    assert reply.data == {"me": None}
    assert "Set-Cookie" not in reply.headers
    signed_in = await listed.acting(tokens["station"]).ask("{ me { displayName } }")
    assert "Set-Cookie" not in signed_in.headers


async def opened(api: Api, origin: str | None, **more: str) -> int:
    """The status of a socket's handshake that a page of this origin asks for."""
    try:
        async with connect(
            api.url.replace("http", "ws", 1) + "/graphql",
            origin=Origin(origin) if origin is not None else None,
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers=more,
            proxy=None,
            open_timeout=PATIENCE,
        ):
            return 101
    except InvalidStatus as refused:
        answer = refused.response
    code = orjson.loads(answer.body or b"")["errors"][0]["extensions"]["code"]
    assert (code, answer.headers["X-Content-Type-Options"]) == ("ORIGIN_NOT_ALLOWED", "nosniff")
    return answer.status_code


async def test_a_socket_opens_for_pages_of_the_list_of_this_host_and_for_what_is_no_browser(listed: Api) -> None:
    assert await opened(listed, FRONTEND) == 101
    assert await opened(listed, "http://localhost:3000") == 101
    assert await opened(listed, listed.url) == 101
    assert await opened(listed, None) == 101


@pytest.mark.parametrize(
    "origin",
    [
        *(STRANGER, "null", "", "file://", "http://localhost:3001", "http://khaibao.example"),
        *("https://khaibao.example.stranger.example", "https://khaibao.example@stranger.example"),
    ],
)
async def test_a_stranger_s_page_opens_no_socket(listed: Api, origin: str) -> None:
    assert await opened(listed, origin) == 403


async def test_a_stranger_s_page_is_none_of_this_host_s_because_it_says_so_elsewhere(listed: Api) -> None:
    assert await opened(listed, STRANGER, **{"X-Forwarded-Host": "stranger.example"}) == 403


async def test_a_page_without_an_origin_may_where_it_is_listed(place: Place) -> None:
    async with (
        serving(replace(place, more={"KHAIBAO_WEB_ORIGINS": "null"})) as url,
        aiohttp.ClientSession() as session,
    ):
        api = Api(url, session)
        assert await opened(api, "null") == 101
        assert await opened(api, STRANGER) == 403
        assert (await api.post(BODY, origin="null")).headers["Access-Control-Allow-Origin"] == "null"
