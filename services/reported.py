"""What was said of one person, unsealed for whoever has said it and for the staff who care for the person."""

from collections.abc import Mapping
from dataclasses import dataclass

from access.actor import Actor
from access.visible import names
from models.declaration import Declaration
from services.report_record import from_record
from services.runtime import Runtime
from services.seen import Seen
from triage.report import Report


@dataclass(frozen=True, slots=True)
class Reported:
    """A person as one report has them; another report of the same person may say otherwise."""

    full_name: str | None
    national_id: str | None
    relation: str | None
    report: Report


def reported(runtime: Runtime, actor: Actor, declaration: Declaration, seen: Seen) -> Reported | None:
    """The report as it was sent; None for whoever may not see persons, and where it was made anonymous.

    A look of the staff's is noted in `seen`; who reads what they have sent themselves looks at nobody.

    Raises UnsealError for a report that was changed or belongs to another row.
    """
    if not declaration.report or not names(actor, declaration):
        return None
    record: Mapping[str, object] = runtime.sealer.open(f"declaration:{declaration.id}", declaration.report)
    if actor.kind != "RESIDENT":
        seen.person(declaration.case_id)
    return Reported(
        full_name=_text(record, "full_name"),
        national_id=_text(record, "national_id"),
        relation=_text(record, "relation"),
        report=from_record(dict(record)),
    )


def _text(record: Mapping[str, object], key: str) -> str | None:
    value = record.get(key)
    return value if isinstance(value, str) else None
