"""Photos of tests and identity papers, as they are listed."""

from datetime import datetime

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.evidence_enums import EvidenceKind
from graph.schema.resolved import resolved
from services import rows
from services.read_evidence import evidence_ticket

EVIDENCE_PATH = "/evidence"


@strawberry.type(description="A photo. It was drawn anew when it was uploaded: its file says nothing but the picture.")
class Evidence:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="Its id, as its upload answered.")
    kind: EvidenceKind = strawberry.field(description="What it shows.")
    size: int = strawberry.field(description="The size of its file, a JPEG, in bytes.")
    width: int = strawberry.field(description="Its width in pixels.")
    height: int = strawberry.field(description="Its height in pixels.")
    uploaded_at: datetime = strawberry.field(description="When it was uploaded.")
    row: strawberry.Private[rows.Evidence]

    @classmethod
    def of(cls, row: rows.Evidence) -> "Evidence":
        """The photo of a row."""
        return cls(
            id=strawberry.ID(global_id("Evidence", row.id)),
            kind=EvidenceKind(row.kind),
            size=row.size or 0,
            width=row.width or 0,
            height=row.height or 0,
            uploaded_at=row.uploaded_at or row.created_at,
            row=row,
        )

    @resolved(
        "Where the picture can be fetched, below this server's address, for the next five minutes and with no header: "
        "for the staff who may see it, while their session lasts. Each look is on record. Null for residents.",
        by_account=True,
    )
    def url(self, info: Info) -> str | None:
        """A ticket of its own for each answer."""
        ticket = evidence_ticket(info.context.runtime, info.context.actor, self.row.id)
        return f"{EVIDENCE_PATH}/{ticket}" if ticket else None
