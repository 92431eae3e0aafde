"""What a referral says in somebody's own words: why, and what was answered."""

from uuid import UUID

from access.actor import Actor
from access.sealing import UnsealError
from access.visible import names
from models.case import Case
from models.referral import Referral
from services.problem import InvalidInput
from services.runtime import Runtime
from services.seen import Seen
from services.text_faults import text_faults

WORDS_LENGTH = 2_000


def reason_place(id: UUID) -> str:
    """Where the reason of a referral is sealed."""
    return f"referral:{id}"


def answer_place(id: UUID) -> str:
    """Where the answer to a referral is sealed."""
    return f"referral_answer:{id}"


def check_words(field: str, words: str | None) -> None:
    """Raises InvalidInput for words that are empty, too long or unreadable; None is none at all."""
    if words is not None and (faults := tuple(text_faults((field,), words, WORDS_LENGTH))):
        raise InvalidInput(faults)


def referral_words(
    runtime: Runtime, actor: Actor, case: Case, referral: Referral, seen: Seen
) -> tuple[str | None, str | None]:
    """The reason and the answer, for those who may see the person; whoever is shown them is noted in `seen`.

    None where there is none, where it opens with no key that is known here, and for everybody else.
    """
    if not names(actor, case):
        return None, None
    reason = _opened(runtime, reason_place(referral.id), "reason", referral.reason)
    answer = _opened(runtime, answer_place(referral.id), "answer", referral.answer)
    if reason is not None or answer is not None:
        seen.person(case.id)
    return reason, answer


def _opened(runtime: Runtime, place: str, name: str, sealed: bytes | None) -> str | None:
    if not sealed:
        return None
    try:
        words = runtime.sealer.open(place, sealed).get(name)
    except UnsealError:
        return None
    return words if isinstance(words, str) else None
