"""Opening an installation: what its database is for is written into it once, and held against what is asked."""

from models.database import application_connection, service_transaction
from models.installation import Installation
from models.row_security import wall_stands
from models.state import Mode


class InstallationRefused(Exception):
    """The database is not for what it was opened as; the text is one line that says what to do."""


async def open_installation(mode: Mode) -> None:
    """Writes the one row of a new database, or checks that of an old one.

    Raises InstallationRefused where the database is of another mode, or a production's clock was moved: a demo's
    invented people among real ones, or alerts that are due in another year, would be worse than not starting. And where
    a production's logins are one and the same: a query that forgets its scope would then find everybody.
    """
    async with service_transaction() as connection:
        # Two processes that start at once: one writes, the other waits here and then finds the row.
        await connection.execute_query(
            "WITH made AS (INSERT INTO installation (id, mode) VALUES (1, $1) ON CONFLICT (id) DO NOTHING) SELECT 1",
            [mode],
        )
        found = await Installation.get(id=1, using_db=connection)
    if found.mode != mode:
        raise InstallationRefused(
            f"this database is of a {found.mode.value} installation and KHAIBAO_MODE is {mode.value}: "
            "set KHAIBAO_MODE to what it is, or KHAIBAO_DATABASE_URL or KHAIBAO_DATA_DIR to another database"
        )
    if mode is Mode.PRODUCTION and found.clock_offset_us:
        raise InstallationRefused(
            "this production installation's clock was moved, which only a demo's or a test's may be: "
            "restore the database from a backup, or set installation.clock_offset_us to 0 and check what is due"
        )
    if mode is Mode.PRODUCTION and not await wall_stands(application_connection()):
        raise InstallationRefused(
            "the login of KHAIBAO_DATABASE_URL sees every row: it must be no superuser and neither the owner's nor the "
            "service's login; make three (README, A database of your own) and set KHAIBAO_SERVICE_URL and "
            "KHAIBAO_OWNER_URL to the other two"
        )
