"""The explorer in a real browser with the network off: it needs nobody else, and its policy breaks nothing of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from models.embedded import EmbeddedPostgres
from tests.acceptance.conftest import Place, free_port, furnish, serving
from tests.servers.browser import chromium

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """The city of March 2022, on a database of its own."""
    folder = tmp_path_factory.mktemp("explored")
    async with EmbeddedPostgres(folder / "postgres") as server:
        place = Place(folder, await server.database("explored", fresh=True))
        await furnish(place)
        yield place


@pytest.fixture(scope="module")
async def server(place: Place) -> AsyncIterator[str]:
    """Its server."""
    async with serving(place) as url:
        yield url


_ACKNOWLEDGED = """new Promise(done => {
  const socket = new WebSocket("%s", "graphql-transport-ws");
  socket.onopen = () => socket.send('{"type":"connection_init"}');
  socket.onmessage = event => done(JSON.parse(event.data).type);
  socket.onclose = event => done(`closed ${event.code}`);
})"""
_READ = """fetch("%s", {method: "POST", headers: {"Content-Type": "%s"}, body: '{"query":"{ installation { mode } }"}'})
  .then(answer => answer.text()).catch(error => error.name)"""


async def test_the_explorer_asks_only_this_server_and_its_policy_is_never_broken(server: str, tmp_path: Path) -> None:
    async with chromium(tmp_path) as page:
        await page.load(f"{server}/explorer")
        await page.until("document.querySelectorAll('.window-switcher__item').length > 3")
        await page.until("document.querySelector('.window-switcher__item--active')?.innerText.includes('Declare')")
        await page.value("document.querySelector('.send-request__button').click()")
        # The demo's days are later than this installation's, so it is a refusal; what counts is that it came.
        await page.until("document.querySelector('app-query-result').innerText.includes('__typename')")
        seen = await page.picture()
        # Kept beside the log of the test, for whoever wants to look at it.
        (tmp_path / "explorer.png").write_bytes(seen)
        assert await page.value(_ACKNOWLEDGED % f"{server.replace('http', 'ws', 1)}/graphql") == "connection_ack"
        elsewhere = {one for one in page.asked if urlsplit(one).netloc != urlsplit(server).netloc}
        assert {urlsplit(one).scheme for one in elsewhere} <= {"data", "blob"}
        # The bundle looks whether it may make code of text, and does without: that is the policy at work.
        assert set(await page.value("broken.map(one => one.split(' ').slice(0, 2).join(' '))")) <= {"script-src eval"}
        assert len(seen) > 20_000


@pytest.fixture
async def frontend() -> AsyncIterator[str]:
    """A page of another origin."""

    async def front(_: web.Request) -> web.Response:
        return web.Response(text="<title>Frontend</title>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", front)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


async def tried(frontend: str, url: str, folder: Path) -> list[str]:
    """What a page gets that asks with JSON, asks with plain text, and opens a socket."""
    async with chromium(folder) as page:
        await page.load(frontend)
        await page.until("document.title === 'Frontend'")
        return [
            await page.value(_READ % (f"{url}/graphql", "application/json")),
            await page.value(_READ % (f"{url}/graphql", "text/plain")),
            await page.value(_ACKNOWLEDGED % f"{url.replace('http', 'ws', 1)}/graphql"),
        ]


async def test_a_stranger_s_page_reads_nothing_and_opens_no_socket(server: str, frontend: str, tmp_path: Path) -> None:
    assert await tried(frontend, server, tmp_path) == ["TypeError", "TypeError", "closed 1006"]


async def test_a_page_of_the_list_reads_and_opens_a_socket(place: Place, frontend: str, tmp_path: Path) -> None:
    async with serving(place, KHAIBAO_WEB_ORIGINS=frontend) as url:
        read, refused, socket = await tried(frontend, url, tmp_path)
    assert (read, socket) == ('{"data":{"installation":{"mode":"TEST"}}}', "connection_ack")
    assert "BAD_REQUEST" in refused
