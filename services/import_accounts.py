"""Taking over a file of accounts, each with a first password: all of it or nothing."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from access.actor import Actor
from access.passwords import first_password
from models.account import Account
from models.database import service_transaction
from models.state import Role
from services.account_faults import CONSOLE_TEXTS, NewAccount, faults_of, surroundings
from services.add_account import AddedAccount, write_accounts
from services.csv_file import FileFault, FileRefused, Line, read_lines
from services.problem import InvalidInput
from services.runtime import Runtime
from triage.fault import Fault

COLUMNS = ("username", "display_name", "role", "area")
OPTIONAL = ("station", "doctor")
_YES, _NO = frozenset({"yes", "x", "1", "có"}), frozenset({"", "no", "0", "không"})


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """What somebody is handed on paper."""

    username: str
    display_name: str
    area_name: str
    password: str


@dataclass(frozen=True, slots=True)
class ImportedAccounts:
    """How many accounts were added; which were there already and stay as they are, and which of those differ."""

    added: int
    kept: int
    differing: tuple[str, ...]


class Handover(Protocol):
    """Where the first passwords go: opened before the slow work begins, and undone where that fails."""

    def open(self, accounts: int) -> AbstractContextManager[Callable[[Sequence[FirstPassword]], None]]:
        """For so many accounts; within it the passwords are handed over, all of them at once."""


async def import_accounts(
    runtime: Runtime, actor: Actor, content: bytes, handover: Handover, done: Callable[[], None]
) -> ImportedAccounts:
    """Adds the accounts that a file names and that are not there yet; their first passwords have to be changed.

    The passwords are handed over before the transaction ends: nobody gets an account whose password is lost. `done` is
    called for each that is hashed. Raises FileRefused with every fault; then nothing was written.
    """
    lines, new = await _read(runtime, content)
    added = {account.name for account in new}
    differing = await _differing([account for account in lines.values() if account.name not in added])
    kept = len(lines) - len(new)
    if not new:
        return ImportedAccounts(0, kept, differing)
    with handover.open(len(new)) as hand_over:
        hashes = await _hashed(runtime, new, done)
        async with service_transaction() as connection:
            try:
                made = await write_accounts(runtime, connection, actor, new, hashes)
            except InvalidInput as refused:
                # Somebody has added or taken away something while we were hashing.
                raise FileRefused(_faults(refused.faults, _numbers(lines, new))) from refused
            hand_over([_first(account, one) for account, one in zip(new, made, strict=True)])
    return ImportedAccounts(len(new), kept, differing)


async def _read(runtime: Runtime, content: bytes) -> tuple[dict[int, NewAccount], list[NewAccount]]:
    """The accounts by their line, and those of them that are new. Raises FileRefused."""
    faults: list[FileFault] = []
    lines: dict[int, NewAccount] = {}
    seen: dict[str, int] = {}
    for line in read_lines(content, COLUMNS, faults, OPTIONAL):
        account = _account(line, faults)
        if account is None:
            continue
        if account.name in seen:
            message = f"{account.name} is on line {seen[account.name]} already"
            faults.append(FileFault(line.number, "username", "REPEATED_ACCOUNT", message))
            continue
        seen[account.name] = line.number
        lines[line.number] = account
    async with service_transaction() as connection:
        known = Account.filter(username__in=list(seen)).using_db(connection)
        there = {account.username for account in await known}
        new = [account for account in lines.values() if account.name not in there]
        around = await surroundings(connection, new, runtime)
    faults += _faults(tuple(faults_of(new, around)), _numbers(lines, new))
    if faults:
        raise FileRefused(faults)
    return lines, new


def _account(line: Line, faults: list[FileFault]) -> NewAccount | None:
    role = line["role"].upper()
    if role not in Role.__members__:
        message = f"{line['role']!r} is not one of {', '.join(role.lower() for role in Role)}"
        faults.append(FileFault(line.number, "role", "UNKNOWN_ROLE", message))
        return None
    doctor = line["doctor"].casefold()
    if doctor not in _YES | _NO:
        # A slip must neither make somebody a doctor nor take it from them.
        faults.append(FileFault(line.number, "doctor", "UNKNOWN_ANSWER", f"{line['doctor']!r} is neither yes nor no"))
        return None
    return NewAccount(
        line["username"],
        first_password(),
        line["display_name"],
        Role(role),
        line["area"],
        station=line["station"] or None,
        must_change=True,
        doctor=doctor in _YES,
    )


def _numbers(lines: dict[int, NewAccount], new: Sequence[NewAccount]) -> list[int]:
    """The line of each new account."""
    by_name = {account.name: number for number, account in lines.items()}
    return [by_name[account.name] for account in new]


def _faults(faults: Sequence[Fault], numbers: Sequence[int]) -> list[FileFault]:
    found = []
    for fault in faults:
        # A race that nobody can be blamed for names no account: then it is the file's first line.
        place, field = fault.path[0], str(fault.path[-1])
        number = numbers[place] if isinstance(place, int) else numbers[0]
        text = CONSOLE_TEXTS[fault.code].format(field=field.replace("_", " "), **fault.values)
        found.append(FileFault(number, field, fault.code, text))
    return found


async def _differing(kept: Sequence[NewAccount]) -> tuple[str, ...]:
    """Of the accounts that are there already, those whose role or place the file gives otherwise."""
    async with service_transaction() as connection:
        found = Account.filter(username__in=[one.name for one in kept]).using_db(connection).select_related("area")
        known = {account.username: account for account in await found}
    return tuple(
        one.name
        for one in kept
        if (there := known.get(one.name))
        and (there.role is not one.role or one.area not in (there.area_id, there.area.national_code))
    )


async def _hashed(runtime: Runtime, accounts: Sequence[NewAccount], done: Callable[[], None]) -> list[str]:
    """The hashes, as many at once as there are threads: more would only wait, and too many are refused."""
    room = asyncio.Semaphore(runtime.passwords.threads)

    async def hashed(account: NewAccount) -> str:
        async with room:
            made = await runtime.passwords.hash(account.password or "")
        done()
        return made

    return await asyncio.gather(*(hashed(account) for account in accounts))


def _first(account: NewAccount, made: AddedAccount) -> FirstPassword:
    return FirstPassword(made.username, account.display_name, made.area_name, account.password or "")
