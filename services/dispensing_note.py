"""What was said and measured when a pack was given: unsealed for those who may see the person, and for nobody else."""

from access.actor import Actor
from access.sealing import UnsealError
from access.visible import names
from models.case import Case
from models.dispensing import Dispensing
from services.dispense_pack import place_of
from services.runtime import Runtime
from services.seen import Seen


def dispensing_note(runtime: Runtime, actor: Actor, case: Case, row: Dispensing, seen: Seen) -> str | None:
    """The note of a dispensing; None where there is none, where it opens with no key that is known here, and for
    whoever may not see this person. Whoever is shown one is noted in `seen`."""
    if not row.note or not names(actor, case):
        return None
    try:
        said = runtime.sealer.open(place_of(row.id), row.note).get("note")
    except UnsealError:
        return None
    if said is None:
        return None
    seen.person(case.id)
    return str(said)
