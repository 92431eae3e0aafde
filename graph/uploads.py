"""Photos over plain HTTP: a body that is a file, and a picture that a browser fetches by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from access.object_ticket import BadTicket
from graph.discard import discard
from graph.errors import RETRYABLE, ApiError, api_error, from_exception
from graph.global_id import global_id
from graph.language import language_of
from graph.origin_of import origin_of
from graph.request_id import request_id_of
from graph.schema.evidence import EVIDENCE_PATH
from services.problem import NotFound
from services.read_evidence import read_evidence
from services.runtime import Runtime
from services.upload_evidence import TicketUsed, upload_evidence
from services.upload_ticket import MOST_BYTES, read_upload
from storage.object_store import StoreUnavailable
from storage.photo_desk import DeskFull, NoPhoto

UPLOADS_PATH = "/uploads"
FORMATS = ("image/jpeg", "image/png", "image/webp", "image/heic")

_SECONDS = 180.0
"""How long a file may take to arrive: ten megabytes over a line of 3G."""
_MOST_AT_ONCE = 200 * 1024 * 1024
"""Bytes of files that may be on their way into one process together, by what they say of their length."""
_STATUS = {
    "TICKET_OVER": 401,
    "NOT_FOUND": 404,
    "TIMEOUT": 408,
    "TICKET_USED": 409,
    "LENGTH_REQUIRED": 411,
    "TOO_LARGE": 413,
    "NOT_AN_IMAGE": 415,
    "IMAGE_TOO_LARGE": 422,
    "IMAGE_DAMAGED": 422,
    "RATE_LIMITED": 429,
    "BAD_REQUEST": 400,
    "INTERNAL": 500,
}
_CLOSING = frozenset({401, 408, 411, 413, 503})
"""After these there may be more of the body than was read on for: it would be taken for the next request."""
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
SHOWN_ELSEWHERE = {
    **_HEADERS,
    # Whatever it may be taken for, it runs nothing and is framed by nobody.
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    # The page that shows it may be of another origin. Whoever has its ticket may see it, and nobody else.
    "cross-origin-resource-policy": "cross-origin",
}
"""What goes with bytes that a browser fetches by itself."""
_PICTURE = {**SHOWN_ELSEWHERE, "content-disposition": "inline"}

logger = structlog.get_logger(__name__)


class _Refused(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def evidence_routes(runtime: Runtime) -> list[Route]:
    """POST of a file with an upload ticket, GET of a picture with a ticket of its own."""
    room = _Room()

    async def upload(request: Request) -> Response:
        """201 with the photo's id, 200 where the same file was uploaded before; refusals as GraphQL's errors."""
        try:
            wanted = read_upload(runtime, _bearer(request))
            async with room.of(_length(request)) as length:
                found = await upload_evidence(runtime, wanted, await _body(request, length))
        except Exception as error:
            if not getattr(request.state, "arrived", False):
                # What has arrived in whole has nothing behind it to wait for, and the refusal would come seconds late.
                await discard(request.receive)
            return refusal(runtime, request, error)
        said = {
            "evidence": global_id("Evidence", found.id),
            "bytes": found.size,
            "width": found.width,
            "height": found.height,
        }
        return Response(orjson.dumps(said), 200 if found.repeated else 201, _HEADERS, "application/json")

    async def look(request: Request) -> Response:
        """The picture; 404 for everything that it cannot be fetched for."""
        origin, request_id = origin_of(runtime, request.scope), request_id_of(runtime, request.scope)
        try:
            data = await read_evidence(runtime, request.path_params["ticket"], origin, request_id)
        except Exception as error:
            return refusal(runtime, request, error)
        return Response(data, headers=_PICTURE, media_type="image/jpeg")

    return [Route(UPLOADS_PATH, upload, methods=["POST"]), Route(f"{EVIDENCE_PATH}/{{ticket}}", look, methods=["GET"])]


class _Room:
    """How many bytes of files are on their way into this process; one that finds no room is asked to come again."""

    def __init__(self) -> None:
        self._taken = 0

    @asynccontextmanager
    async def of(self, length: int) -> AsyncIterator[int]:
        if self._taken + length > _MOST_AT_ONCE:
            raise _Refused("OVERLOADED")
        self._taken += length
        try:
            yield length
        finally:
            self._taken -= length


def _bearer(request: Request) -> str:
    scheme, _, ticket = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not ticket.strip():
        raise BadTicket
    return ticket.strip()


def _length(request: Request) -> int:
    """What the file says of its length, before a byte of it is read."""
    said = request.headers.get("content-length", "")
    if not (said.isascii() and said.isdigit()):
        raise _Refused("LENGTH_REQUIRED")
    if int(said[:12]) > MOST_BYTES:
        raise _Refused("TOO_LARGE")
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise _Refused("BAD_REQUEST")
    return int(said)


async def _body(request: Request, length: int) -> bytes:
    parts, size = [], 0
    try:
        async with asyncio.timeout(_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > length:
                    raise _Refused("TOO_LARGE")
                parts.append(part)
    except TimeoutError:
        raise _Refused("TIMEOUT") from None
    except ClientDisconnect:
        raise _Refused("BAD_REQUEST") from None
    request.state.arrived = True
    return b"".join(parts)


def refusal(runtime: Runtime, request: Request, error: Exception) -> Response:
    """What is answered to a request for bytes that was refused, as GraphQL's errors."""
    language = language_of(request.headers.get("accept-language"))
    request_id = request_id_of(runtime, request.scope)
    match error:
        case _Refused() | NoPhoto():
            said = api_error(error.code, language)
        case BadTicket():
            said = api_error("TICKET_OVER", language)
        case TicketUsed():
            said = api_error("TICKET_USED", language)
        case NotFound():
            said = api_error("NOT_FOUND", language)
        case DeskFull():
            said = api_error("OVERLOADED", language)
        case StoreUnavailable():
            logger.warning("object_store_away", request_id=request_id, error=str(error))
            said = api_error("UNAVAILABLE", language)
        case _:
            said = from_exception(error, language, request_id)
    runtime.meters.refused(said.code)
    return _answer(said, request_id)


def _answer(said: ApiError, request_id: str) -> Response:
    status = _STATUS.get(said.code, 503 if said.code in RETRYABLE else 500)
    headers = {**_HEADERS, "x-request-id": request_id}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if said.code in RETRYABLE:
        headers["retry-after"] = str(said.extensions.get("retryAfter", 1))
    if status in _CLOSING:
        headers["connection"] = "close"
    return Response(orjson.dumps({"errors": [said.formatted()]}), status, headers, "application/json")
