"""What a browser is told with every answer, and whose pages may call from one.

Nothing here keeps out what is no browser: that is what tokens are for. It keeps pages of strangers from using the
browser of somebody who can come near, and answers from being taken for pages.
"""

from collections.abc import Collection
from functools import lru_cache

import orjson
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.admission import PLACE_HEADER
from graph.api import PATH
from graph.errors import api_error
from graph.language import language_of
from graph.schema.certificate import CERTIFICATES_PATH
from graph.schema.evidence import EVIDENCE_PATH
from graph.uploads import UPLOADS_PATH
from graph.well_known import JWKS

_PREFLIGHT_SECONDS = 7200
"""How long a browser may remember a preflight's answer; none remembers it for longer."""
_CALLED = (PATH, UPLOADS_PATH, f"{EVIDENCE_PATH}/", f"{CERTIFICATES_PATH}/", JWKS)
"""Where pages of other origins have something to ask for."""

_EVERY_ANSWER = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    # What is shown as a page by mistake can load nothing, run nothing and be framed by nobody.
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def said_always(hsts_seconds: int | None = None) -> dict[str, str]:
    """The headers that every answer has, whatever it is; None says nothing of https."""
    return _EVERY_ANSWER | ({} if hsts_seconds is None else {"strict-transport-security": f"max-age={hsts_seconds}"})


class Browsers:
    """The outermost ASGI application: adds what every answer says, and refuses sockets from pages of strangers."""

    def __init__(self, app: ASGIApp, origins: Collection[str] = (), hsts_seconds: int | None = None) -> None:
        """`origins` as browsers write them; `hsts_seconds` None says nothing of https."""
        self._app, self._origins = app, frozenset(origins)
        self._said = said_always(hsts_seconds)
        self._raw = [(name.encode(), value.encode()) for name, value in self._said.items()]
        self.sockets: ASGIApp | None = None
        """The API's sockets. Through the site's layers each of thousands would keep a dozen frames more."""
        self.api: ASGIApp | None = None
        """The API over HTTP, which answers for whatever breaks in it: the site's layers do nothing for it."""
        self._shared = CORSMiddleware(
            app,
            allow_origins=self._origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "Last-Event-ID", PLACE_HEADER.decode()),
            # Nothing here reads a cookie, so no page needs to send one.
            allow_credentials=False,
            expose_headers=("Retry-After", "X-Request-Id"),
            max_age=_PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Anything that the server takes."""
        match scope["type"]:
            case "http":
                await self._answer(scope, receive, send)
            case "websocket" if self._is_a_stranger_s(scope):
                await receive()
                await self._refuse(scope, send, 403, "ORIGIN_NOT_ALLOWED")
            case "websocket" if self.sockets is not None and scope["path"] == PATH:
                await self.sockets(scope, receive, send)
            case "websocket":
                # The routes would close it, which is a 403 and reads as if it were forbidden here.
                await receive()
                await self._refuse(scope, send, 404, "NOT_FOUND")
            case _:
                await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin, path = _header(scope, b"origin"), scope["path"]
        called = path.startswith(_CALLED)
        known = called and origin in self._origins

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                raw = list(message.get("headers", ()))
                there = {name for name, _ in raw}
                raw += [one for one in self._raw if one[0] not in there]
                if called and not known:
                    # An answer without the headers that let a page read it must not be kept for one that may.
                    _vary_by_origin(raw)
                message = {**message, "headers": raw}
            await send(message)

        if known:
            # For others the library would still say which methods and headers there are.
            await self._shared(scope, receive, told)
        elif path == PATH and self.api is not None:
            await self.api(scope, receive, told)
        else:
            await self._app(scope, receive, told)

    def _is_a_stranger_s(self, scope: Scope) -> bool:
        """Whether a page that is not in the list opens this socket; what is no browser says no origin.

        A browser asks nobody before it opens a socket to another origin, and lets the page read what comes.
        """
        origin = _header(scope, b"origin")
        if origin is None or origin in self._origins:
            return False
        scheme, _, host = origin.partition("://")
        return scheme not in ("http", "https") or host != (_header(scope, b"host") or "").lower()

    async def _refuse(self, scope: Scope, send: Send, status: int, code: str) -> None:
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close"})
            return
        error = api_error(code, language_of(_header(scope, b"accept-language")))
        headers = {"content-type": "application/json; charset=utf-8", "cache-control": "no-store", **self._said}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "websocket.http.response.start", "status": status, "headers": raw})
        body = orjson.dumps({"errors": [error.formatted()]})
        await send({"type": "websocket.http.response.body", "body": body, "more_body": False})


def _header(scope: Scope, wanted: bytes) -> str | None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for name, value in headers:
        if name == wanted:
            return value.decode("latin-1")
    return None


def _vary_by_origin(raw: list[tuple[bytes, bytes]]) -> None:
    for place, (name, value) in enumerate(raw):
        if name == b"vary":
            raw[place] = (name, _and_origin(value))
            return
    raw.append((b"vary", b"Origin"))


@lru_cache(maxsize=64)
def _and_origin(vary: bytes) -> bytes:
    return vary + b", Origin"
