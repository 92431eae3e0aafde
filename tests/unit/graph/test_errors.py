"""What the outside hears of an exception: a code, and nothing else."""

import asyncpg
import pytest
import structlog
from graphql import GraphQLError
from tortoise.exceptions import DBConnectionError, OperationalError, ValidationError

from access.authenticate import Unauthenticated
from access.passwords import TooManyWaiting
from access.provider_keys import ProviderAway
from alerts.hub import HubClosed
from alerts.listener import SlowSubscriber
from graph.errors import NoAnswerInTime, from_exception, from_graphql
from services.problem import CursorExpired, InvalidCursor, NotFound

SECRET = "Key (phone)=(+84912345678) already exists"


def wrapped(error: Exception) -> Exception:
    """As Tortoise gives on what the driver said."""
    return OperationalError(error)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unauthenticated(), "UNAUTHENTICATED"),
        (NotFound(), "NOT_FOUND"),
        (InvalidCursor(), "INVALID_CURSOR"),
        (CursorExpired(), "CURSOR_EXPIRED"),
        (SlowSubscriber(), "SLOW_SUBSCRIBER"),
        (HubClosed(), "UNAVAILABLE"),
        (ProviderAway(), "UNAVAILABLE"),
        (TooManyWaiting(), "OVERLOADED"),
        (ConnectionRefusedError(), "UNAVAILABLE"),
        (DBConnectionError("no"), "UNAVAILABLE"),
        (wrapped(asyncpg.ConnectionDoesNotExistError("gone")), "UNAVAILABLE"),
        (wrapped(asyncpg.AdminShutdownError("ending")), "UNAVAILABLE"),
        (asyncpg.CannotConnectNowError("starting"), "UNAVAILABLE"),
        (asyncpg.InternalClientError("cut in the middle of a word"), "UNAVAILABLE"),
        (asyncpg.TooManyConnectionsError("full"), "OVERLOADED"),
        (wrapped(asyncpg.LockNotAvailableError("waiting")), "OVERLOADED"),
        (wrapped(asyncpg.DeadlockDetectedError("ring")), "OVERLOADED"),
        (NoAnswerInTime(), "OVERLOADED"),
        (wrapped(asyncpg.CharacterNotInRepertoireError("0x00")), "BAD_REQUEST"),
        (ValidationError("too long"), "BAD_REQUEST"),
        (RecursionError(), "QUERY_TOO_COMPLEX"),
        (ValueError(SECRET), "INTERNAL"),
        (wrapped(asyncpg.UniqueViolationError(SECRET)), "INTERNAL"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_an_exception_has_its_code(error: Exception, code: str) -> None:
    found = from_exception(error, "en", "request-1")
    assert found.code == code
    assert ("retryAfter" in found.extensions) == (code in {"UNAVAILABLE", "OVERLOADED"})
    assert SECRET not in str(found.formatted())


def test_the_unexpected_is_logged_by_its_kind_and_place_without_its_text() -> None:
    with structlog.testing.capture_logs() as logs:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            found = from_exception(error, "en", "request-1")
    assert found.extensions == {"requestId": "request-1"}
    [line] = [line for line in logs if line["event"] == "unexpected"]
    assert (line["error"], line["request_id"]) == ("ValueError", "request-1")
    assert "test_errors.py" in line["frames"][-1]
    assert SECRET not in str(line)


def test_a_null_where_none_may_be_is_ours_and_a_bad_value_is_the_caller_s() -> None:
    inside = from_graphql(GraphQLError("Cannot return null", path=["alerts", 0]), "en", "request-1")
    outside = from_graphql(GraphQLError("Variable '$x' got invalid value"), "en", "request-1")
    assert (inside.code, outside.code) == ("INTERNAL", "BAD_REQUEST")
    assert "null" not in inside.message
