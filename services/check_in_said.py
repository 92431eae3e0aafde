"""What was reported in a check-in, unsealed for whoever has sent it and for the staff who care for the person."""

from access.actor import Actor
from access.policy import Action, may
from access.visible import names
from models.case import Case
from models.check_in import CheckIn
from services.check_in_report import place_of, signs_of
from services.runtime import Runtime
from services.seen import Seen
from triage.report import Report


def said(runtime: Runtime, actor: Actor, case: Case, row: CheckIn, seen: Seen) -> Report | None:
    """The symptoms and vitals; None for whoever may not see persons, and where the case was made anonymous.

    The row was read for this actor (`services.load_check_ins`): a resident is only given what they have sent. A look
    of the staff's is noted in `seen`. Raises UnsealError for a report that was changed or belongs to another row.
    """
    resident = actor.kind == "RESIDENT" and may(actor, Action.SEE_OWN)
    if not row.report or not (resident or names(actor, case)):
        return None
    record = runtime.sealer.open(place_of(row.id), row.report)
    if not resident:
        seen.person(case.id)
    return signs_of(record)
