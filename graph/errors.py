"""Top-level errors: a stable code for each, and nothing of the inside for whoever is outside."""

import traceback
from dataclasses import dataclass, field
from typing import Any

import structlog
from graphql import GraphQLError

from access.authenticate import Unauthenticated
from access.passwords import TooManyWaiting
from access.provider_keys import ProviderAway
from alerts.hub import HubClosed
from alerts.listener import AreasMoved, OutOfSight, SlowSubscriber
from graph.language import Language
from graph.messages import error_text, fault_fields
from graph.outage import is_away, is_busy, is_unstorable
from graph.overloaded import Overloaded
from graph.room import NoRoom
from graph.trusted import NotTrusted
from graph.value_free import value_free, without_suggestion
from services.problem import Conflict, CursorExpired, InvalidCursor, InvalidInput, NotFound, TooManyRequests
from services.write_trail import NoTrail

logger = structlog.get_logger(__name__)

RETRY_SECONDS = 2
_LONGEST_MESSAGE = 500

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (Unauthenticated, "UNAUTHENTICATED"),
    (NotFound, "NOT_FOUND"),
    (InvalidCursor, "INVALID_CURSOR"),
    (CursorExpired, "CURSOR_EXPIRED"),
    (InvalidInput, "BAD_REQUEST"),
    (Conflict, "BAD_REQUEST"),
    (SlowSubscriber, "SLOW_SUBSCRIBER"),
    (HubClosed, "UNAVAILABLE"),
    (AreasMoved, "UNAVAILABLE"),
    (OutOfSight, "NOT_FOUND"),
    (ProviderAway, "UNAVAILABLE"),
    (TooManyWaiting, "OVERLOADED"),
    (NotTrusted, "DOCUMENT_NOT_TRUSTED"),
    (RecursionError, "QUERY_TOO_COMPLEX"),
)
RETRYABLE = frozenset({"OVERLOADED", "UNAVAILABLE", "RATE_LIMITED"})
"""Codes that say `retryAfter`: the same request may well succeed then."""

REFUSALS = frozenset({"UNAUTHENTICATED", "NOT_FOUND", "RATE_LIMITED", "QUERY_TOO_COMPLEX", "DOCUMENT_NOT_TRUSTED"})
"""Codes that the trail counts: somebody has asked for what is not theirs, or for more than is given."""


class TooComplex(GraphQLError):
    """The document asks for more than one operation may."""


class NoAnswerInTime(Exception):
    """The operation was ended because it took too long."""


@dataclass(frozen=True, slots=True)
class ApiError:
    """One top-level error as it goes to the client."""

    code: str
    message: str
    path: list[str | int] | None = None
    locations: list[dict[str, int]] | None = None
    extensions: dict[str, Any] = field(default_factory=dict)

    def formatted(self) -> dict[str, Any]:
        """The error's JSON."""
        formatted: dict[str, Any] = {"message": self.message}
        if self.locations:
            formatted["locations"] = self.locations
        if self.path:
            formatted["path"] = self.path
        formatted["extensions"] = {"code": self.code, **self.extensions}
        return formatted


def api_error(code: str, language: Language, *, message: str | None = None, **extensions: Any) -> ApiError:
    """An error of our own making; without `message` its text is the catalogue's."""
    if code in RETRYABLE:
        extensions.setdefault("retryAfter", RETRY_SECONDS)
    return ApiError(code, message or error_text(code, language), extensions=extensions)


def from_exception(error: Exception, language: Language, request_id: str) -> ApiError:
    """What a client hears of an exception. The unexpected is logged, and named to nobody but by its request id."""
    if isinstance(error, InvalidInput):
        return api_error("BAD_REQUEST", language, fields=fault_fields(error.faults, language))
    if isinstance(error, TooManyRequests):
        return api_error("RATE_LIMITED", language, retryAfter=error.retry_after)
    if isinstance(error, Overloaded):
        place = {"place": error.place} if error.place else {}
        return api_error("OVERLOADED", language, retryAfter=error.retry_after, **place)
    if isinstance(error, NoRoom):
        return api_error("RATE_LIMITED", language, limit=error.kind)
    if isinstance(error, NoTrail):
        cause = type(error.__cause__).__name__ if error.__cause__ else None
        logger.warning("trail_not_written", request_id=request_id, cause=cause)
        return api_error("UNAVAILABLE", language, requestId=request_id)
    for type_, code in _CODES:
        if isinstance(error, type_):
            return api_error(code, language)
    if isinstance(error, NoAnswerInTime) or is_busy(error):
        logger.warning("busy", request_id=request_id, error=type(error).__name__)
        return api_error("OVERLOADED", language, requestId=request_id)
    if is_away(error):
        logger.warning("database_away", request_id=request_id, error=type(error).__name__)
        return api_error("UNAVAILABLE", language, requestId=request_id)
    if is_unstorable(error):
        return api_error("BAD_REQUEST", language)
    _log_unexpected(error, request_id)
    return api_error("INTERNAL", language, requestId=request_id)


def from_graphql(error: GraphQLError, language: Language, request_id: str, *, suggestions: bool = True) -> ApiError:
    """What a client hears of an error of GraphQL: a document or value it may correct, or an exception behind it.

    Without `suggestions` no message says what else there is.
    """
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error
    if isinstance(cause, ValueError) and not error.path:
        # No field has run: a value in the document itself that Python will not read, as an integer of 5,000 digits.
        found = api_error("BAD_REQUEST", language, message=_shown(error.message, suggestions))
    elif cause is not None and not isinstance(cause, GraphQLError):
        found = from_exception(cause, language, request_id)
    elif isinstance(error, TooComplex) or error.message.endswith("Parsing aborted."):
        found = api_error("QUERY_TOO_COMPLEX", language, message=_shown(error.message, suggestions))
    elif error.path:
        # Raised by the execution itself: a null where the schema promises none is a fault of ours.
        _log_unexpected(error, request_id)
        found = api_error("INTERNAL", language, requestId=request_id)
    else:
        found = api_error("BAD_REQUEST", language, message=_shown(error.message, suggestions))
    locations = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return ApiError(found.code, found.message, error.path, locations, found.extensions)


def _shown(message: str, suggestions: bool) -> str:
    shown = value_free(message)
    return (shown if suggestions else without_suggestion(shown))[:_LONGEST_MESSAGE]


def _log_unexpected(error: Exception, request_id: str) -> None:
    # Neither the error's text nor any local variable: a constraint's message quotes the row, and a row is a person.
    frames = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-12:]
    ]
    cause = type(error.__cause__).__name__ if error.__cause__ else None
    logger.error("unexpected", request_id=request_id, error=type(error).__name__, cause=cause, frames=frames)
