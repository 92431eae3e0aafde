"""Certificates: the queue, signing, taking back, one's own, and verifying."""

from typing import Annotated

import strawberry

from access.policy import Action
from graph.context import Info
from graph.global_id import uuid_of
from graph.schema.arguments import After, AreaId, First, area_key
from graph.schema.bulk_payload import each, named
from graph.schema.certificate import Certificate, CertificateVerification, MyCertificate
from graph.schema.page import Connection, connected
from graph.schema.release_enums import CertificateState
from graph.schema.release_payload import (
    CertificateChanged,
    CertificatesSigned,
    RenewCertificateInput,
    RenewCertificateResult,
    RevokeCertificateInput,
    RevokeCertificateResult,
    SignCertificateInput,
    SignCertificateResult,
    SignCertificatesInput,
    SignCertificatesResult,
)
from graph.schema.resolved import mutating, querying
from services.change_cases import Chosen
from services.list_certificates import list_certificates, own_certificates
from services.revoke_certificate import renew_certificate, revoke_certificate
from services.sign_certificates import sign_certificate, sign_certificates
from services.verify_certificate import verify_certificate


@strawberry.type
class CertificateQuery:
    """To read."""

    @querying("The certificates of an area, those that wait the longest first.", Action.RELEASE_CASE)
    async def certificates(
        self,
        info: Info,
        area_id: AreaId = None,
        states: Annotated[
            list[CertificateState] | None, strawberry.argument(description="Only those in these states.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Certificate]:
        """One page."""
        context, area = info.context, area_key(area_id)
        actor = context.account()
        async with context.operation.reading() as connection:
            page = await list_certificates(actor, connection, area, states, first, after)
        context.operation.seen.page("see_certificates", (row.case_id for row in page.items), area or actor.area_id)
        return connected(page, Certificate.of, after)

    @querying("The certificates of whom your phone has declared, oldest first.", Action.FETCH_CERTIFICATE)
    async def my_certificates(
        self,
        info: Info,
        declaration_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those of this declaration.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[MyCertificate]:
        """None where nothing is over yet."""
        declaration = uuid_of("Declaration", declaration_id) if declaration_id is not None else None
        page = await own_certificates(info.context.actor, declaration, first, after)
        return connected(page, lambda one: MyCertificate.of(*one), after)

    @querying("Whether a certificate is valid, by the code that stands on it.", Action.VERIFY_CERTIFICATE)
    async def verify_certificate(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description="The code; case, blanks and dashes do not matter.")],
    ) -> CertificateVerification:
        """Nothing of a person."""
        context = info.context
        return CertificateVerification.of(await verify_certificate(context.runtime, context.actor.origin, code))


@strawberry.type
class CertificateMutation:
    """To sign and to take back."""

    @mutating("Signs a certificate. The PDF follows within seconds.", Action.SIGN_CERTIFICATE)
    async def sign_certificate(self, info: Info, input: SignCertificateInput) -> SignCertificateResult:
        """The certificate."""
        actor = info.context.account()
        await info.context.next_mutation()
        row = await sign_certificate(info.context.runtime, actor, uuid_of("Certificate", input.id), input.version)
        return CertificateChanged(certificate=Certificate.of(row))

    @mutating(
        "Signs up to 300 certificates. Those that cannot be signed say why; the others are signed.",
        Action.SIGN_CERTIFICATE,
    )
    async def sign_certificates(self, info: Info, input: SignCertificatesInput) -> SignCertificatesResult:
        """What came of each."""
        context, actor = info.context, info.context.account()
        await context.next_mutation()
        chosen = [Chosen(named("Certificate", one.id), one.version) for one in input.certificates]
        found = await sign_certificates(context.runtime, actor, chosen)
        return CertificatesSigned(
            results=await each(info, found, lambda row: CertificateChanged(certificate=Certificate.of(row)))
        )

    @mutating("Takes a certificate back: whoever verifies it from now on is told so.", Action.SIGN_CERTIFICATE)
    async def revoke_certificate(self, info: Info, input: RevokeCertificateInput) -> RevokeCertificateResult:
        """The certificate."""
        actor = info.context.account()
        await info.context.next_mutation()
        id = uuid_of("Certificate", input.id)
        row = await revoke_certificate(info.context.runtime, actor, id, input.reason, input.version)
        return CertificateChanged(certificate=Certificate.of(row))

    @mutating(
        "Asks for another certificate of a case whose last one was taken back, as its person stands now.",
        Action.RELEASE_CASE,
    )
    async def renew_certificate(self, info: Info, input: RenewCertificateInput) -> RenewCertificateResult:
        """The certificate that waits."""
        actor = info.context.account()
        await info.context.next_mutation()
        row = await renew_certificate(info.context.runtime, actor, uuid_of("Case", input.case_id), input.version)
        return CertificateChanged(certificate=Certificate.of(row))
