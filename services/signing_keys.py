"""The access tokens' signing keys: one row each, shared by all processes, made by the first that misses it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from jwt import InvalidKeyError
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.sealing import UnsealError
from access.signing import SigningPair, new_pair, read_pair
from models.database import service_connection, service_transaction
from models.locks import SIGNING_KEY_LOCK
from models.signing_key import SigningKey
from services.runtime import Runtime

AHEAD = timedelta(hours=1)
"""How long a key is published before it signs: longer than anybody keeps a copy of the published keys."""
LONGEST_TOKEN = timedelta(hours=1)
"""How long a key stays published after it has ceased to sign: no setting lets a token live longer."""

logger = structlog.get_logger(__name__)


async def follow_signing_keys(runtime: Runtime) -> None:
    """Takes up the keys as they stand in the table, after making or removing what is due.

    To be called at start and every minute by each process: one statement where nothing is due.
    """
    connection = service_connection()
    stored, now = await _stored(connection), await _now(connection)
    pairs = _opened(runtime, stored)
    if _spent(stored, now) or _wanted(runtime, pairs, now):
        pairs = await _rotate(runtime)
    runtime.tokens.follow(pairs)


async def _rotate(runtime: Runtime) -> list[SigningPair]:
    # For nobody in particular: the table holds nothing of a person, and only the service's login reaches it.
    async with service_transaction() as connection:
        # Of all processes that find the same key missing one makes it; the others then find it here.
        await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [SIGNING_KEY_LOCK])
        stored, now = await _stored(connection), await _now(connection)
        spent = _spent(stored, now)
        if spent:
            await SigningKey.filter(id__in=[key.id for key in spent]).using_db(connection).delete()
        pairs = _opened(runtime, [key for key in stored if key not in spent])
        if made := _wanted(runtime, pairs, now):
            await SigningKey.create(
                using_db=connection,
                id=made.id,
                public_jwk=made.public_jwk,
                private_sealed=runtime.sealer.seal(f"signing:{made.id}", made.private_jwk),
                created_at=now,
                signs_from=made.signs_from,
                signs_until=made.signs_until,
            )
            pairs.append(made)
            logger.info("signing_key_made", key=made.id, signs_from=made.signs_from.isoformat())
    return pairs


def _wanted(runtime: Runtime, pairs: Sequence[SigningPair], now: datetime) -> SigningPair | None:
    """The key that has to be made now, if one has to be."""
    able = [pair for pair in pairs if pair.private is not None]
    last = max((pair.signs_until for pair in able), default=now)
    if last - now > AHEAD:
        return None
    # The first of all, or the first after a long silence, signs at once; any other takes over where the last one ends.
    begins = max(last, now)
    return new_pair(begins, begins + runtime.key_period)


def _spent(stored: Sequence[SigningKey], now: datetime) -> list[SigningKey]:
    return [key for key in stored if key.signs_until + LONGEST_TOKEN < now]


def _opened(runtime: Runtime, stored: Sequence[SigningKey]) -> list[SigningPair]:
    pairs = []
    for key in stored:
        try:
            private = runtime.sealer.open(f"signing:{key.id}", key.private_sealed)
        except UnsealError:
            # Sealed by a key that this installation has lost: what it has signed can still be checked.
            private = None
            logger.warning("signing_key_does_not_open", key=key.id)
        try:
            pairs.append(read_pair(key.id, key.public_jwk, private, key.signs_from, key.signs_until))
        except (ValueError, InvalidKeyError):
            logger.error("signing_key_unreadable", key=key.id)
    return pairs


async def _stored(connection: AsyncpgDBClient) -> list[SigningKey]:
    return await SigningKey.all().using_db(connection).order_by("signs_from")


async def _now(connection: AsyncpgDBClient) -> datetime:
    _, rows = await connection.execute_query("SELECT clock_timestamp() AS at")
    moment: datetime = rows[0]["at"]
    return moment
