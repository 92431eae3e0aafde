"""One request over each of the API's transports, as it is sent and as it is refused."""

from typing import Any
from urllib.parse import urlencode

import orjson

from tests.acceptance.client import Api

JSON = {"content-type": "application/json"}
TRANSPORTS = ("POST", "GET", "SSE", "WEBSOCKET")


async def over(transport: str, api: Api, request: dict[str, Any]) -> Any:
    """The payload that a request gets: `data`, `errors` or both. A mutation by GET is for nobody."""
    match transport:
        case "POST":
            return (await api.post(orjson.dumps(request))).json
        case "GET":
            plain = {name: value if isinstance(value, str) else orjson.dumps(value) for name, value in request.items()}
            bearer = {"authorization": f"Bearer {api.token}"} if api.token else {}
            return (await api.get(f"/graphql?{urlencode(plain)}", accept="application/json", **bearer)).json
        case "SSE":
            return await _first_event(api, request)
        case _:
            async with api.socket() as socket:
                await socket.send({"id": "1", "type": "subscribe", "payload": request})
                message = await socket.message("1")
                return message["payload"] if message["type"] == "next" else {"errors": message["payload"]}


async def _first_event(api: Api, request: dict[str, Any]) -> Any:
    bearer = {"authorization": f"Bearer {api.token}"} if api.token else {}
    headers = {**JSON, **bearer, "accept": "text/event-stream"}
    async with api.session.post(f"{api.url}/graphql", data=orjson.dumps(request), headers=headers) as response:
        if not response.headers["content-type"].startswith("text/event-stream"):
            return orjson.loads(await response.read())
        async for line in response.content:
            if line.startswith(b"data:"):
                return orjson.loads(line.removeprefix(b"data:"))
    raise AssertionError("the stream has ended without an event")


def error_of(payload: Any) -> dict[str, Any]:
    """The first error of a payload."""
    error: dict[str, Any] = payload["errors"][0]
    return error


def code_of(payload: Any) -> str:
    """Its code."""
    code: str = error_of(payload)["extensions"]["code"]
    return code
