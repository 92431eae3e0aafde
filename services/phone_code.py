"""The code that proves a phone: its bounds, and how those who ask for one phone take turns."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from math import ceil

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.locks import PHONE_LOCK
from models.verification import Verification

DIGITS = 6
LIFETIME = timedelta(minutes=5)
TRIES = 5
"""Of a million codes five may be tried, and five codes be had in an hour: 25 guesses an hour at most."""

RESEND_WAIT = timedelta(seconds=60)
MOST_AN_HOUR = 5
_HOUR = timedelta(hours=1)


async def take_turns(connection: AsyncpgDBClient, phone_hashes: Collection[str]) -> None:
    """Two who ask for codes, or try them, for one phone at once: the second waits until the first has committed.

    By its hashes under every known key, in one order: while a key is exchanged, two processes may write with two.
    """
    await connection.execute_query(
        "SELECT pg_advisory_xact_lock($1, h) FROM "
        "(SELECT DISTINCT hashtext(u) AS h FROM unnest($2::text[]) u ORDER BY 1) o",
        [PHONE_LOCK, list(phone_hashes)],
    )


async def recent_codes(connection: AsyncpgDBClient, phone_hashes: Collection[str], now: datetime) -> list[Verification]:
    """The codes of the last hour, newest first.

    What lies further ahead than one process's clock can be before another's is of a clock that was moved back, as a
    demo's is by a replay: it must not keep anybody waiting.
    """
    recent = Verification.filter(
        phone_hash__in=phone_hashes, created_at__gt=now - _HOUR, created_at__lte=now + RESEND_WAIT
    ).using_db(connection)
    return await recent.order_by("-created_at", "-id")


def seconds_to_wait(sent: Sequence[datetime], now: datetime) -> int:
    """For how many seconds no further code may be sent, by when those of the last hour were; 0 where one may be."""
    newest_first = sorted(sent, reverse=True)
    free_at = [newest_first[0] + RESEND_WAIT] if newest_first else []
    if len(newest_first) >= MOST_AN_HOUR:
        free_at.append(newest_first[MOST_AN_HOUR - 1] + _HOUR)
    return max([0, *(ceil((moment - now).total_seconds()) for moment in free_at)])
