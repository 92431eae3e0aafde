"""Adding accounts: a name, a password, a role, and where it acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.exceptions import IntegrityError

from access.actor import Actor
from access.trail import record
from models.account import Account
from models.area import Area
from models.database import service_transaction
from models.identifier import uuid7
from models.state import Role
from services.account_faults import NewAccount, Surroundings, faults_of, surroundings, tidy
from services.account_post import station_for
from services.problem import InvalidInput
from services.runtime import Runtime
from triage.fault import Fault

__all__ = ["AddedAccount", "NewAccount", "add_accounts", "write_accounts"]


@dataclass(frozen=True, slots=True)
class AddedAccount:
    """An account that was made; `station_id` is that of the station it belongs to, if its role belongs to one."""

    username: str
    role: Role
    area_id: str
    area_name: str
    station_id: str | None


async def add_accounts(runtime: Runtime, actor: Actor, accounts: Sequence[NewAccount]) -> list[AddedAccount]:
    """Makes all of them or none. Station staff and medical centres belong to the active station of their area.

    Raises InvalidInput with every fault: BAD_USERNAME, USERNAME_TAKEN, SUBJECT_TAKEN, WEAK_PASSWORD, TOO_LONG,
    REQUIRED, UNKNOWN_AREA, NO_STATION.
    """
    hashes = [await runtime.passwords.hash(account.password) if account.password else None for account in accounts]
    async with service_transaction() as connection:
        return await write_accounts(runtime, connection, actor, accounts, hashes)


async def write_accounts(
    runtime: Runtime,
    connection: AsyncpgDBClient,
    actor: Actor,
    accounts: Sequence[NewAccount],
    hashes: Sequence[str | None],
) -> list[AddedAccount]:
    """The same in the caller's transaction, with the passwords hashed already. Raises InvalidInput."""
    around = await surroundings(connection, accounts, runtime)
    faults = tuple(faults_of(accounts, around))
    if faults:
        raise InvalidInput(faults)
    now = runtime.clock.now()
    rows = [_row(account, hashed, around, now) for account, hashed in zip(accounts, hashes, strict=True)]
    try:
        await Account.bulk_create(rows, batch_size=500, using_db=connection)
    except IntegrityError as error:
        # Somebody else took one of the names since we looked; which, the next attempt says.
        raise InvalidInput((Fault(("username",), "USERNAME_TAKEN"),)) from error
    await record(connection, actor, "add_account", now, [str(row.id) for row in rows])
    places: dict[str, Area] = {area.id: area for area in around.places.values()}
    return [AddedAccount(row.username, row.role, row.area_id, places[row.area_id].name, row.station_id) for row in rows]


def _row(account: NewAccount, hashed: str | None, around: Surroundings, now: datetime) -> Account:
    area = around.places[account.area]
    return Account(
        id=uuid7(),
        username=account.name,
        password_hash=hashed,
        display_name=tidy(account.display_name),
        role=account.role,
        area_id=area.id,
        station_id=station_for(around.stations, account.role, area.id, account.station),
        created_at=now,
        must_change_password=account.must_change,
        password_changed_at=now if hashed else None,
        subject=account.subject,
        doctor=account.doctor,
    )
