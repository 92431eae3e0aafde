"""`khaibao accounts`: who may sign in."""

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from commands.options import AsJson
from commands.outcome import OPERATOR, perform, print_json, refuse
from models.state import Role
from services.account_faults import CONSOLE_TEXTS
from services.add_account import AddedAccount, NewAccount, add_accounts
from services.disable_account import disable_account as disable_account_service
from services.list_accounts import list_accounts
from services.problem import InvalidInput, NotFound
from services.runtime import Runtime
from services.set_password import set_password as set_password_service

Result = TypeVar("Result")

accounts = typer.Typer(name="accounts", help="Who may sign in.", no_args_is_help=True)

FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the standard input instead of asking for it.")
]
Username = Annotated[str, typer.Argument(help="The name to sign in with; capitals do not matter.")]


@accounts.command("add")
def add(
    username: Username,
    role: Annotated[Role, typer.Option(help="What the account is at its place.", case_sensitive=False)],
    area: Annotated[str, typer.Option(help="The area in which it acts: its area_id, or the national code of today.")],
    name: Annotated[str, typer.Option(help="What the person is called.")],
    password_stdin: FromInput = False,
    as_json: AsJson = False,
) -> None:
    """Add an account. Station staff and medical centres belong to the station of their area."""
    account = NewAccount(username, _password(password_stdin), name, role, area)

    async def work(runtime: Runtime) -> AddedAccount:
        return (await add_accounts(runtime, OPERATOR, [account]))[0]

    done = _perform("adding the account", work, as_json)
    if as_json:
        print_json(done)
    else:
        at = f" at {done.station_id}" if done.station_id else ""
        typer.echo(f"{done.username} may sign in as {done.role.value} in {done.area_name}{at}")


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
    Console().print(table)


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


@accounts.command("password")
def password(username: Username, password_stdin: FromInput = False, as_json: AsJson = False) -> None:
    """Set an account's password, and end the sessions that were begun with the old one."""
    new = _password(password_stdin)
    ended = _perform(
        "setting the password", lambda runtime: set_password_service(runtime, OPERATOR, username, new), as_json
    )
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


def _perform(doing: str, work: Callable[[Runtime], Awaitable[Result]], as_json: bool) -> Result:
    async def explained(runtime: Runtime) -> Result:
        try:
            return await work(runtime)
        except InvalidInput as refused:
            refuse("; ".join(_text(fault.code, fault.path, fault.values) for fault in refused.faults))
        except NotFound:
            refuse("there is no account of that name; khaibao accounts list shows them")

    return perform(doing, explained, as_json=as_json)


def _text(code: str, path: tuple[str | int, ...], values: dict[str, object]) -> str:
    return CONSOLE_TEXTS.get(code, code).format(field=str(path[-1]).replace("_", " "), **values)
