"""What was said when somebody was called: unsealed for those who may see the person, and for nobody else."""

from access.actor import Actor
from access.sealing import UnsealError
from access.visible import names
from models.case import Case
from models.contact_attempt import ContactAttempt
from services.record_contact import place_of
from services.runtime import Runtime
from services.seen import Seen


def contact_note(runtime: Runtime, actor: Actor, case: Case, attempt: ContactAttempt, seen: Seen) -> str | None:
    """The note of an attempt; None where there is none, where it opens with no key that is known here, and for whoever
    may not see this person. Whoever is shown one is noted in `seen`."""
    if not attempt.note or not names(actor, case):
        return None
    try:
        said = runtime.sealer.open(place_of(attempt.id), attempt.note)["note"]
    except UnsealError:
        return None
    seen.person(case.id)
    return str(said)
