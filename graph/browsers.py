"""What a browser is told with every answer, and whose pages may call from one.

Nothing here keeps out what is no browser: that is what tokens are for. It keeps pages of strangers from using the
browser of somebody who can come near, and answers from being taken for pages.
"""

from collections.abc import Collection

import orjson
from starlette.datastructures import MutableHeaders
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
                await self._refuse(scope, send)
            case _:
                await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = _header(scope, b"origin")
        called = scope["path"].startswith(_CALLED)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                for name, value in self._said.items():
                    headers.setdefault(name, value)
                if called and origin not in self._origins:
                    # An answer without the headers that let a page read it must not be kept for one that may.
                    headers.add_vary_header("Origin")
                message = {**message, "headers": headers.raw}
            await send(message)

        # For others the library would still say which methods and headers there are.
        await (self._shared if called and origin in self._origins else self._app)(scope, receive, told)

    def _is_a_stranger_s(self, scope: Scope) -> bool:
        """Whether a page that is not in the list opens this socket; what is no browser says no origin.

        A browser asks nobody before it opens a socket to another origin, and lets the page read what comes.
        """
        origin = _header(scope, b"origin")
        if origin is None or origin in self._origins:
            return False
        scheme, _, host = origin.partition("://")
        return scheme not in ("http", "https") or host != (_header(scope, b"host") or "").lower()

    async def _refuse(self, scope: Scope, send: Send) -> None:
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close"})
            return
        error = api_error("ORIGIN_NOT_ALLOWED", language_of(_header(scope, b"accept-language")))
        headers = {"content-type": "application/json; charset=utf-8", "cache-control": "no-store", **self._said}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "websocket.http.response.start", "status": 403, "headers": raw})
        body = orjson.dumps({"errors": [error.formatted()]})
        await send({"type": "websocket.http.response.body", "body": body, "more_body": False})


def _header(scope: Scope, wanted: bytes) -> str | None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for name, value in headers if name == wanted), None)
