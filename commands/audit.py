"""`khaibao audit`: whether anybody has changed what was done by whom."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from commands.options import AsJson
from commands.outcome import perform, print_json, refuse
from commands.session import database
from services.seal_trail import seal_trail
from services.verify_trail import Noted, Verified, What, Wrong, verify_trail

audit = typer.Typer(name="audit", help="The trail of who did what to whom.", no_args_is_help=True)

_WHAT = {
    What.CHANGED: "was changed, or its link was",
    What.REMOVED: "was removed",
    What.SLIPPED_IN: "was slipped in: it was not there when its time was sealed",
    What.LINK_REMOVED: "is missing from the chain",
    What.UNKNOWN_KEY: "was sealed with a key that is not in the key file",
    What.NOT_AS_NOTED: "is not the one that was noted: the chain was made anew by somebody who has the key",
}


@audit.command("verify")
def verify(
    expect: Annotated[
        str | None,
        typer.Option(metavar="SEQ:HASH", help="A head that was noted earlier; the chain must still hold it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the chain and find the first record that was changed, removed or slipped in.

    Exit code 0 where the whole chain holds, 1 where it does not. Note the head somewhere else, and give it to
    --expect the next time.
    """
    try:
        noted = Noted.read(expect) if expect else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--expect") from error
    found = asyncio.run(_verify(noted))
    if as_json:
        print_json(_json(found))
    else:
        _show(found)
    if found.wrong:
        raise typer.Exit(1)


@audit.command("seal")
def seal(as_json: AsJson = False) -> None:
    """Seal now what was written since the last minute: before a backup, or before the head is noted."""
    sealed = perform("sealing", seal_trail, as_json=as_json)
    if as_json:
        print_json({"sealed": sealed})
    else:
        typer.echo(f"{sealed} records sealed")


async def _verify(noted: Noted | None) -> Verified:
    bar = Progress(
        TextColumn("checking"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True
    )
    async with database() as runtime:
        with bar:
            task = bar.add_task("checking", total=None)
            return await verify_trail(runtime, noted, lambda done, total: bar.update(task, completed=done, total=total))


def _show(found: Verified) -> None:
    if found.wrong:
        refuse(_line(found.wrong))
    typer.echo(f"{found.checked} records are as they were sealed")
    if found.head:
        typer.echo(f"sealed until {found.head.sealed_at:%Y-%m-%d %H:%M:%S %z}; {found.waiting} records wait since")
        typer.echo(f"head {found.head.seq}:{found.head.hash.hex()}")
    else:
        typer.echo(f"nothing is sealed yet; {found.waiting} records wait")


def _line(wrong: Wrong) -> str:
    link = "" if wrong.seq is None else f"link {wrong.seq}: "
    record = "a record" if wrong.audit_id is None else f"the record {wrong.audit_id}"
    made = "" if wrong.made_at is None else f", made {wrong.made_at:%Y-%m-%d %H:%M:%S %z},"
    key = "" if wrong.key is None else f" ({wrong.key})"
    return f"{link}{record}{made} {_WHAT[wrong.what]}{key}"


def _json(found: Verified) -> dict[str, object]:
    head = found.head
    return {
        "checked": found.checked,
        "wrong": None if found.wrong is None else _fault(found.wrong),
        "head": None if head is None else f"{head.seq}:{head.hash.hex()}",
        "sealed_until": None if head is None else head.sealed_at,
        "waiting": found.waiting,
    }


def _fault(wrong: Wrong) -> dict[str, object]:
    # The driver's own kind of UUID is none that JSON knows.
    id = None if wrong.audit_id is None else str(wrong.audit_id)
    return {"what": wrong.what, "seq": wrong.seq, "audit_id": id, "made_at": wrong.made_at, "key": wrong.key}
