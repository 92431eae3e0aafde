"""`khaibao health`: whether a server is ready to serve, for a person and for a supervisor."""

from typing import Annotated, Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import orjson
import typer

from commands.listening import Address
from commands.options import AsJson
from commands.outcome import print_json, refuse
from settings import read

_SECONDS = 5.0


def health(
    url: Annotated[str | None, typer.Option(help="Where the server is; that of the settings by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a server whether it is ready. Exit code 0 where it is, 1 where it is not or does not answer."""
    settings = read()
    place = url.rstrip("/") if url else Address(settings.host, settings.port).url
    if not place.startswith(("http://", "https://")):
        refuse(f"{place} is no address of a server: write it like http://127.0.0.1:8000")
    found = _ask(f"{place}/health/ready")
    ready = found.get("status") == "ready"
    if as_json:
        print_json({"url": place, **found})
    elif ready:
        slower = ", ".join(found.get("degraded", []))
        typer.echo(f"{place} is ready" + (f", but degraded: {slower}" if slower else ""))
    else:
        refuse(f"{place} is not ready: {', '.join(found['reasons'])}")
    if not ready:
        raise typer.Exit(1)


def _ask(url: str) -> dict[str, Any]:
    try:
        with urlopen(url, timeout=_SECONDS) as answer:
            body = answer.read()
    except HTTPError as error:
        body = error.read()
    except (URLError, TimeoutError, OSError):
        return {"status": "silent", "reasons": ["nobody answers there"], "degraded": []}
    try:
        found: dict[str, Any] = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {"status": "strange", "reasons": ["what answers there is no khaibao"], "degraded": []}
    return found
