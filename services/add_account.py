"""Adding accounts: a name, a password, a role, and where it acts."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.exceptions import IntegrityError

from access.actor import Actor
from access.trail import record
from models.account import Account
from models.area import Area
from models.database import service_transaction
from models.identifier import uuid7
from models.state import Role, StationKind
from models.station import Station
from services.find_area import find_area
from services.password_faults import password_faults
from services.problem import InvalidInput
from services.runtime import Runtime
from triage.fault import Fault

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_LONGEST_NAME = 200
_OF_STATION = {
    Role.STATION_STAFF: StationKind.WARD_STATION,
    Role.STATION_HEAD: StationKind.WARD_STATION,
    Role.MEDICAL_CENTRE: StationKind.MEDICAL_CENTRE,
}

_Post = tuple[str, StationKind | None]
"""An area and a kind of station there."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made. `area` is an area's identity or the national code of one that is there today."""

    username: str
    password: str
    display_name: str
    role: Role
    area: str


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

    Raises InvalidInput with every fault: BAD_USERNAME, USERNAME_TAKEN, WEAK_PASSWORD, TOO_LONG, REQUIRED,
    UNKNOWN_AREA, NO_STATION.
    """
    hashes = [await runtime.passwords.hash(account.password) for account in accounts]
    now = runtime.clock.now()
    async with service_transaction() as connection:
        places = await _places(connection, accounts, runtime)
        stations = await _stations(connection, places.values())
        names = [account.username.strip().casefold() for account in accounts]
        taken = {account.username for account in await Account.filter(username__in=names).using_db(connection)}
        faults = [
            Fault((index, *fault.path), fault.code, fault.values)
            for index, account in enumerate(accounts)
            for fault in _faults(account, names, index, taken, places, stations)
        ]
        if faults:
            raise InvalidInput(tuple(faults))
        rows = [
            Account(
                id=uuid7(),
                username=name,
                password_hash=hashed,
                display_name=_tidy(account.display_name),
                role=account.role,
                area_id=places[account.area].id,
                station_id=stations.get((places[account.area].id, _OF_STATION.get(account.role))),
                created_at=now,
            )
            for account, name, hashed in zip(accounts, names, hashes, strict=True)
        ]
        try:
            await Account.bulk_create(rows, batch_size=500, using_db=connection)
        except IntegrityError as error:
            # Somebody else took one of the names since we looked; which, the next attempt says.
            raise InvalidInput((Fault(("username",), "USERNAME_TAKEN"),)) from error
        await record(connection, actor, "add_account", now, [str(row.id) for row in rows])
    return [
        AddedAccount(row.username, row.role, row.area_id, places[account.area].name, row.station_id)
        for account, row in zip(accounts, rows, strict=True)
    ]


async def _places(connection: TransactionWrapper, accounts: Sequence[NewAccount], runtime: Runtime) -> dict[str, Area]:
    """The areas, by what the accounts call them."""
    wanted = {account.area for account in accounts}
    found = {area.id: area for area in await Area.filter(id__in=wanted).using_db(connection)}
    for code in wanted - found.keys():
        area = await find_area(connection, code, runtime.clock.day())
        if area:
            found[code] = area
    return found


async def _stations(connection: TransactionWrapper, places: Iterable[Area]) -> dict[_Post, str]:
    """The active station of each kind in each area; of two the first. Locked: none must close while we add to it."""
    areas = [area.id for area in places]
    stations = Station.select_for_update().filter(area_id__in=areas, active=True).using_db(connection).order_by("-id")
    return {(station.area_id, station.kind): station.id for station in await stations}


def _faults(
    account: NewAccount,
    names: Sequence[str],
    index: int,
    taken: set[str],
    places: dict[str, Area],
    stations: dict[_Post, str],
) -> Iterator[Fault]:
    name = names[index]
    if not _USERNAME.fullmatch(name):
        yield Fault(("username",), "BAD_USERNAME")
    elif name in taken or name in names[:index]:
        yield Fault(("username",), "USERNAME_TAKEN", {"username": name})
    yield from password_faults(account.password, name)
    if not _tidy(account.display_name):
        yield Fault(("display_name",), "REQUIRED")
    elif len(account.display_name) > _LONGEST_NAME:
        yield Fault(("display_name",), "TOO_LONG", {"maximum": _LONGEST_NAME})
    area = places.get(account.area)
    if area is None:
        yield Fault(("area",), "UNKNOWN_AREA", {"area": account.area})
    elif account.role in _OF_STATION and (area.id, _OF_STATION[account.role]) not in stations:
        yield Fault(("area",), "NO_STATION", {"area": area.name})


def _tidy(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())
