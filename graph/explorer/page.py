"""GET /explorer: the page, made of the bundle's own and our operations; it asks nobody but this server for anything."""

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from graph.explorer.operations import Operation, operations

PATH = "/explorer"
STATIC = Path(__file__).parent / "static"

NOT_BUILT = "The explorer's page is not built here: run `make explorer` in the checkout, then load this page again.\n"


def explorer_routes(variables: Mapping[str, str] | None = None) -> list[BaseRoute]:
    """The page and its assets.

    `variables` fill the explorer's environment, as the demo does with its accounts' tokens; they are read at each load.
    """
    environment = variables if variables is not None else {}

    async def page(request: Request) -> Response:
        index = STATIC / "index.html"
        if not index.is_file():
            return PlainTextResponse(NOT_BUILT, status_code=503)
        nonce = secrets.token_urlsafe(16)
        html = _page(index.read_text("utf-8"), nonce, _options(operations(), environment))
        return HTMLResponse(html, headers={"Content-Security-Policy": _policy(nonce), **_HEADERS})

    return [
        Route(PATH, page, name="explorer"),
        Mount(f"{PATH}/static", _Assets(directory=STATIC, check_dir=False), name="explorer-static"),
    ]


class _Assets(StaticFiles):
    """The bundle's files. A worker that it starts is bound by the policy of its own file, and not by the page's."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        answer = await super().get_response(path, scope)
        answer.headers["Content-Security-Policy"] = _policy()
        return answer


_HEADERS = {
    # The page may hold the demo's tokens.
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def _policy(nonce: str | None = None) -> str:
    """Nothing from elsewhere, and of inline scripts only the one that carries this answer's nonce.

    The bundle's editor writes style elements without a nonce while it runs; a style can reach no other host either.
    """
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'" + (f" 'nonce-{nonce}'" if nonce else ""),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _page(index: str, nonce: str, options: dict[str, Any]) -> str:
    # Of the page's own address the browser makes absolute ones; the bundle would resolve a relative one by <base>.
    start = (
        f"const options = {_literal(options)};"
        'options.endpointURL = new URL("/graphql", location.origin).href;'
        'options.subscriptionsEndpoint = options.endpointURL.replace(/^http/, "ws");'
        "for (const tab of options.initialWindows)"
        " Object.assign(tab, {endpointURL: options.endpointURL, subscriptionsEndpoint: options.subscriptionsEndpoint});"
        # The bundle opens its tabs one by one and stays on the last; a reader begins with the first.
        "const tabs = document.getElementsByClassName('window-switcher__item');"
        "const watch = new MutationObserver(() => {"
        " if (tabs.length < options.initialWindows.length) return;"
        " watch.disconnect(); setTimeout(() => tabs[0].click()); });"
        "watch.observe(document.body, {childList: true, subtree: true});"
        "AltairGraphQL.init(options);"
    )
    index = re.sub(r"<base [^>]*>", f'<base href="{PATH}/static/">', index)
    index = index.replace("<title>Altair</title>", "<title>Khai báo: explorer</title>")
    return index.replace("</body>", f'<script type="module" nonce="{nonce}">{start}</script></body>')


def _options(tabs: list[Operation], environment: Mapping[str, str]) -> dict[str, Any]:
    tokens = {f"{user}_token": "" for user in ("station", "committee")}
    return {
        "initialWindows": [_tab(tab) for tab in tabs],
        "initialEnvironments": {"base": {"title": "Khai báo", "variables": {**tokens, **environment}}},
        "initialSettings": {"theme": "system", "language": "en-US", "schema.reloadOnStart": True},
        # They advertise what would have to come from elsewhere.
        "persistedSettings": {
            "banners.disable": True,
            "alert.disableUpdateNotification": True,
            "disablePushNotification": True,
        },
        "instanceStorageNamespace": "khaibao_",
        # Yesterday's tabs would hide today's operations and send tokens of a demo that is gone.
        "preserveState": False,
        "disableAccount": True,
    }


def _tab(tab: Operation) -> dict[str, Any]:
    return {
        "initialName": tab.title,
        "initialQuery": tab.query,
        "initialVariables": tab.variables,
        "initialHeaders": tab.headers,
        "initialSubscriptionRequestHandlerId": "graphql-ws",
        # A browser's WebSocket sends no headers: the same values go along with connection_init.
        "initialSubscriptionsPayload": {name.lower(): value for name, value in tab.headers.items()},
    }


def _literal(value: Any) -> str:
    """JSON that is safe inside a script element, whatever a text in it says."""
    return orjson.dumps(value).decode().replace("<", "\\u003c")
