"""A rule of the tests' database: whoever takes something from a session, an account or an area makes access_version
grow in the same transaction, for by that number those who were looked up before are known to stand no more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.database import DatabaseUrls, service_transaction
from models.migrate import plain
from services.end_sessions import bump_access

# Asked at the commit, for the number grows last of all. Whoever signs in again is given something, and what ends by the
# clock is judged by the clock.
_RULE = """
CREATE FUNCTION standing_is_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM installation) > 0 AND NOT EXISTS (
    SELECT FROM installation WHERE xmin::text::bigint = pg_current_xact_id()::text::bigint % 4294967296
  ) THEN
    RAISE EXCEPTION 'a % changed and access_version did not grow', TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER told AFTER UPDATE ON session DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.ended_at IS NULL AND (NEW.ended_at, NEW.restriction, NEW.account_id, NEW.phone_hash)
    IS DISTINCT FROM (OLD.ended_at, OLD.restriction, OLD.account_id, OLD.phone_hash))
  EXECUTE FUNCTION standing_is_told();
CREATE CONSTRAINT TRIGGER gone AFTER DELETE ON session DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.ended_at IS NULL AND OLD.expires_at > now()) EXECUTE FUNCTION standing_is_told();
CREATE CONSTRAINT TRIGGER told AFTER UPDATE ON account DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.disabled_at IS NOT NULL AND OLD.disabled_at IS NULL
    OR (NEW.role, NEW.area_id, NEW.station_id, NEW.doctor)
    IS DISTINCT FROM (OLD.role, OLD.area_id, OLD.station_id, OLD.doctor))
  EXECUTE FUNCTION standing_is_told();
CREATE CONSTRAINT TRIGGER gone AFTER DELETE ON account DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION standing_is_told();
CREATE CONSTRAINT TRIGGER told AFTER UPDATE ON area DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((NEW.lo, NEW.hi) IS DISTINCT FROM (OLD.lo, OLD.hi)) EXECUTE FUNCTION standing_is_told();
"""


async def hold_standing(urls: DatabaseUrls) -> None:
    """Puts the rule into a database, for as long as it is there."""
    owner = await asyncpg.connect(plain(urls.owner))
    try:
        await owner.execute(_RULE)
    finally:
        await owner.close()


@asynccontextmanager
async def changing() -> AsyncIterator[AsyncpgDBClient]:
    """A transaction for a test that changes by hand what a standing is made of."""
    async with service_transaction() as connection:
        yield connection
        await bump_access(connection)
