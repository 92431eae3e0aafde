"""Remembering that a session has changed something, so that its next reads see it wherever they are answered."""

import asyncpg
import structlog
from tortoise.exceptions import DBConnectionError, OperationalError

from access.actor import Actor
from models.database import service_connection
from models.replica import WRITTEN

# By the service's login, which alone may touch sessions: the row is the actor's own.
_NOTE = f"UPDATE session SET wrote_position = {WRITTEN} WHERE id = $1"

logger = structlog.get_logger(__name__)


async def note_own_write(actor: Actor) -> None:
    """To be called after the commit and before the answer; every process finds it when it asks who is asking.

    What was changed stays changed where this fails: the caller is answered all the same, and may for once read what is
    as old as replicas may be.
    """
    if actor.session_id is None:
        return
    try:
        await service_connection().execute_query(_NOTE, [actor.session_id])
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, DBConnectionError, OperationalError) as error:
        logger.warning("own_write_not_noted", error=type(error).__name__)
