"""A server with the settings of production and none of its own: what it shows to nobody."""

from collections.abc import AsyncIterator

import pytest

from models.embedded import EmbeddedPostgres
from tests.acceptance.client import Api
from tests.acceptance.conftest import Place, serving
from tests.acceptance.everywhere import TRANSPORTS, error_of, over

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
async def production(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory, api: Api
) -> AsyncIterator[Api]:
    """A real server on a database of its own, in the mode that is the default."""
    urls = await postgres.database("khaibao_production", fresh=True)
    async with serving(Place(tmp_path_factory.mktemp("production"), urls, {"KHAIBAO_MODE": "production"})) as url:
        yield Api(url, api.session)


async def test_it_is_one(production: Api) -> None:
    assert (await production.data("{ installation { mode } }"))["installation"]["mode"] == "PRODUCTION"


@pytest.mark.parametrize("accept", ["text/html", BROWSER])
@pytest.mark.parametrize(
    "path", ["/", "/graphql", "/graphql?query=%7B__typename%7D", "/explorer", "/explorer/", "/docs"]
)
async def test_a_browser_gets_no_page(production: Api, path: str, accept: str) -> None:
    reply = await production.get(path, accept=accept)
    kind = {name.lower(): value for name, value in reply.headers.items()}.get("content-type", "")
    assert "html" not in kind
    assert b"<" not in reply.body
    assert b"explorer" not in reply.body
    if path.startswith("/explorer"):
        assert reply.status == 404


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("query", ["{ __schema { description } }", '{ __type(name: "Query") { name } }'])
async def test_the_schema_is_not_told(production: Api, transport: str, query: str) -> None:
    assert "Introspection is off" in error_of(await over(transport, production, {"query": query}))["message"]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    "query", ["{ me { displayNam } }", "{ areas(frist: 1) { nodes { id } } }", "{ me @inclue { id } }"]
)
async def test_no_message_says_what_was_meant(production: Api, transport: str, query: str) -> None:
    payload = await over(transport, production, {"query": query})
    assert payload["errors"]
    assert "mean" not in str(payload)
