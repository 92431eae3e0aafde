"""Tickets to upload one photo with, and whose it is until a declaration or a case takes it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from access.actor import Actor
from access.bounds import phone_grantee
from access.object_ticket import make_ticket, read_ticket
from access.policy import Action, may
from models.identifier import uuid7
from models.state import EvidenceKind
from services.limit_rules import Rule
from services.problem import NotFound
from services.runtime import Runtime

MOST_BYTES = 10 * 1024 * 1024
"""The largest file of a photo: a phone's own are two to six MiB."""
LASTS = timedelta(minutes=30)
"""As long as somebody on a bad line may take to try again and again."""

_PURPOSE = "upload"


@dataclass(frozen=True, slots=True)
class Upload:
    """One photo that somebody may upload. `owner` is who alone can use it; without one, whoever has its id."""

    id: UUID
    kind: EvidenceKind
    owner: str | None


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """The ticket, the identifier that the photo will have, and until when it can be uploaded."""

    ticket: str
    evidence_id: UUID
    expires_at: datetime


def owner_of(actor: Actor) -> str | None:
    """Under which name an actor owns what it has uploaded; None for the anonymous, whom nothing tells apart."""
    if actor.phone_hash is not None:
        return phone_grantee(actor.phone_hash)
    return f"account:{actor.account_id}" if actor.account_id is not None else None


async def request_upload(runtime: Runtime, actor: Actor, kind: EvidenceKind) -> UploadTicket:
    """A ticket for one photo. Nothing is written: what is never uploaded leaves nothing behind.

    Raises NotFound where the actor may not upload, TooManyRequests.
    """
    if not may(actor, Action.UPLOAD_EVIDENCE):
        raise NotFound
    owner = owner_of(actor)
    await runtime.limits.hit(Rule.UPLOAD_BY_ADDRESS, actor.origin)
    await runtime.limits.hit(Rule.UPLOAD_BY_SENDER, owner)
    id, until = uuid7(), runtime.clock.now() + LASTS
    said = {"id": str(id), "kind": kind.value, "owner": owner}
    return UploadTicket(make_ticket(runtime.sealer, _PURPOSE, said, until), id, until)


def read_upload(runtime: Runtime, ticket: str) -> Upload:
    """What a ticket lets its holder upload. Raises BadTicket."""
    said = read_ticket(runtime.sealer, _PURPOSE, ticket, runtime.clock.now())
    return Upload(UUID(said["id"]), EvidenceKind(said["kind"]), said["owner"])
