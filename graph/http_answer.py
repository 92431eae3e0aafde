"""Sending an answer over HTTP: its status, its headers and its JSON."""

from collections.abc import Iterable

import orjson
from starlette.types import Send

from graph.accept import Medium
from graph.errors import RETRYABLE
from graph.http_request import METHODS
from graph.running import Answer

VARY = (b"vary", b"Accept, Accept-Language, Authorization")
"""What an answer depends on besides its URL and body."""

_STATUS = {"UNAUTHENTICATED": 401, "TOO_LARGE": 413, "INTERNAL": 500, "RATE_LIMITED": 429}


def status_of(answer: Answer, medium: Medium) -> int:
    """The status that the specification gives this answer in this type; 429 and 503 where it is only "not now"."""
    codes = [error.code for error in answer.errors]
    if answer.empty and (retry := next((code for code in codes if code in RETRYABLE), None)):
        return _STATUS.get(retry, 503)
    if answer.executed:
        return 200
    if codes and codes[0] in _STATUS:
        return _STATUS[codes[0]]
    # By the specification JSON clients of old get 200 for whatever GraphQL itself refuses.
    return 200 if medium == "application/json" else 400


async def send_answer(
    send: Send,
    answer: Answer | list[Answer],
    status: int,
    medium: Medium,
    request_id: str,
    *,
    last: bool = False,
    allow: bytes = METHODS,
) -> None:
    """Sends it. `last` says that the process is ending; `allow` goes with the status 405."""
    answers = answer if isinstance(answer, list) else [answer]
    # Where there are data the status has to say success: whoever is told "not now" is told nothing else.
    shown = answers if status < 400 else [Answer(None, one.errors, executed=False) for one in answers]
    payloads = [one.payload() for one in shown]
    body = orjson.dumps(payloads if isinstance(answer, list) else payloads[0], default=str)
    waits = (error.extensions.get("retryAfter") for one in answers for error in one.errors)
    headers = [
        (b"content-type", f"{medium}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        VARY,
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", request_id.encode()),
        *_of_status(status, waits, allow),
    ]
    if last:
        # Kept open, it would be closed a moment later, perhaps while the client sends its next request.
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_methods(send: Send) -> None:
    """The answer to OPTIONS: which methods there are."""
    await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", METHODS)]})
    await send({"type": "http.response.body", "body": b""})


def _of_status(status: int, waits: Iterable[int | None], allow: bytes) -> list[tuple[bytes, bytes]]:
    match status:
        case 401:
            return [(b"www-authenticate", b"Bearer")]
        case 405:
            return [(b"allow", allow)]
        case 408 | 413:
            # What is left of the body would be taken for the next request.
            return [(b"connection", b"close")]
        case 429 | 503:
            return [(b"retry-after", str(next((wait for wait in waits if wait), 1)).encode())]
        case _:
            return []
