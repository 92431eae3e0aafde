"""Uploading photos and adding them: what it takes, and what it answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from graph.global_id import uuid_of
from graph.schema.evidence import Evidence
from graph.schema.evidence_enums import EvidenceKind
from graph.schema.problem import Conflict, InvalidInput, NotFound, TooManyRequests
from services.attach_evidence import Target
from services.problem import NotFound as Unknown


@strawberry.input(description="A photo that is to be uploaded.")
class RequestUploadInput:
    """See the description."""

    kind: EvidenceKind = strawberry.field(description="What it shows.")


@strawberry.type(
    description="How one photo can be uploaded: POST its file as the body, with the ticket as bearer token."
)
class UploadTicket:
    """See the description."""

    evidence_id: strawberry.ID = strawberry.field(description="The id that the photo will have; name it in `evidence`.")
    url: str = strawberry.field(description="Where to, below this server's address.")
    ticket: str = strawberry.field(description="To be sent as `Authorization: Bearer <ticket>`.")
    expires_at: datetime = strawberry.field(
        description="Until when it can be uploaded; the same file may be sent again and again."
    )
    most_bytes: int = strawberry.field(description="The largest file that is taken.")
    formats: list[str] = strawberry.field(description="The formats that are taken.")


@strawberry.input(description="Photos for something that was declared already. Give exactly one of the two ids.")
class AttachEvidenceInput:
    """See the description."""

    evidence: list[strawberry.ID] = strawberry.field(description="The ids of uploaded photos.")
    declaration_id: strawberry.ID | None = strawberry.field(
        default=None, description="The declaration; of one's own phone, or as staff."
    )
    case_id: strawberry.ID | None = strawberry.field(default=None, description="The case; for staff.")

    def target(self) -> Target:
        """As the service takes it. Raises NotFound for what is no id of theirs."""
        return Target(
            uuid_of("Case", self.case_id) if self.case_id is not None else None,
            uuid_of("Declaration", self.declaration_id) if self.declaration_id is not None else None,
        )


@strawberry.type(description="The photos were added.")
class EvidenceAttached:
    """See the description."""

    evidence: list[Evidence] = strawberry.field(description="All photos of that declaration or case, oldest first.")


@strawberry.input(description="A photo that is to be taken away.")
class RemoveEvidenceInput:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The photo.")
    reason: str | None = strawberry.field(
        default=None, description="Why: needed of staff, and kept in the timeline of the case."
    )


@strawberry.type(description="The photo is gone: nobody can look at it any more.")
class EvidenceRemoved:
    """See the description."""

    evidence_id: strawberry.ID = strawberry.field(description="The id that it had.")
    removed_at: datetime = strawberry.field(description="When it was taken away.")


RequestUploadResult = Annotated[
    UploadTicket | NotFound | TooManyRequests,
    strawberry.union("RequestUploadResult", description="A ticket, or why there is none."),
]
AttachEvidenceResult = Annotated[
    EvidenceAttached | InvalidInput | NotFound,
    strawberry.union("AttachEvidenceResult", description="The photos, or why none was added."),
]
RemoveEvidenceResult = Annotated[
    EvidenceRemoved | InvalidInput | NotFound | Conflict,
    strawberry.union("RemoveEvidenceResult", description="That it is gone, or why it is not."),
]


def evidence_ids(ids: list[strawberry.ID] | None) -> tuple[UUID, ...]:
    """The keys of photos, in their order.

    For what is no id of a photo a key that no photo has: it is unknown like any other that is, at its own place.
    """
    return tuple(_key(place, one) for place, one in enumerate(ids or ()))


def _key(place: int, id: strawberry.ID) -> UUID:
    try:
        return uuid_of("Evidence", id)
    except Unknown:
        return UUID(int=place)
