"""What a browser gets that fetches a certificate, or reads the code on one."""

from typing import Any

from starlette.applications import Starlette

from graph.certificate_page import certificate_page_routes
from graph.papers import paper_routes
from services.runtime import Runtime


async def fetched(runtime: Runtime, url: str) -> tuple[int, dict[bytes, bytes], bytes]:
    """What a browser gets of an address: status, headers and body."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": url,
        "raw_path": url.encode(),
        "query_string": b"",
        "headers": [],
        "client": ("203.0.113.7", 5000),
        "state": {},
    }
    await Starlette(routes=[*paper_routes(runtime), *certificate_page_routes(runtime)])(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body
