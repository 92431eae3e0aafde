"""Giving an account another role, area or station."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from access.actor import Actor
from access.people import roles_below
from access.policy import Action
from access.trail import record
from access.visible import scope
from models.account import Account
from models.area import Area
from models.database import service_transaction
from models.state import Role
from services.account_post import NoStation, lock_stations, station_for
from services.end_sessions import bump_access, end_sessions
from services.lock_account import lock_account
from services.problem import Conflict, Current, InvalidInput
from services.runtime import Runtime
from triage.fault import Fault


@dataclass(frozen=True, slots=True)
class NewPost:
    """What an account is to be; None leaves it as it is. Without a station it is the area's own of the role's kind."""

    role: Role | None = None
    area_id: str | None = None
    station_id: str | None = None
    doctor: bool | None = None


async def change_account(runtime: Runtime, actor: Actor, account_id: UUID, version: int, post: NewPost) -> None:
    """Gives it the post and ends its sessions: what it has subscribed to shows nothing more of the old area.

    Raises NotFound where there is no such account below the actor's role in its jurisdiction; Conflict (STALE_VERSION);
    InvalidInput (ROLE_NOT_YOURS, AREA_NOT_YOURS, NO_STATION).
    """
    async with service_transaction() as connection:
        account, area_no = await lock_account(connection, actor, Action.CHANGE_ACCOUNT, account_id)
        if account.version != version:
            raise Conflict("STALE_VERSION", Current("ACCOUNT", account.id))
        before = [account.role, account.area_id, account.station_id, account.doctor]
        await _take_post(connection, actor, account, post, runtime.clock.day())
        account.version += 1
        columns = ["role", "area_id", "station_id", "doctor", "version"]
        await account.save(using_db=connection, update_fields=columns)
        after = [account.role, account.area_id, account.station_id, account.doctor]
        detail: dict[str, object] = {"from": before, "to": after}
        now = runtime.clock.now()
        await record(connection, actor, "change_account", now, [str(account.id)], area_no=area_no, detail=detail)
        if not await end_sessions(connection, account_id=account.id, reason="changed"):
            await bump_access(connection)
    runtime.hub.wake()


async def _take_post(connection: AsyncpgDBClient, actor: Actor, account: Account, post: NewPost, today: date) -> None:
    role, wanted = post.role or account.role, post.area_id or account.area_id
    faults = []
    if role not in roles_below(actor, Action.CHANGE_ACCOUNT):
        faults.append(Fault(("role",), "ROLE_NOT_YOURS"))
    area = await Area.get_or_none(id=wanted, using_db=connection) if "\0" not in wanted else None
    if area is None or not _may_be_given(actor, area, today):
        faults.append(Fault(("area_id",), "AREA_NOT_YOURS"))
    else:
        try:
            stations = await lock_stations(connection, [area.id])
            account.station_id = station_for(stations, role, area.id, post.station_id)
        except NoStation:
            faults.append(Fault(("station_id",), "NO_STATION", {"area": area.name}))
    if area is None or faults:
        raise InvalidInput(tuple(faults))
    account.role, account.area_id = role, area.id
    account.doctor = account.doctor if post.doctor is None else post.doctor


def _may_be_given(actor: Actor, area: Area, today: date) -> bool:
    """Whether the area is the actor's, and one that there is today."""
    in_force = area.valid_from <= today and (area.valid_to is None or today < area.valid_to)
    return in_force and scope(actor, Action.CHANGE_ACCOUNT).covers(area.lo)
