"""What is wrong with accounts that are to be made, all of it at once; texts are for whoever sits at the console."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from models.account import Account
from models.area import Area
from models.state import Role
from models.station import Station
from services.account_post import NoStation, lock_stations, station_for
from services.find_area import find_area
from services.password_faults import password_faults
from services.runtime import Runtime
from services.text_faults import text_faults
from triage.fault import Fault

CONSOLE_TEXTS = {
    "BAD_USERNAME": "a username has up to 64 small letters, digits and . _ @ -, and begins with a letter or digit",
    "USERNAME_TAKEN": "there is an account of that name; choose another",
    "SUBJECT_TAKEN": "another account has that name at the provider",
    "WEAK_PASSWORD": "the password needs at least {minimum} characters, and is not the user name nor a simple row",
    "TOO_LONG": "the {field} may have {maximum} characters at most",
    "REQUIRED": "the {field} is missing",
    "UNKNOWN_AREA": "there is no area {area} today; khaibao areas list shows them",
    "NO_STATION": "{area} has no station that this role could belong to; khaibao stations import adds some",
}

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_LONGEST_NAME = 200
_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made. `area` is an area's identity or the national code of one that is there today.

    Without a password it signs in with the department's provider alone, which knows it as `subject`, or by its user
    name. Without a station it belongs to the one of its area, where its role belongs to one. `must_change` where
    somebody else than the owner knows the password.
    """

    username: str
    password: str | None
    display_name: str
    role: Role
    area: str
    station: str | None = None
    subject: str | None = None
    must_change: bool = False
    doctor: bool = False

    @property
    def name(self) -> str:
        """The user name as it is kept: capitals do not matter."""
        return self.username.strip().casefold()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What new accounts are held against: areas by what they are called, stations, and names that are taken."""

    places: Mapping[str, Area]
    stations: Sequence[Station]
    names: frozenset[str]
    subjects: frozenset[str]


async def surroundings(connection: AsyncpgDBClient, accounts: Iterable[NewAccount], runtime: Runtime) -> Surroundings:
    """What stands now. The stations are locked until the transaction ends."""
    accounts = list(accounts)
    wanted = {account.area for account in accounts}
    places = {area.id: area for area in await Area.filter(id__in=wanted).using_db(connection)}
    for code in wanted - places.keys():
        area = await find_area(connection, code, runtime.clock.day())
        if area:
            places[code] = area
    stations = await lock_stations(connection, {area.id for area in places.values()})
    names = await Account.filter(username__in=[one.name for one in accounts]).using_db(connection)
    subjects = [one.subject for one in accounts if one.subject]
    known = await Account.filter(subject__in=subjects).using_db(connection)
    return Surroundings(
        places,
        stations,
        frozenset(account.username for account in names),
        frozenset(str(account.subject) for account in known),
    )


def faults_of(accounts: Sequence[NewAccount], around: Surroundings) -> Iterator[Fault]:
    """Every fault of every account; its path is the account's place, then the field."""
    seen: set[str] = set()
    for index, account in enumerate(accounts):
        for fault in _faults(account, seen, around):
            yield Fault((index, *fault.path), fault.code, fault.values)
        seen.add(account.name)


def tidy(name: str) -> str:
    """What a person is called, without spaces that nobody meant."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _faults(account: NewAccount, seen: set[str], around: Surroundings) -> Iterator[Fault]:
    name = account.name
    if not _USERNAME.fullmatch(name):
        yield Fault(("username",), "BAD_USERNAME")
    elif name in around.names or name in seen:
        yield Fault(("username",), "USERNAME_TAKEN", {"username": name})
    if account.password is not None:
        yield from password_faults(account.password, name)
    if account.subject is not None:
        if len(account.subject) > _LONGEST_SUBJECT:
            yield Fault(("subject",), "TOO_LONG", {"maximum": _LONGEST_SUBJECT})
        elif account.subject in around.subjects:
            yield Fault(("subject",), "SUBJECT_TAKEN")
    yield from text_faults(("display_name",), tidy(account.display_name), _LONGEST_NAME)
    area = around.places.get(account.area)
    if area is None:
        yield Fault(("area",), "UNKNOWN_AREA", {"area": account.area})
        return
    try:
        station_for(around.stations, account.role, area.id, account.station)
    except NoStation:
        field = "area" if account.station is None else "station"
        yield Fault((field,), "NO_STATION", {"area": area.name})
