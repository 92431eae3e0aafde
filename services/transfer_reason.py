"""Why a case goes to another ward: sealed, and unsealed for the staff who may see the person."""

from uuid import UUID

from access.actor import Actor
from access.policy import Action, may
from access.sealing import UnsealError
from models.transfer import Transfer
from services.runtime import Runtime
from services.seen import Seen


def sealed_reason(runtime: Runtime, transfer_id: UUID, words: str) -> bytes:
    """The reason as it is kept."""
    return runtime.sealer.seal(transfer_place(transfer_id), {"reason": words})


def transfer_reason(runtime: Runtime, actor: Actor, transfer: Transfer, seen: Seen) -> str | None:
    """The reason of a transfer that the actor was shown, for both wards; None where it was made anonymous, where no
    key opens it, and for a role that sees no persons. Whoever is shown one is noted in `seen`."""
    if not transfer.reason or not may(actor, Action.SEE_PERSON):
        return None
    try:
        words = runtime.sealer.open(transfer_place(transfer.id), transfer.reason)["reason"]
    except UnsealError:
        return None
    seen.person(transfer.case_id)
    return str(words)


def transfer_place(transfer_id: UUID) -> str:
    """Where the reason of a transfer is sealed."""
    return f"transfer:{transfer_id}"
