"""Where gateways report to: two addresses beside the API, each with its own proof of who speaks."""

import time
from collections.abc import Callable
from uuid import UUID

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from access.keys import KeyRing
from alerts.delivery_receipts import DeliveryReceipt, DeliveryReceipts
from alerts.delivery_token import token_fits
from alerts.http_gateway import HttpGateway
from alerts.kannel_gateway import DELIVERED_REPORT, KANNEL_FAILURES, KannelGateway
from alerts.signature import SIGNATURE, TIMESTAMP, holds

KANNEL_PATH = "/sms/kannel/receipt"
HTTP_PATH = "/sms/http/receipt"

_LONGEST = 4096
_ID_LENGTH = 128
_CODE_LENGTH = 32

# One answer for what is taken, for what is known already and for what nobody knows: only its proof is ever judged.
_TAKEN, _BAD, _STRANGER, _TOO_LONG, _LATER = 204, 400, 403, 413, 503

logger = structlog.get_logger(__name__)


def delivery_routes(
    receipts: DeliveryReceipts, keys: KeyRing, http_secret: str | None, now: Callable[[], float] = time.time
) -> list[Route]:
    """Kannel's address, and the HTTP gateway's where it has a secret to sign with.

    `now` is the real time in seconds since 1970, as the signature has it.
    """

    async def kannel(request: Request) -> Response:
        given = request.query_params
        id = _uuid(given.get("id"))
        if id is None or not token_fits(keys, id, given.get("token", "")):
            return Response(status_code=_STRANGER)
        kind, own = given.get("kind", ""), _own(given.get("own"))
        if kind == DELIVERED_REPORT:
            return await _take(receipts, DeliveryReceipt(id, KannelGateway.name, own))
        if failure := KANNEL_FAILURES.get(kind):
            return await _take(receipts, DeliveryReceipt(id, KannelGateway.name, own, failure))
        # On its way within the carrier's network: nothing that would change a message's state.
        return Response(status_code=_TAKEN)

    async def http(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return Response(status_code=_TOO_LONG)
        timestamp, signature = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
        if http_secret is None or not holds(http_secret, body, timestamp, signature, now()):
            return Response(status_code=_STRANGER)
        receipt = _read(body)
        return await _take(receipts, receipt) if receipt else Response(status_code=_BAD)

    routes = [Route(KANNEL_PATH, kannel, methods=["GET"])]
    return [*routes, Route(HTTP_PATH, http, methods=["POST"])] if http_secret else routes


async def _take(receipts: DeliveryReceipts, receipt: DeliveryReceipt) -> Response:
    try:
        await receipts.take(receipt)
    except Exception as error:  # The database may be away for a while: the gateway is to report again.
        logger.warning("receipt_not_taken", error=type(error).__name__)
        return Response(status_code=_LATER, headers={"retry-after": "5"})
    return Response(status_code=_TAKEN)


async def _body(request: Request) -> bytes | None:
    read = b""
    async for part in request.stream():
        read += part
        if len(read) > _LONGEST:
            return None
    return read


def _read(body: bytes) -> DeliveryReceipt | None:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(said, dict):
        return None
    id, state, reason = _uuid(said.get("id")), said.get("state"), said.get("reason")
    if id is None or state not in ("DELIVERED", "FAILED"):
        return None
    why = (_own(reason) or "NOT_DELIVERED")[:_CODE_LENGTH]
    return DeliveryReceipt(id, HttpGateway.name, _own(said.get("gatewayId")), why if state == "FAILED" else None)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _own(value: object) -> str | None:
    # PostgreSQL's texts hold no NUL.
    return value.replace("\x00", "")[:_ID_LENGTH] or None if isinstance(value, str) else None
