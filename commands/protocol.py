"""`khaibao protocol`: the versions of the triage rules."""

import asyncio
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Column, Table

from commands.options import AsJson
from commands.outcome import OPERATOR, perform, print_json, refuse
from commands.plain import plain
from commands.session import database
from services.list_protocols import list_protocols
from services.publish_protocol import VersionTaken
from services.publish_protocol import publish_protocol as publish_protocol_service
from services.runtime import Runtime
from services.trial_protocol import trial_protocol as trial_protocol_service
from triage.check import Finding, examine
from triage.protocol import Protocol, ProtocolError, bundled
from triage.trial import Trial

protocol = typer.Typer(name="protocol", help="The versions of the triage rules.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A protocol as a TOML file.")]

_LINES = {
    "changed": "would be judged otherwise",
    "severe_gained": "  severe only by this protocol",
    "severe_lost": "  no longer severe",
    "danger_up": "  severe as before, but RED instead of AMBER",
    "danger_down": "  severe as before, but AMBER instead of RED",
    "high_risk_gained": "  high-risk only by this protocol",
    "high_risk_lost": "  no longer high-risk",
    "undecided": "lack a value that this protocol asks for",
    "unknown_words": "use a word that this protocol does not have",
}


@protocol.command("list")
def show(as_json: AsJson = False) -> None:
    """List the protocols that come with the program and those that were published here."""
    found = perform("reading", list_protocols, as_json=as_json)
    if as_json:
        print_json(found)
        return
    # A version is what one types next and a day what one looks for: neither is ever cut off.
    days = [Column(name, no_wrap=True) for name in ("version", "disease", "from", "to", "in force", "published")]
    table = Table(*days, box=None)
    for one in found:
        published = f"{one.published_at:%Y-%m-%d %H:%M}" if one.published_at else "bundled"
        table.add_row(
            one.version,
            one.disease,
            str(one.valid_from),
            str(one.valid_to or ""),
            "yes" if one.in_force else "",
            published,
        )
    plain().print(table)


@protocol.command("check")
def check(file: File, as_json: AsJson = False) -> None:
    """Refuse a contradictory or incomplete FILE with line and reason. Needs no database."""
    found, findings = examine(_text(file), bundled())
    if findings:
        _show_findings(file, findings, as_json)
    if as_json:
        print_json({"file": str(file), "findings": []})
    elif found:
        typer.echo(f"{file}: {found.version} is sound; {len(found.criteria)} criteria, valid from {found.valid_from}")


@protocol.command("publish")
def publish(file: File, as_json: AsJson = False) -> None:
    """Publish FILE: it judges from its first day on. A published version is never changed."""
    text = _text(file)

    async def work(runtime: Runtime) -> tuple[Protocol, bool]:
        try:
            return await publish_protocol_service(runtime, OPERATOR, text)
        except ProtocolError as refused:
            _show_findings(file, refused.findings, as_json)
        except VersionTaken as taken:
            refuse(f"{taken}; nothing was changed")

    done, new = perform(f"publishing {file.name}", work, as_json=as_json)
    if as_json:
        print_json({"version": done.version, "valid_from": done.valid_from, "valid_to": done.valid_to, "new": new})
    elif new:
        typer.echo(f"{done.version} is published and judges {done.disease} from {done.valid_from} on")
    else:
        typer.echo(f"{done.version} was published already, with this very text")


@protocol.command("trial")
def trial(
    file: File,
    since: Annotated[int, typer.Option(min=1, max=3650, help="How many days back the reports are judged again.")],
    as_json: AsJson = False,
) -> None:
    """Judge what was declared in the last days by FILE, and say how much of it would come out otherwise."""
    tried, findings = examine(_text(file))
    if tried is None:
        _show_findings(file, findings, as_json)
    done = asyncio.run(_try(tried, since))
    if as_json:
        print_json(done)
        return
    table = Table("reports", f"of the last {since} days, by {done.protocol}", box=None)
    table.add_row(str(done.total), "were judged again")
    for name, text in _LINES.items():
        table.add_row(str(getattr(done, name)), text)
    plain().print(table)


async def _try(tried: Protocol, since: int) -> Trial:
    bar = Progress(
        TextColumn("judging"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True
    )
    async with database() as runtime:
        with bar:
            task = bar.add_task("judging", total=None)
            return await trial_protocol_service(
                runtime, OPERATOR, tried, since, lambda done, total: bar.update(task, completed=done, total=total)
            )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        refuse(f"cannot read {file}: {error.strerror}; name a TOML file that is there")
    except UnicodeDecodeError as error:
        refuse(f"{file} is not UTF-8 (byte {error.start}); save it as UTF-8")


def _show_findings(file: Path, findings: list[Finding], as_json: bool) -> NoReturn:
    if as_json:
        print_json({"file": str(file), "findings": findings})
    else:
        for found in findings:
            line = f"{file}:{found.line}: {found.message_en}"
            plain(errors=True).print(line)
    refuse(f"{len(findings)} findings in {file.name}; put them right and run the same command again")
