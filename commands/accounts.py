"""`khaibao accounts`: who may sign in."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from commands.first_passwords import FileThere, PasswordsFile
from commands.options import AsJson
from commands.outcome import OPERATOR, perform, print_json, read_file, refuse
from commands.plain import plain
from models.state import Role
from services.account_faults import CONSOLE_TEXTS
from services.add_account import AddedAccount, NewAccount, add_accounts
from services.clear_second_factor import clear_second_factor
from services.disable_account import disable_account as disable_account_service
from services.enable_account import enable_account as enable_account_service
from services.import_accounts import ImportedAccounts
from services.import_accounts import import_accounts as import_accounts_service
from services.list_accounts import list_accounts
from services.problem import InvalidInput, NotFound
from services.runtime import Runtime
from services.set_password import set_password as set_password_service

Result = TypeVar("Result")

accounts = typer.Typer(name="accounts", help="Who may sign in.", no_args_is_help=True)

FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the standard input instead of asking for it.")
]
Keep = Annotated[
    bool, typer.Option("--keep", help="The password is the owner's own already: it need not be changed at first.")
]
Username = Annotated[str, typer.Argument(help="The name to sign in with; capitals do not matter.")]


@accounts.command("add")
def add(
    username: Username,
    role: Annotated[Role, typer.Option(help="What the account is at its place.", case_sensitive=False)],
    area: Annotated[str, typer.Option(help="The area in which it acts: its area_id, or the national code of today.")],
    name: Annotated[str, typer.Option(help="What the person is called.")],
    station: Annotated[
        str | None, typer.Option(help="The station_id; without it the area's own, where the role belongs to one.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="What the department's OpenID Connect provider calls the account.")
    ] = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="The account signs in with that provider alone.")
    ] = False,
    doctor: Annotated[bool, typer.Option("--doctor", help="The person is a doctor, who may prescribe.")] = False,
    password_stdin: FromInput = False,
    keep: Keep = False,
    as_json: AsJson = False,
) -> None:
    """Add an account. Its password has to be changed at the first sign-in.

    Station staff, heads of stations and medical centres belong to the station of their area.
    """
    password = None if no_password else _password(password_stdin)
    must_change = password is not None and not keep
    account = NewAccount(username, password, name, role, area, station, subject, must_change, doctor)

    async def work(runtime: Runtime) -> AddedAccount:
        return (await add_accounts(runtime, OPERATOR, [account]))[0]

    done = _perform("adding the account", work, as_json)
    if as_json:
        print_json(done)
    else:
        at = f" at {done.station_id}" if done.station_id else ""
        typer.echo(f"{done.username} may sign in as {done.role.value} in {done.area_name}{at}")


@accounts.command("import")
def import_accounts(
    file: Annotated[
        Path, typer.Argument(help="CSV in UTF-8: username,display_name,role,area and perhaps station, doctor")
    ],
    passwords: Annotated[
        Path, typer.Option(help="The new file that the first passwords are written to; hand them out and delete it.")
    ],
    as_json: AsJson = False,
) -> None:
    """Add the accounts that FILE names: all of them or none; those that are there already stay as they are.

    Each gets a random first password, which has to be changed at the first sign-in.
    """
    content, handover = read_file(file), PasswordsFile(passwords)

    async def work(runtime: Runtime) -> ImportedAccounts:
        try:
            return await import_accounts_service(runtime, OPERATOR, content, handover, handover.done)
        except FileThere:
            refuse(f"{passwords} is there already, perhaps with passwords in it; name a new file with --passwords")

    done = _perform(f"importing {file.name}", work, as_json, moving=False)
    if as_json:
        print_json(done)
        return
    typer.echo(f"{done.added} accounts added, {done.kept} were there already and stay as they are")
    if done.added:
        typer.echo(f"their first passwords are in {passwords}: hand them out, then delete it")
    if done.differing:
        typer.echo(f"the file gives another role or area for: {', '.join(done.differing)}")


@accounts.command("list")
def show(
    role: Annotated[Role | None, typer.Option(help="Only this role.", case_sensitive=False)] = None,
    area: Annotated[str | None, typer.Option(help="Only this area_id, without what is below it.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the accounts, by name."""
    found = _perform("reading", lambda runtime: list_accounts(role, area), as_json)
    if as_json:
        print_json(found)
        return
    table = Table("username", "name", "role", "area", "station", "disabled")
    for account in found:
        ended = f"{account.disabled_at:%Y-%m-%d}" if account.disabled_at else ""
        area_name = f"{account.area_name} ({account.area_id})"
        table.add_row(
            account.username, account.display_name, account.role.value, area_name, account.station_id or "", ended
        )
    plain().print(table)


@accounts.command("disable")
def disable(username: Username, as_json: AsJson = False) -> None:
    """Disable an account: it is signed out everywhere and signs in no more. What it did stays on record."""
    ended = _perform(
        "disabling the account", lambda runtime: disable_account_service(runtime, OPERATOR, username), as_json
    )
    if as_json:
        print_json({"username": username, "sessions_ended": ended})
    else:
        typer.echo(f"{username} is disabled; {ended} open sessions were ended")


@accounts.command("enable")
def enable(username: Username, as_json: AsJson = False) -> None:
    """Let an account that was disabled sign in again, with the password and second factor that it had."""
    _perform("enabling the account", lambda runtime: enable_account_service(runtime, OPERATOR, username), as_json)
    if as_json:
        print_json({"username": username})
    else:
        typer.echo(f"{username} may sign in again")


@accounts.command("second-factor-off")
def second_factor_off(username: Username, as_json: AsJson = False) -> None:
    """Take away the second factor of somebody whose phone was lost, and end the sessions.

    Be sure who is asking. Where the role needs one, the next sign-in sets up a new one first.
    """
    ended = _perform(
        "taking the second factor away", lambda runtime: clear_second_factor(runtime, OPERATOR, username), as_json
    )
    if as_json:
        print_json({"username": username, "sessions_ended": ended})
    else:
        typer.echo(f"{username} has no second factor any more; {ended} open sessions were ended")


@accounts.command("password")
def password(
    username: Username, password_stdin: FromInput = False, keep: Keep = False, as_json: AsJson = False
) -> None:
    """Set an account's password, and end the sessions that were begun with the old one.

    It has to be changed at the next sign-in.
    """
    new = _password(password_stdin)

    async def work(runtime: Runtime) -> int:
        return await set_password_service(runtime, OPERATOR, username, new, must_change=not keep)

    ended = _perform("setting the password", work, as_json)
    if as_json:
        print_json({"username": username, "sessions_ended": ended})
    else:
        typer.echo(f"the password of {username} is set; {ended} open sessions were ended")


def _password(from_input: bool) -> str:
    """Never an argument: arguments are seen by everybody on the machine, and stay in the shell's history."""
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        refuse("there is no terminal to ask for the password; give it with --password-stdin")
    entered: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return entered


def _perform(doing: str, work: Callable[[Runtime], Awaitable[Result]], as_json: bool, *, moving: bool = True) -> Result:
    async def explained(runtime: Runtime) -> Result:
        try:
            return await work(runtime)
        except InvalidInput as refused:
            refuse("; ".join(_text(fault.code, fault.path, fault.values) for fault in refused.faults))
        except NotFound:
            refuse("there is no account of that name; khaibao accounts list shows them")

    return perform(doing, explained, as_json=as_json, moving=moving)


def _text(code: str, path: tuple[str | int, ...], values: dict[str, object]) -> str:
    return CONSOLE_TEXTS.get(code, code).format(field=str(path[-1]).replace("_", " "), **values)
