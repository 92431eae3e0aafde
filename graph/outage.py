"""Telling a database that is away or busy from a fault of ours."""

import re

import asyncpg
from tortoise.exceptions import DBConnectionError, ValidationError

_AWAY = (
    OSError,
    DBConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.ReadOnlySQLTransactionError,
)
_BUSY = (
    TimeoutError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
)


# Tortoise says of a length no more than this sentence, which quotes the text as well.
_LENGTHS = re.compile(r" (\d+) > (\d+)$")


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached, was shutting down or starting, or has just failed over."""
    return any(isinstance(cause, _AWAY) and not isinstance(cause, TimeoutError) for cause in _causes(error))


def is_busy(error: BaseException) -> bool:
    """Whether the database had no room or no time for this, so that trying again soon may well succeed."""
    return any(isinstance(cause, _BUSY) for cause in _causes(error))


def is_unstorable(error: BaseException) -> bool:
    """Whether a value was refused that its column can never hold: a NUL, half of a character, far too long a text."""
    odd = (
        ValidationError,
        asyncpg.CharacterNotInRepertoireError,
        asyncpg.UntranslatableCharacterError,
        UnicodeEncodeError,
    )
    return any(isinstance(cause, odd) for cause in _causes(error))


def too_long(error: BaseException) -> tuple[int, int] | None:
    """How long a text was that its column refused, and how long it may be; None where that was not the fault."""
    for cause in _causes(error):
        if isinstance(cause, ValidationError) and (found := _LENGTHS.search(str(cause))):
            return int(found[1]), int(found[2])
    return None


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what it wraps: Tortoise puts the driver's error both into the chain and into its arguments."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or cause in found:
            continue
        found.append(cause)
        waiting += [cause.__cause__, *(argument for argument in cause.args if isinstance(argument, BaseException))]
    return found
