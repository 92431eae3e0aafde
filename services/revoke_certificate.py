"""Revoking a certificate, and asking for another one of the same case."""

from uuid import UUID

from access.actor import Actor
from access.bounds import bounds_of
from access.policy import Action, may
from access.trail import record
from models.certificate import Certificate
from models.database import staff_transaction
from models.state import CaseEventKind, CaseState, CertificateState
from services.ask_certificate import ask_certificate
from services.certificate_content import read_content
from services.change_case import advance, counted, locked_case, note, save_case
from services.count_change import add_counts
from services.problem import Conflict, Current, NotFound
from services.runtime import Runtime
from services.sign_certificates import check_version, in_state, locked_certificates
from services.verify_release_test import given_reason
from triage.lifecycle import CASE


async def revoke_certificate(
    runtime: Runtime, actor: Actor, certificate_id: UUID, reason: str, version: int | None = None
) -> Certificate:
    """Takes a signed certificate back: from now on whoever verifies it is told so. The same head again changes nothing.

    Raises InvalidInput, Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.SIGN_CERTIFICATE):
        raise NotFound
    words = given_reason(reason)
    async with staff_transaction(bounds_of(actor)) as connection:
        certificates, cases = await locked_certificates(connection, actor, [certificate_id])
        certificate = certificates.get(certificate_id)
        if certificate is None:
            raise NotFound
        case = cases[certificate.case_id]
        if certificate.state == CertificateState.REVOKED and certificate.revoked_by == actor.account_id:
            return certificate
        check_version(certificate, version)
        in_state(certificate, CertificateState.SIGNED)
        now = runtime.clock.now()
        before = advance(case, "REVOKE", now)
        certificate.state, certificate.revoked_at = CertificateState.REVOKED, now
        certificate.revoked_by, certificate.version = actor.account_id, certificate.version + 1
        certificate.revoke_reason = runtime.sealer.seal(f"certificate_revoke:{certificate.id}", {"reason": words})
        await certificate.save(
            using_db=connection, update_fields=["state", "revoked_at", "revoked_by", "revoke_reason", "version"]
        )
        await save_case(connection, case)
        await add_counts(connection, [counted(runtime.clock, case, before, now)])
        kind, detail = CaseEventKind.CERTIFICATE_REVOKED, {"reason": words}
        await note(connection, runtime.sealer, actor, case, kind, now, subject=certificate.id, detail=detail)
        objects = [str(certificate.id), str(case.id)]
        await record(connection, actor, "revoke_certificate", now, objects, area_no=case.area_no)
    return certificate


async def renew_certificate(runtime: Runtime, actor: Actor, case_id: UUID, version: int | None = None) -> Certificate:
    """Puts another certificate of a case into the queue whose last one was revoked, for a wrong name perhaps.

    Where one waits already, that is the answer. Raises Conflict (WRONG_STATE, STALE_VERSION) and NotFound.
    """
    if not may(actor, Action.RELEASE_CASE):
        raise NotFound
    async with staff_transaction(bounds_of(actor)) as connection:
        case = await locked_case(connection, actor, case_id, version)
        before = await Certificate.filter(case_id=case.id).order_by("-asked_at", "-id").using_db(connection)
        # By its state and not by its place: the installation's clock may have been moved back between two of them.
        standing = next((one for one in before if one.state != CertificateState.REVOKED), None)
        signed = standing is not None and standing.state != CertificateState.AWAITING_SIGNATURE
        if case.state != CaseState.COMPLETED or not before or not case.identity or signed:
            values: dict[str, object] = {"state": case.state.value, "allowed": CASE.allowed(case.state)}
            raise Conflict("WRONG_STATE", Current("CASE", case.id), values)
        if standing is not None:
            return standing
        now = runtime.clock.now()
        released_on = read_content(runtime.sealer, before[0].id, before[0].content).released_on
        certificate = await ask_certificate(runtime, connection, case, now, released_on)
        objects = [str(certificate.id), str(case.id)]
        await record(connection, actor, "renew_certificate", now, objects, area_no=case.area_no)
    return certificate
