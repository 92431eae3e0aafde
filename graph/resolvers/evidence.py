"""Photos: a ticket to upload one, adding it, and taking it away."""

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import global_id, uuid_of
from graph.schema.evidence import Evidence
from graph.schema.evidence_payload import (
    AttachEvidenceInput,
    AttachEvidenceResult,
    EvidenceAttached,
    EvidenceRemoved,
    RemoveEvidenceInput,
    RemoveEvidenceResult,
    RequestUploadInput,
    RequestUploadResult,
    UploadTicket,
    evidence_ids,
)
from graph.schema.resolved import mutating
from graph.uploads import FORMATS, UPLOADS_PATH
from services.attach_evidence import attach_evidence
from services.remove_evidence import remove_evidence
from services.upload_ticket import MOST_BYTES, request_upload


@strawberry.type
class EvidenceMutation:
    """To upload, to add and to take away."""

    @mutating(
        "Gives a ticket to upload one photo with. Needs no session: whoever has none may name the photo by its id.",
        Action.UPLOAD_EVIDENCE,
    )
    async def request_upload(self, info: Info, input: RequestUploadInput) -> RequestUploadResult:
        """The ticket."""
        made = await request_upload(info.context.runtime, info.context.actor, input.kind)
        return UploadTicket(
            evidence_id=strawberry.ID(global_id("Evidence", made.evidence_id)),
            url=UPLOADS_PATH,
            ticket=made.ticket,
            expires_at=made.expires_at,
            most_bytes=MOST_BYTES,
            formats=list(FORMATS),
        )

    @mutating(
        "Adds uploaded photos to a declaration that was sent already, or to a case: nothing urgent waits for them.",
        Action.UPLOAD_EVIDENCE,
    )
    async def attach_evidence(self, info: Info, input: AttachEvidenceInput) -> AttachEvidenceResult:
        """All photos of it."""
        context = info.context
        rows = await attach_evidence(context.runtime, context.actor, input.target(), evidence_ids(input.evidence))
        return EvidenceAttached(evidence=[Evidence.of(row) for row in rows])

    @mutating(
        "Takes a photo away, for good: of one's own declaration while the station has not decided on it, or as staff "
        "with a reason.",
        Action.REMOVE_EVIDENCE,
    )
    async def remove_evidence(self, info: Info, input: RemoveEvidenceInput) -> RemoveEvidenceResult:
        """That it is gone; again is the same answer."""
        context = info.context
        row = await remove_evidence(context.runtime, context.actor, uuid_of("Evidence", input.id), input.reason)
        return EvidenceRemoved(
            evidence_id=strawberry.ID(global_id("Evidence", row.id)), removed_at=row.removed_at or row.created_at
        )
