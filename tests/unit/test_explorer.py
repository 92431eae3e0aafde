"""The explorer's page needs nobody but our own server, and its ready-made operations are sound."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import OperationDefinitionNode, parse
from starlette.applications import Starlette

from graph.explorer import page
from graph.explorer.operations import Operation, operations

INDEX = '<html><head><base href="/" /></head><body><script src="main.js"></script></body></html>'


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle as `make explorer` leaves it, in small."""
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "main.js").write_text("// the bundle")
    monkeypatch.setattr(page, "STATIC", tmp_path)
    return tmp_path


async def test_the_page_may_load_nothing_from_elsewhere(built: Path) -> None:
    answer = await get("/explorer")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    sources = {source for part in policy.values() for source in part.split() if not source.startswith("'")}
    assert sources <= {"data:", "blob:"}


async def test_only_the_script_of_this_very_answer_runs(built: Path) -> None:
    first, second = await get("/explorer"), await get("/explorer")
    nonce = re.findall(r"'nonce-([^']+)'", first.headers["content-security-policy"])
    assert nonce == re.findall(r'<script [^>]*nonce="([^"]+)"', first.text)
    assert first.headers["content-security-policy"] != second.headers["content-security-policy"]


async def test_assets_are_served_from_here(built: Path) -> None:
    assert '<base href="/explorer/static/">' in (await get("/explorer")).text
    assert (await get("/explorer/static/main.js")).text == "// the bundle"


async def test_without_the_bundle_the_page_says_what_to_do(built: Path) -> None:
    (built / "index.html").unlink()
    answer = await get("/explorer")
    assert (answer.status, answer.text.count("\n")) == (503, 1)
    assert "make explorer" in answer.text


async def test_the_demo_s_tokens_are_in_the_environment(built: Path) -> None:
    variables = {"station_token": "before"}
    routes = page.explorer_routes(variables)
    variables["station_token"] = "made-at-start"
    assert '"station_token":"made-at-start"' in (await get("/explorer", Starlette(routes=routes))).text


async def test_a_text_cannot_end_the_script(built: Path) -> None:
    app = Starlette(routes=page.explorer_routes({"x": "</script><script>alert(1)"}))
    assert "<script>alert(1)" not in (await get("/explorer", app)).text


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.title)
def test_a_ready_made_operation_parses_and_names_its_variables(operation: Operation) -> None:
    (definition,) = parse(operation.query).definitions
    assert isinstance(definition, OperationDefinitionNode)
    declared = {variable.variable.name.value for variable in definition.variable_definitions or ()}
    assert set(orjson.loads(operation.variables)) <= declared


def test_there_are_operations_for_a_resident_a_station_and_a_committee() -> None:
    assert {operation.title.partition(":")[0] for operation in operations()} == {"Resident", "Station", "Committee"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


async def get(path: str, app: Starlette | None = None) -> Answer:
    """One GET, straight through the application, without a socket."""
    sent: list[dict[str, Any]] = []

    received = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        # A client that stays: who listens for its going must wait, not be answered again and again.
        return next(received, None) or await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "root_path": ""}
    await (app or Starlette(routes=page.explorer_routes()))(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], headers, body.decode())
