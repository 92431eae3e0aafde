"""Who may sign in."""

from dataclasses import dataclass
from datetime import datetime

from models.account import Account
from models.database import service_transaction
from models.state import Role


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account without anything secret."""

    username: str
    display_name: str
    role: Role
    area_id: str
    area_name: str
    station_id: str | None
    created_at: datetime
    disabled_at: datetime | None
    doctor: bool


async def list_accounts(role: Role | None = None, area_id: str | None = None) -> list[ListedAccount]:
    """Every account, or those of one role or of exactly one area, in the order of their names."""
    async with service_transaction() as connection:
        accounts = Account.all().using_db(connection).order_by("username").select_related("area")
        if role:
            accounts = accounts.filter(role=role)
        if area_id:
            accounts = accounts.filter(area_id=area_id)
        return [
            ListedAccount(
                account.username,
                account.display_name,
                account.role,
                account.area_id,
                account.area.name,
                account.station_id,
                account.created_at,
                account.disabled_at,
                account.doctor,
            )
            for account in await accounts
        ]
