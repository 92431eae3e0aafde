"""Certificates that an isolation is over."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from graph.context import Info
from graph.global_id import global_id
from graph.schema.release_enums import CertificateAction, CertificateState, Validity
from graph.schema.resolved import resolved
from graph.schema.staff import Staff, staff_or_none
from services import rows
from services.certificate_actions import certificate_actions
from services.read_certificate import certificate_ticket
from services.verify_certificate import Verification

if TYPE_CHECKING:
    from graph.schema.case import Case

CERTIFICATES_PATH = "/certificates"

_FETCHED = (
    "Where the signed PDF can be fetched, below this server's address, for the next five minutes and with no header, "
    "while your session lasts. Each look is on record. Null until it was signed, and once it was revoked."
)


@strawberry.type(description="A certificate that an isolation is over, as the station has it.")
class Certificate:
    """See the description."""

    id: strawberry.ID = strawberry.field(description="The certificate's id.")
    code: str = strawberry.field(description="The code by which anybody verifies it, and its number.")
    state: CertificateState = strawberry.field(description="Where it stands.")
    asked_at: datetime = strawberry.field(description="Since when it was there to be signed.")
    signed_at: datetime | None = strawberry.field(description="When it was signed.")
    revoked_at: datetime | None = strawberry.field(description="When it was taken back.")
    version: int = strawberry.field(description="Grows with every change; give it back when you sign or revoke.")
    row: strawberry.Private[rows.Certificate]

    @classmethod
    def of(cls, row: rows.Certificate) -> "Certificate":
        """The certificate of a row."""
        return cls(
            id=strawberry.ID(global_id("Certificate", row.id)),
            code=row.code,
            state=row.state,
            asked_at=row.asked_at,
            signed_at=row.signed_at,
            revoked_at=row.revoked_at,
            version=row.version,
            row=row,
        )

    @resolved("The case that it is of.")
    async def case(self, info: Info) -> Annotated["Case", strawberry.lazy("graph.schema.case")] | None:
        """Loaded for all certificates of the answer at once."""
        from graph.schema.case import Case

        row = await info.context.loaders.cases.load(self.row.case_id)
        return Case.of(row) if row else None

    @resolved("Who has signed it.")
    def signed_by(self, info: Info) -> Staff | None:
        """Loaded for all of the answer at once."""
        return staff_or_none(info, self.row.signed_by)

    @resolved("Who has taken it back.")
    def revoked_by(self, info: Info) -> Staff | None:
        """Loaded for all of the answer at once."""
        return staff_or_none(info, self.row.revoked_by)

    @resolved(_FETCHED, by_account=True)
    def url(self, info: Info) -> str | None:
        """A ticket of its own for each answer."""
        return _url(certificate_ticket(info.context.runtime, info.context.actor, self.row))

    @resolved("What you may do with it as it stands.")
    def allowed_actions(self, info: Info) -> list[CertificateAction]:
        """By role and state."""
        return [CertificateAction(act) for act in certificate_actions(info.context.actor, self.row)]


@strawberry.type(description="The certificate of somebody whom your phone has declared.")
class MyCertificate:
    """See the description."""

    declaration_id: strawberry.ID = strawberry.field(description="The declaration that it belongs to.")
    code: str = strawberry.field(description="The code by which anybody verifies it, and its number.")
    state: CertificateState = strawberry.field(description="Where it stands.")
    signed_at: datetime | None = strawberry.field(description="When it was signed.")
    row: strawberry.Private[rows.Certificate]
    declaration: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: rows.Certificate, declaration: UUID) -> "MyCertificate":
        """The certificate of a row."""
        return cls(
            declaration_id=strawberry.ID(global_id("Declaration", declaration)),
            code=row.code,
            state=row.state,
            signed_at=row.signed_at,
            row=row,
            declaration=declaration,
        )

    @resolved(_FETCHED, by_account=True)
    def url(self, info: Info) -> str | None:
        """A ticket of its own for each answer."""
        context = info.context
        return _url(certificate_ticket(context.runtime, context.actor, self.row, self.declaration))


@strawberry.type(description="What a certificate's code stands for. It says nothing of a person.")
class CertificateVerification:
    """See the description."""

    validity: Validity = strawberry.field(description="Whether it is valid.")
    station: str | None = strawberry.field(description="The station that has issued it; null for an unknown one.")
    signed_on: date | None = strawberry.field(description="The day on which it was signed.")
    revoked_on: date | None = strawberry.field(description="The day on which it was taken back.")

    @classmethod
    def of(cls, found: Verification) -> "CertificateVerification":
        """As the API says it."""
        return cls(
            validity=found.validity, station=found.station, signed_on=found.signed_on, revoked_on=found.revoked_on
        )


def _url(ticket: str | None) -> str | None:
    return f"{CERTIFICATES_PATH}/{ticket}" if ticket else None
